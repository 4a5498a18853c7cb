from django.apps import AppConfig


class QueuesConfig(AppConfig):
    name = "incidents.queues"
    label = "queues"

from django.apps import AppConfig


class ActorsConfig(AppConfig):
    name = "incidents.actors"
    label = "actors"

from django.apps import AppConfig


class ResponseConfig(AppConfig):
    name = "incidents.response"
    label = "response"

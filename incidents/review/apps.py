from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "incidents.review"
    label = "review"

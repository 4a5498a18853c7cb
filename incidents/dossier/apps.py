from django.apps import AppConfig


class DossierConfig(AppConfig):
    name = "incidents.dossier"
    label = "dossier"

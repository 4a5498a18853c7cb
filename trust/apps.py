from django.apps import AppConfig


class TrustConfig(AppConfig):
    name = "trust"

    def ready(self) -> None:
        import trust.celery  # noqa: F401  the app that @shared_task belongs to

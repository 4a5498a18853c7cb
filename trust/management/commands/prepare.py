"""``manage.py prepare``: bring the database and the static files to what this version of the code needs."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from trust import broker, database, preparation


class Command(BaseCommand):
    help = "Migrate as the owner, set the application's rights, and make what a new installation needs. Safe to repeat."
    requires_system_checks: list[str] = []

    def handle(self, *arguments: Any, **options: Any) -> None:
        app_role = settings.DATABASES["default"]["USER"]
        with database.as_owner():
            call_command("migrate", verbosity=0, interactive=False)
            database.grant_to_application(app_role)
        if not settings.CELERY_BROKER_URL:
            broker.install(settings.MIGRATION_DATABASE_URL, app_role=app_role)
        preparation.run()
        call_command("collectstatic", verbosity=0, interactive=False)

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: people are made by an admin, and set their password by a one-time link."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust.audit import sentences
from trust.permissions import Permission


class AccountsConfig(AppConfig):
    name = "trust.accounts"
    label = "accounts"

    def ready(self) -> None:
        sentences.register_noun(
            "accounts.user",
            one=_("person"),
            many=_("people"),
            route="accounts:person",
            permission=Permission.READ_SETTINGS,
        )
        sentences.register_noun("accounts.apikey", one=_("API key"), many=_("API keys"))
        sentences.register_noun("accounts.clearance", one=_("clearance"), many=_("clearances"))
        sentences.register(
            {
                "person.created": _("%(by)s added %(user)s"),
                "person.roles_changed": _("%(by)s changed the roles of %(user)s"),
                "person.deactivated": _("%(by)s ended the account of %(user)s"),
                "person.reactivated": _("%(by)s opened the account of %(user)s again"),
                "person.link_made": _("%(by)s made a one-time link for %(user)s"),
                "person.edited": _("%(by)s changed their own settings"),
                "api_key.created": _("%(by)s made %(apikey)s for %(user)s"),
                "api_key.approved": _("%(by)s approved %(apikey)s"),
                "api_key.revoked": _("%(by)s revoked %(apikey)s"),
                "clearance.granted": _("%(by)s granted %(clearance)s to %(user)s"),
                "clearance.approved": _("%(by)s approved %(clearance)s of %(user)s"),
                "clearance.revoked": _("%(by)s revoked %(clearance)s of %(user)s"),
            }
        )

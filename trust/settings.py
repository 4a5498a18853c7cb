"""Django's settings. What differs between installations is read from the environment; secrets have no default."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF

from trust import environment, logs
from trust.embedded import postgres

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = environment.data_dir()
PORT = environment.number("PORT", default=8000, least=1, most=65535)
DEBUG = environment.flag("DEBUG", default=False)
DEMO = environment.flag("DEMO", default=True)
SECRET_KEY = environment.secret("SECRET_KEY")
IDENTIFIER_KEY = environment.secret("IDENTIFIER_KEY")  # HMAC of actors' identifiers
FIELD_KEY = environment.secret("FIELD_KEY")  # seals webhook secrets in the database
PUBLIC_URL = environment.text("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}")
# What leaves is in the name of it.
ORGANISATION_NAME = environment.text("ORGANISATION_NAME", default="An organisation that runs Trustdesk")
IS_HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", default=f"{urlsplit(PUBLIC_URL).hostname},127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "rest_framework",
    "trust",
    "trust.audit",
    "trust.accounts",
    "trust.notes",
    "trust.outgoing",
    "trust.jobs",
    "trust.saved",
    "policies",
    "incidents.actors",
    "incidents.intake",
    "incidents.inbound",
    "incidents.imports",
    "incidents.search",
    "incidents.wellbeing",
    "incidents.queues",
    "incidents.reports",
    "incidents.review",
    "incidents.use_cases",
    "incidents.quality",
    "incidents.guidance",
    "incidents.impact",
    "incidents.enforcement",
    "incidents.appeals",
    "incidents.linking",
    "incidents.backfill",
    "incidents.response",
    "incidents.sharing",
    "incidents.dossier",
    "incidents.statistics",
    "incidents.retrospectives",
    "incidents.notices",
    "incidents.desk",
]

MIDDLEWARE = [
    "trust.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "trust.middleware.response_headers",
    "trust.middleware.database_away",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "trust.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "trust.middleware.own_language",
    "trust.middleware.time_zone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "trust.middleware.untaken_forms",
    "allauth.account.middleware.AccountMiddleware",
    "trust.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "trust.urls"
WSGI_APPLICATION = "trust.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "trust.rail.rail",
            ],
            "builtins": ["django.templatetags.i18n"],
        },
    }
]

# --- Database -------------------------------------------------------------------------------------------------------


def database(url: str) -> dict[str, Any]:
    """Translate ``postgresql://user:password@host:port/name?option=value`` into Django's dictionary."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise environment.BadSetting("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"connect_timeout": 5, **options},
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": f"test_{unquote(parts.path.lstrip('/'))}"},
    }


_embedded = postgres.urls(DATA_DIR)
DATABASE_URL = environment.text("DATABASE_URL", default=_embedded.app)
IS_DATABASE_EMBEDDED = _embedded.app == DATABASE_URL
MIGRATION_DATABASE_URL = environment.text(
    "MIGRATION_DATABASE_URL", default=_embedded.owner if IS_DATABASE_EMBEDDED else DATABASE_URL
)
DATABASES = {"default": database(DATABASE_URL)}
OWNER_DATABASE = database(MIGRATION_DATABASE_URL)  # for trust.database.as_owner()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Background work ------------------------------------------------------------------------------------------------

# Beyond so many alerts that wait for a queue, senders are asked to wait: 0 lets any number wait.
INTAKE_MOST_WAITING = environment.number("INTAKE_MOST_WAITING", default=1_000_000, least=0, most=10**9)
PRIORITY_BY_ACCURACY = environment.flag("PRIORITY_BY_ACCURACY", default=True)
PUBLIC_GUIDELINES = environment.flag("PUBLIC_GUIDELINES", default=False)
CELERY_BROKER_URL = environment.text("CELERY_BROKER_URL", default="")  # trust/celery.py fills in the default

# --- Enforcement ----------------------------------------------------------------------------------------------------

# until another lead has to have reviewed what one lead carried out alone
BREAK_GLASS_REVIEW_HOURS = environment.number("BREAK_GLASS_REVIEW_HOURS", default=24, least=1, most=168)

# --- Appeals --------------------------------------------------------------------------------------------------------

CONFIRM_IN_FORCE_HOURS = environment.number("CONFIRM_IN_FORCE_HOURS", default=24, least=0, most=168)  # 0: never
APPEAL_DAYS = environment.number("APPEAL_DAYS", default=14, least=1, most=183)  # until one is due to be judged
APPEAL_LINK_DAYS = environment.number("APPEAL_LINK_DAYS", default=183, least=1, most=3650)  # an actor may appeal

# --- Signing in -----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["trust.accounts.hashers.Argon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "trust.accounts.adapter.ClosedAdapter"
ACCOUNT_FORMS = {
    "login": "trust.accounts.forms.SignInForm",
    "reset_password": "trust.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "trust.accounts.forms.ResetPasswordKeyForm",
    "change_password": "trust.accounts.forms.ChangePasswordForm",
    "set_password": "trust.accounts.forms.SetPasswordForm",
    "reauthenticate": "trust.accounts.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {
    "login": "20/m/ip",
    "login_failed": "20/m/ip,5/m/key",
    "reset_password": "3/h/ip,3/h/key",
}
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "session"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "trust.problems.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
_mail = environment.mail_server("EMAIL_URL")
IS_EMAIL_ON = _mail is not None
_backend = f"django.core.mail.backends.{'smtp' if _mail else 'console'}.EmailBackend"
EMAIL_BACKEND = environment.text("EMAIL_BACKEND", default=_backend)
if _mail:
    EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp+tls"
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", default=f"trustdesk@{urlsplit(PUBLIC_URL).hostname}")

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- What browsers are told (SECURITY: a strict policy, no exception) -------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- The API --------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["trust.accounts.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["trust.accounts.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["trust.bodies.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "trust.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Trustdesk API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",  # JSON Schema as the types of intake write it
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": ["trust.accounts.authentication.ApiKeyAuthentication"],
    "SERVE_PERMISSIONS": ["trust.accounts.authentication.HasAnyKey"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "ActorKindEnum": "incidents.actors.models.Actor.Kind",
        "EnforcementKindEnum": "policies.vocabulary.EnforcementKind",
        "IncidentStatusEnum": "incidents.response.models.Incident.Status",
    },
}
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # e-mail addresses are unique without case, by a constraint
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # forms; API bodies are read by trust.bodies
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
FILE_UPLOAD_HANDLERS = ["trust.uploads.Quota", "django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# --- Language, time, files, logs --------------------------------------------------------------------------------------

LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # each by its own name; the account's constraint knows them too
LANGUAGE_CODE = environment.one_of("DEFAULT_LANGUAGE", default="en", known=dict(LANGUAGES))
LANGUAGE_COOKIE_NAME = "__Host-language" if IS_HTTPS else "language"
LANGUAGE_COOKIE_AGE = int(timedelta(days=365).total_seconds())
LANGUAGE_COOKIE_SECURE = IS_HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "trust" / "locale"]
FORMAT_MODULE_PATH = ["trust.formats"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WEBHOOK_ALLOWED_NETWORKS = environment.networks(
    "WEBHOOK_ALLOWED_NETWORKS", default="127.0.0.0/8,::1/128" if DEMO else ""
)
LOGGING = logs.logging_settings(level=environment.text("LOG_LEVEL", default="INFO"))
LOGGING_CONFIG = "logging.config.dictConfig"
logs.configure()

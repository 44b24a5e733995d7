"""Settings. Production reads everything from the environment and has no default secret.

``NRM_MODE`` is ``production`` (the default), ``demo`` or ``test``. In demo and test the secrets come from the
git-ignored folder ``.local``, made on the first start. ``NRM_ROLE`` says as which database role the process connects,
and so which secrets it reads (``nrm.secrets``): ``app`` (web), ``worker`` (Celery, cron), ``beat`` (rings only),
``owner`` (migrations only).
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dj_database_url
import pghistory
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from nrm import environment, local, secrets
from profiles.profile import named

BASE_DIR = Path(__file__).resolve().parent.parent
NRM_MODE = environment.text("NRM_MODE", "production")
if NRM_MODE not in {"production", "demo", "test"}:
    raise ImproperlyConfigured("NRM_MODE must be production, demo or test.")
IS_PRODUCTION = NRM_MODE == "production"
ROLE_OF_COMMAND = {
    "migrate": "owner",
    "make_roles": "admin",
    "matching_records": "owner",
    "backup": "backup",
    "audit_seal": "worker",
    "audit_verify": "worker",
    "send_reminders": "worker",
    "alarm_clock": "worker",
}
NRM_ROLE = environment.text("NRM_ROLE", next((ROLE_OF_COMMAND.get(word, "app") for word in sys.argv[1:2]), "app"))
if NRM_ROLE not in secrets.HELD:
    raise ImproperlyConfigured(f"NRM_ROLE must be one of {', '.join(secrets.HELD)}.")
DEFAULTS = {} if IS_PRODUCTION else local.secrets(BASE_DIR / ".local")


def own(name: str, default: str | None = None, *, read: Callable[..., str] = environment.text) -> str:
    """A secret, where this process holds it; empty where it does not, or where it may do without."""
    if IS_PRODUCTION and not secrets.is_held(name, NRM_ROLE):
        return ""
    is_optional = IS_PRODUCTION and not secrets.is_needed(name, NRM_ROLE)
    if is_optional and not environment.given(name):
        return ""
    return read(name, DEFAULTS.get(name, default))


SECRET_KEY = own("SECRET_KEY")
MASTER_KEY = own("MASTER_KEY", read=environment.key)
# Makes the tokens by which possible doubles are found; whoever has it can try names on a stolen backup.
MATCHING_KEY = own("MATCHING_KEY", read=environment.key)
# Signs the seals of the audit. Only the worker seals; a web process never holds this key.
AUDIT_SIGNING_KEY = own("AUDIT_SIGNING_KEY", read=environment.key)
LOCATION_MASTER_KEY = own("LOCATION_MASTER_KEY", read=environment.key)
if MATCHING_KEY and MATCHING_KEY == MASTER_KEY:
    raise ImproperlyConfigured("MATCHING_KEY must not be the same key as MASTER_KEY.")
if LOCATION_MASTER_KEY and LOCATION_MASTER_KEY in (MASTER_KEY, MATCHING_KEY):
    raise ImproperlyConfigured("LOCATION_MASTER_KEY must not be the same key as MASTER_KEY or MATCHING_KEY.")
COUNTRY_PROFILE = environment.text("COUNTRY_PROFILE", "nl")
BASE_URL = environment.text("BASE_URL", None if IS_PRODUCTION else "http://127.0.0.1:8000")
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS", None if IS_PRODUCTION else "127.0.0.1,localhost,testserver")
DEBUG = False
# In production unless it is switched off by name.
REQUIRE_SECOND_FACTOR = environment.flag("REQUIRE_SECOND_FACTOR", default=IS_PRODUCTION)

INSTALLED_APPS = [
    "core",
    "profiles",
    "audit",
    "accounts",
    "cases",
    "referrals",
    "reporting",
    "nrm",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "guardian",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "drf_spectacular",
]
MIDDLEWARE = [
    "nrm.health.HealthMiddleware",
    "nrm.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # A line of 400 kbit/s: decision 0016. Static files are compressed when they are collected.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "nrm.lock.ScreenLockMiddleware",
    "nrm.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "nrm.middleware.OuterMiddleware",
]
ROOT_URLCONF = "nrm.urls"
WSGI_APPLICATION = "nrm.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "nrm.context.house",
            ],
            "builtins": ["django.templatetags.i18n"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
        },
    }
]
FORM_RENDERER = "core.renderer.GovukRenderer"

# -- database --------------------------------------------------------------------------------------------------------

ROLE_PASSWORDS = {role: own(name, DEFAULTS.get("ROLE_PASSWORD")) for role, name in secrets.PASSWORDS.items()}
DATABASE_URL = environment.text("DATABASE_URL", DEFAULTS.get("DATABASE_URL"))
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **dj_database_url.parse(DATABASE_URL),
        "USER": f"nrm_{NRM_ROLE}",
        "PASSWORD": ROLE_PASSWORDS.get(NRM_ROLE, ""),
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 0,
        # A database that is away, or back under the same name, is noticed by the next request, not by a minute's wait.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3, "tcp_user_timeout": 5000},
    }
}
if environment.flag("DATABASE_POOL"):
    # Threads of one web process share connections; settings of row-level security are local to the transaction.
    size = environment.number("DATABASE_POOL_SIZE", 8)
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": size, "timeout": 3, "reconnect_timeout": 5}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Events keep keys of rows that are found by the row alone; an index on every one of them would only cost.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)

# -- people ----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.GuessesValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_MAX_EMAIL_ADDRESSES = 1
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
# Wrong passwords are counted by accounts.attempts; here all sign-ins of an address, and wrong second factors.
ACCOUNT_RATE_LIMITS = {"login": "100/m/ip", "login_failed": "100/10m/ip,5/5m/key"}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# The invitation went to the address: nothing about it waits to be proven.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "NRM Casework"
MFA_ADAPTER = "accounts.second_factor.Adapter"
MFA_FORMS = {"authenticate": "accounts.second_factor.SignInForm", "reauthenticate": "accounts.second_factor.AgainForm"}
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 60 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# What limits count, one store for all web processes: in the database, since a sign-in must not depend on Redis.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_limits",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Who opens more pages with case data than this in a minute or an hour is slowed down.
CASE_PAGES_PER_MINUTE = environment.number("CASE_PAGES_PER_MINUTE", 120)
CASE_PAGES_PER_HOUR = environment.number("CASE_PAGES_PER_HOUR", 1200)

# -- transport -------------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = environment.flag("SECURE_SSL_REDIRECT", default=IS_PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SSL_REDIRECT
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("BEHIND_PROXY") else None
# Behind a proxy the address that counts for the limits of sign-in is the one that the proxy saw.
ALLAUTH_TRUSTED_PROXY_COUNT = int(environment.flag("BEHIND_PROXY"))
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []

# -- language, time --------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("nl", _("Dutch"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
# The country's: pages, forms and deadlines count the same civil days.
TIME_ZONE = named(COUNTRY_PROFILE).zone.key
USE_I18N = USE_TZ = True

# -- files -----------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(environment.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static" / "build"] if (BASE_DIR / "static" / "build").exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if NRM_MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = NRM_MODE == "test"

# -- mail, queue -----------------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", None if IS_PRODUCTION else "casework@example.test")
EMAIL_HOST = environment.text("EMAIL_HOST", None if IS_PRODUCTION else "127.0.0.1")
EMAIL_PORT = environment.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = own("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS", default=IS_PRODUCTION)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = environment.text(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if IS_PRODUCTION
    else "django.core.mail.backends.filebased.EmailBackend",
)
EMAIL_FILE_PATH = BASE_DIR / ".local" / "mail"
METRICS_TOKEN = own("METRICS_TOKEN", "")
REDIS_URL = environment.text("REDIS_URL", DEFAULTS.get("REDIS_URL"))
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(BASE_DIR / ".local" / "beat")
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "cases.tasks.tick", "schedule": 30.0},
    "mail": {"task": "cases.tasks.deliver_mail", "schedule": 30.0},
    "seal": {"task": "audit.tasks.seal", "schedule": 60.0},
    "hints": {"task": "reporting.tasks.look_for_hints", "schedule": 3600.0},
    "reconcile": {"task": "cases.tasks.reconcile", "schedule": 3600.0},
    "doubles": {"task": "cases.tasks.find_doubles", "schedule": 300.0},
    "drafts": {"task": "cases.tasks.keep_drafts", "schedule": 6 * 3600.0},
    "submissions": {"task": "cases.tasks.erase_submissions", "schedule": 3600.0},
    "vacancies": {"task": "cases.tasks.find_vacancies", "schedule": 300.0},
    "responsibility": {"task": "cases.tasks.check_responsibility", "schedule": 24 * 3600.0},
    "suspensions": {"task": "referrals.tasks.suspensions", "schedule": 60.0},
    "nightly": {"task": "referrals.tasks.nightly", "schedule": 6 * 3600.0},
}

# -- API -------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.parsers.JSONBody"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "NRM Casework",
    "DESCRIPTION": "National Referral Mechanism: register, refer, decide, appoint.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],
}

# -- logs: no request bodies, no parameters, no names ----------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "nrm.logs.Lines"}},
    "filters": {"content_free": {"()": "nrm.logs.ContentFree"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["content_free"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "nrm": {"level": "INFO"},
        "cases": {"level": "INFO"},
        "audit": {"level": "INFO"},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.db.backends": {"level": "ERROR"},
    },
}

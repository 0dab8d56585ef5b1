"""Every setting of the instance; the only reader of the environment. Each variable is described in docs/settings.md."""

import os
import re
import secrets
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
env.ENVIRON = {name: value for name, value in os.environ.items() if value}  # set to nothing is not set

EVERY_INTERFACE = ("0.0.0.0", "::")  # noqa: S104

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR: Path = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()


def env_bool(name: str, default: bool) -> bool:
    """A true/false variable; anything else is refused rather than guessed.

    Raises:
        ImproperlyConfigured: the variable holds another word.
    """
    raw = env.str(name, default="").strip().lower()
    if raw not in ("", "true", "false"):
        raise ImproperlyConfigured(f"{name} must be true or false, not {raw!r}.")
    return raw == "true" if raw else default


def env_choice(name: str, choices: tuple[str, ...]) -> str:
    """One word out of `choices`; the first is the default.

    Raises:
        ImproperlyConfigured: the variable holds another word.
    """
    value: str = env.str(name, default=choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def env_duration(name: str, default: str) -> timedelta:
    """A length of time: a whole number and a unit, as in `3600s`, `15m`, `72h` or `7d`.

    Raises:
        ImproperlyConfigured: the variable has another form.
    """
    raw: str = env.str(name, default=default)
    if not re.fullmatch(r"[0-9]{1,9}[smhd]", raw):
        raise ImproperlyConfigured(f"{name} must be a number with s, m, h or d behind it, not {raw!r}.")
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[raw[-1]]
    return timedelta(**{unit: int(raw[:-1])})


def env_rate(name: str) -> tuple[int, int] | None:
    """How often something may happen: a number and s, m or h behind a slash, as in `600/m`; answers number and seconds.

    Raises:
        ImproperlyConfigured: the variable has another form.
    """
    raw: str = env.str(name, default="")
    if not raw:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,8}/[smh]", raw):
        raise ImproperlyConfigured(f"{name} must be a number with /s, /m or /h behind it, not {raw!r}.")
    return int(raw[:-2]), {"s": 1, "m": 60, "h": 3600}[raw[-1]]


def secret_key() -> str:
    """The instance's secret: from the environment, else a random one kept beside the data."""
    given: str = env.str("SECRET_KEY", default="")
    if given:
        return given
    file = DATA_DIR / "secret.key"
    if not file.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        try:
            file.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            pass
        else:
            file.write_text(secrets.token_urlsafe(48))
    return file.read_text()


def listening_port(host: str) -> int:
    """The port to listen on: PORT, or for 0 a free one, which the processes started from here on find in PORT."""
    given: int = env.int("PORT", default=8000)
    if given:
        return given
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as free:
        found: int = free.getsockname()[1]
    os.environ["PORT"] = str(found)
    return found


# The instance

DEBUG = env_bool("DEBUG", default=False)
SECRET_KEY = secret_key()
HOST: str = env.str("HOST", default="127.0.0.1")
PORT = listening_port(HOST)
PUBLIC_URL: str = env.str(
    "PUBLIC_URL", default=f"http://{'localhost' if HOST in EVERY_INTERFACE else HOST}:{PORT}"
).rstrip("/")
PRODUCT_NAME: str = env.str("PRODUCT_NAME", default="cxadmin")
WEB_WORKERS: int = env.int("WEB_WORKERS", default=min(os.cpu_count() or 1, 4))
WEB_THREADS: int = env.int("WEB_THREADS", default=4)
NAV_SECURITY_LABEL = env_choice("NAV_SECURITY_LABEL", ("auto", "security_settings", "security"))
PUBLIC_IS_HTTPS = urlsplit(PUBLIC_URL).scheme == "https"

# Every path answers on every host name: the tenant comes from the credential (spec §7), so a client may
# map any of the original's hosts to the emulator. Printed addresses come from PUBLIC_URL, never from a header.
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["*"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
if env_bool("TRUST_PROXY_HEADERS", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The emulator's own tools (docs/lab.md)

LAB = env_bool("LAB", default=True)
LAB_KEY: str = env.str("LAB_KEY", default="")
JOURNAL_ENTRIES: int = env.int("JOURNAL_ENTRIES", default=20000)
JOURNAL_AGE = env_duration("JOURNAL_AGE", "7d")
TENANT_FILES: str = env.str("TENANT_FILES", default="")
TENANT_LIFETIME = env_duration("TENANT_LIFETIME", "1h")

# Rules with a number in them (spec §2)

INVITATION_TTL = env_duration("INVITATION_TTL", "72h")
RESET_TTL = env_duration("RESET_TTL", "24h")
EMAIL_CONFIRM_TTL = env_duration("EMAIL_CONFIRM_TTL", "72h")
LOCK_STEPS_MINUTES: list[int] = env.list("LOCK_STEPS_MINUTES", cast=int, default=[1, 5, 15, 30])
ACCESS_KEY_LIMIT: int = env.int("ACCESS_KEY_LIMIT", default=5)
SCIM_TOKEN_LIMIT: int = env.int("SCIM_TOKEN_LIMIT", default=5)
SCIM_TOKEN_TTL_DAYS: int = env.int("SCIM_TOKEN_TTL_DAYS", default=0)
ACCESS_TOKEN_TTL = env_duration("ACCESS_TOKEN_TTL", "3600s")
REFRESH_TOKEN_TTL = env_duration("REFRESH_TOKEN_TTL", "7200s")
AUTH_CODE_TTL = env_duration("AUTH_CODE_TTL", "60s")
APP_REGISTRATION_MODE = env_choice("APP_REGISTRATION_MODE", ("instant", "manual"))
APP_REGISTRATION_PUBLIC = env_bool("APP_REGISTRATION_PUBLIC", default=True)
APP_DELETION_DELAY = env_duration("APP_DELETION_DELAY", "7d")
SCIM_MAX_COUNT: int = env.int("SCIM_MAX_COUNT", default=200)
SCIM_DEFAULT_COUNT: int = env.int("SCIM_DEFAULT_COUNT", default=100)
# The classic API answers a request without an Accept header with a sentence instead of JSON.
CLASSIC_NEEDS_ACCEPT = env_bool("CLASSIC_NEEDS_ACCEPT", default=False)
RATE_LIMIT_CREDENTIAL = env_rate("RATE_LIMIT_CREDENTIAL")
RATE_LIMIT_TENANT = env_rate("RATE_LIMIT_TENANT")
AUDIT_RETENTION_DAYS: int = env.int("AUDIT_RETENTION_DAYS", default=400)

# Django

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "drf_spectacular_sidecar",
    "heroicons",
    "oauth2_provider",
    "rest_framework",
    "accounts",
    "scim",
    "cxadmin.lab",
]

MIDDLEWARE = [
    "cxadmin.middleware.request_context",
    "cxadmin.lab.clocks.ticking",
    "cxadmin.lab.journal.journal",
    "cxadmin.middleware.Security",
    "cxadmin.lab.faulty.faulty",
    "cxadmin.middleware.scim_door",
    "cxadmin.middleware.ContentSecurityPolicy",
    "cxadmin.middleware.Framing",
    "cxadmin.middleware.StaticFiles",
    "cxadmin.middleware.Compression",
    "cxadmin.middleware.Sessions",
    "cxadmin.middleware.Common",
    "cxadmin.middleware.CsrfProtection",
    "cxadmin.middleware.Authentication",
    "cxadmin.middleware.Language",
    "cxadmin.middleware.Messages",
    "cxadmin.middleware.Htmx",
    "cxadmin.middleware.SignedInOnly",
    "cxadmin.middleware.SignedInEmployee",
    "cxadmin.middleware.BodyLimit",
]

ROOT_URLCONF = "cxadmin.urls"
WSGI_APPLICATION = "cxadmin.wsgi.application"
# SCIM, OAuth and REST clients must never be redirected to a path with a slash; pages end in one.
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "heroicons.templatetags.heroicons",
                "accounts.templatetags.console",
                "cxadmin.lab.templatetags.lab",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "cxadmin.navigation.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
        },
    }
]


def sqlite(path: str) -> dict[str, Any]:
    """SQLite that survives concurrent writers: write-ahead log, write intent declared at BEGIN, a patient busy timeout.

    `synchronous=NORMAL` makes commits about twice as fast; a power cut may lose the last ones, a killed process none.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000; "
                "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
            ),
        },
    }


def database() -> dict[str, Any]:
    """The database of DATABASE_URL; without one, a SQLite file in the data folder."""
    url: str = env.str("DATABASE_URL", default="")
    if not url:
        return sqlite(str(DATA_DIR / "cxadmin.sqlite3"))
    config: dict[str, Any] = env.db_url_config(url)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        return sqlite(config["NAME"])
    # Persistent connections and server-side prepared statements: a connection per request makes PostgreSQL
    # three times slower, preparing saves a fifth of every read (docs/performance.md).
    return {
        **config,
        "CONN_MAX_AGE": None,
        "OPTIONS": {**config.get("OPTIONS", {}), "prepare_threshold": 2, "server_side_binding": True},
    }


FORM_RENDERER = "accounts.console.forms.Renderer"

DATABASES = {"default": database()}
# The request journal: beside the SQLite file in one of its own, on PostgreSQL in the same database.
JOURNAL_DATABASE = "default"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    JOURNAL_DATABASE = "journal"
    DATABASES["journal"] = sqlite(str(Path(DATABASES["default"]["NAME"]).with_suffix(".journal.sqlite3")))
    # Tests make one for each process: straight from the one model it holds.
    DATABASES["journal"]["TEST"] = {"MIGRATE": False}
JOURNAL_FOLDER = DATA_DIR / "journal"
DATABASE_ROUTERS = ["cxadmin.lab.routers.JournalRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What takes longer than a request waits in the database for `cxadmin worker`.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

AUTH_USER_MODEL = "accounts.Employee"
AUTHENTICATION_BACKENDS = ["accounts.authentication.EmployeeBackend"]
PASSWORD_HASHERS = ["accounts.hashers.Argon2"]
# Usernames are unique inside a tenant only (R-EMP-1); our backend never looks one up without its tenant.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
LOGIN_URL = "accounts:login"

SESSION_COOKIE_NAME = "cxadmin_session"
SESSION_COOKIE_SECURE = PUBLIC_IS_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "cxadmin_csrf"
CSRF_COOKIE_SECURE = PUBLIC_IS_HTTPS
CSRF_FAILURE_VIEW = "accounts.views.errors.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC_IS_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ja", "日本語"), ("de", "Deutsch")]
LANGUAGE_COOKIE_NAME = "cxadmin_language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "cxadmin.staticfiles.Storage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

EMAIL_URL: str = env.str("EMAIL_URL", default="")
EMAIL_FROM: str = env.str("EMAIL_FROM", default=f"{PRODUCT_NAME} <no-reply@{urlsplit(PUBLIC_URL).hostname}>")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))

# The toolkit is the OAuth engine; what it stores is ours (accounts/models/applications.py, oauth.py). Tokens are signed
# texts that name their session, so one model stands for all three of its token tables; device codes are not offered.
OAUTH2_PROVIDER_APPLICATION_MODEL = "accounts.Application"
OAUTH2_PROVIDER_GRANT_MODEL = "accounts.AuthorizationCode"
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "accounts.AuthorizationCode"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "accounts.OAuthSession"  # noqa: S105
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "accounts.OAuthSession"  # noqa: S105
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "accounts.OAuthSession"  # noqa: S105

SCIM_SERVICE_PROVIDER = {
    "USER_ADAPTER": "scim.adapters.UserAdapter",
    "GROUP_ADAPTER": "scim.adapters.GroupAdapter",
    "GROUP_MODEL": "accounts.models.Group",
    "SCHEME": urlsplit(PUBLIC_URL).scheme,
    "NETLOC": urlsplit(PUBLIC_URL).netloc,
    "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken"}],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Their debug messages hold codes and tokens.
    "loggers": {"oauthlib": {"level": "WARNING"}, "oauth2_provider": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}

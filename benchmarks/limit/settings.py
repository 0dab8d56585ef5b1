"""Settings of the limit: cxadmin's own database and key, no middleware, one catch-all address."""

from cxadmin.settings import SECRET_KEY, database  # noqa: F401

ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.limit.urls"
DATABASES = {"default": database()}
USE_TZ = True

"""Settings of the stock application: the database is opened as cxadmin opens its own."""

import os

from cxadmin.settings import database

TOKEN = os.environ["TOKEN"]
SECRET_KEY = "benchmark"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django_scim", "benchmarks.stock"]
MIDDLEWARE = ["benchmarks.stock.middleware.StaticToken"]
ROOT_URLCONF = "benchmarks.stock.urls"
AUTH_USER_MODEL = "stock.User"
DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_MODULES = {"auth": None, "contenttypes": None}  # every table is made at once, by syncdb
USE_TZ = True
SCIM_SERVICE_PROVIDER = {
    "NETLOC": "127.0.0.1",
    "SCHEME": "http",
    "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken"}],
    "GROUP_MODEL": "benchmarks.stock.models.Group",
}

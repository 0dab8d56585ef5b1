"""Django's registration of the app."""

from django.apps import AppConfig


class ScimConfig(AppConfig):
    """The SCIM 2.0 door."""

    name = "scim"

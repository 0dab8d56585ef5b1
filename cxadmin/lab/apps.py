"""Django's registration of the app."""

from django.apps import AppConfig


class LabConfig(AppConfig):
    """The emulator's own control plane."""

    name = "cxadmin.lab"

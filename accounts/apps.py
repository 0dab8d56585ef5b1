"""Django's registration of the app."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    """Everything an administrator administers, and everyone who signs in."""

    name = "accounts"

    def ready(self) -> None:
        """Prepare database connections, and keep Django from writing `last_login` by its own clock: `actions.sign_in` does."""
        from accounts import expressions

        expressions.listen()
        user_logged_in.disconnect(dispatch_uid="update_last_login")

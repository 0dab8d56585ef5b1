"""How Django finds the employee behind a web session."""

import uuid

from django.contrib.auth.backends import BaseBackend

from accounts.models import Employee


class EmployeeBackend(BaseBackend):
    """Loads the signed-in employee with what every page needs; the checks of signing in are in `actions.sign_in`."""

    def get_user(self, user_id: uuid.UUID) -> Employee | None:
        """The employee of a session, unless no longer Active (R-AUTH-4)."""
        found = Employee.objects.select_related(
            "business_unit__settings", "login_authenticator", "primary_role", "team"
        )
        return found.filter(pk=user_id, status=Employee.Status.ACTIVE).first()

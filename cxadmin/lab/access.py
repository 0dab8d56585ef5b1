"""Who may use the lab: lab operators in the browser, holders of the control key through the API under `/_lab/`.

Both reach every tenant of the instance: the journal also holds what no tenant can be told of, and faults hit the server.
"""

import base64
import functools
import hashlib
import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import pgettext_lazy

from accounts.errors import Forbidden
from accounts.models import Employee
from accounts.permissions import LAB_OPERATOR as OPERATOR
from accounts.requests import PageRequest

View = TypeVar("View", bound=Callable[..., HttpResponse])


def rights(employee: Employee) -> frozenset[str]:
    """What an employee holds in the lab, beside the permissions of the roles."""
    return frozenset({OPERATOR}) if employee.is_lab_operator and settings.LAB else frozenset()


def operators_only(view: View) -> View:
    """A page for lab operators; everybody else gets 403."""

    @wraps(view)
    def guarded(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.actor.can(OPERATOR):
            raise Forbidden(OPERATOR, pgettext_lazy("permission", "Lab operator"))
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]


@functools.lru_cache(maxsize=4)
def _derived(secret_key: str) -> str:
    digest = hmac.digest(secret_key.encode(), b"cxadmin.lab control key", hashlib.sha256)
    return f"cxl_{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def control_key() -> str:
    """The key of the control API: LAB_KEY, else one that follows from SECRET_KEY.

    So nothing has to be stored, and all processes of an instance know the same one.
    """
    return settings.LAB_KEY or _derived(settings.SECRET_KEY)


def has_control_key(request: HttpRequest) -> bool:
    """Whether the request presents the control key as a Bearer token."""
    scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(presented.strip().encode(), control_key().encode())

"""Who calls: the holder of an access token. Nothing else opens the REST API."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import rate_limits
from accounts.actors import Actor
from accounts.models import Employee
from accounts.oauth import bearer


class AccessToken(BaseAuthentication):
    """`Authorization: Bearer <access token>`: the user of the request is the employee, its auth the Actor."""

    def authenticate(self, request: Request) -> tuple[Employee, Actor]:
        """The employee and the actor.

        Raises:
            AuthenticationFailed: why the token is not good.
        """
        found = bearer.caller(request._request)
        if isinstance(found, str):
            raise AuthenticationFailed(found)
        return found.employee, found.actor

    def authenticate_header(self, request: Request) -> Any:
        return "Bearer"


class RateLimit(BaseThrottle):
    """The limits of the caller's credential and tenant, where the instance has any."""

    seconds = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        self.seconds = rate_limits.wait(request.auth) if request.auth is not None else 0
        return self.seconds == 0

    def wait(self) -> float:
        return self.seconds

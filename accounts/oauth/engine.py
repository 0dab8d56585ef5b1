"""The toolkit, set up: one authorization endpoint and one token endpoint with the three grants the original has."""

import functools
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    RefreshTokenGrant,
    ResourceOwnerPasswordCredentialsGrant,
    TokenEndpoint,
)

from accounts.oauth.validator import Validator


class Server(AuthorizationEndpoint, TokenEndpoint):
    """`code` at the authorization endpoint; codes, access keys and refresh tokens at the token endpoint. Every other
    grant is `unsupported_grant_type`."""

    def __init__(self, validator: Validator) -> None:
        codes = AuthorizationCodeGrant(validator)
        bearer = BearerToken(validator)
        AuthorizationEndpoint.__init__(self, "code", bearer, {"code": codes})
        TokenEndpoint.__init__(
            self,
            "authorization_code",
            bearer,
            {
                "authorization_code": codes,
                "password": ResourceOwnerPasswordCredentialsGrant(validator),
                "refresh_token": RefreshTokenGrant(validator),
            },
        )


class Core(OAuthLibCore):
    """The toolkit's adapter to Django, fed with parameters that the door has read from the request (`oauth.wire`)."""

    def _extract_params(self, request: HttpRequest) -> tuple[str, str, str, dict[str, Any]]:
        encoded = urlencode(request.oauth_parameters)  # type: ignore[attr-defined]
        if request.path == "/auth/authorize":
            return f"{request.path}?{encoded}", "GET", "", self.extract_headers(request)
        return request.path, "POST", encoded, self.extract_headers(request)


@functools.cache
def core() -> Core:
    """The one engine of the process; it keeps nothing between requests."""
    return Core(Server(Validator()))

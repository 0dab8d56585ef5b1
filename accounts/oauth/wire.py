"""Reading what clients send, as loosely as the original does, and answering in its shapes (apis.md §2.3, §2.4)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, QueryDict

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
LONGEST_BODY = 65_536
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}

AUTHORIZATION = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "display",
    "prompt",
    "max_age",
    "id_token_hint",
    "login_hint",
    "acr_values",
    "ui_locales",
    "code_challenge",
    "code_challenge_method",
    "tenantId",
)
TOKEN = (
    "grant_type",
    "code",
    "redirect_uri",
    "client_id",
    "client_secret",
    "code_verifier",
    "username",
    "password",
    "refresh_token",
    "scope",
)


class Unreadable(Exception):
    """A request that cannot be understood; the message says how to send it."""


def authorization_parameters(given: QueryDict) -> dict[str, str]:
    """The parameters of an authorization request; unknown ones are ignored, as RFC 6749 §3.1 wants it.

    A repeated `scope` is merged, because Okta appends one to an address that has one already; of anything else that is
    repeated, nothing can be believed.

    Raises:
        Unreadable: a parameter is repeated, or holds a NUL.
    """
    parameters = {}
    for name in AUTHORIZATION:
        values = given.getlist(name)
        if not values:
            continue
        if name == "scope":
            parameters[name] = " ".join(dict.fromkeys(" ".join(values).split()))
        elif len(set(values)) > 1:
            raise Unreadable(f"The parameter {name} is repeated.")
        else:
            parameters[name] = values[0]
        if "\x00" in parameters[name]:
            raise Unreadable("The request holds a NUL character.")
    return {name: value for name, value in parameters.items() if value}


def token_parameters(request: HttpRequest) -> dict[str, str]:
    """The body of a token request: a form, whatever of the two media types it is declared as, or a JSON object.

    Raises:
        Unreadable: another media type, another encoding, too long, or a repeated parameter.
    """
    body = _body(request)
    if request.content_type not in (FORM, JSON, ""):
        raise Unreadable(f"Send the body as {FORM}.")
    try:
        text = body.decode()
        if text.lstrip().startswith("{"):
            return _texts(_object(body))
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError as error:
        raise Unreadable(f"The body is not {FORM} in UTF-8.") from error
    parameters: dict[str, str] = {}
    for name, value in pairs:
        if parameters.get(name, value) != value:
            raise Unreadable(f"The parameter {name} is repeated.")
        parameters[name] = value
    return _texts(parameters)


def json_parameters(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the body.

    Raises:
        Unreadable: it is none, or too long.
    """
    return _object(_body(request))


def _body(request: HttpRequest) -> bytes:
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise Unreadable("The body is too long.") from error
    if len(body) > LONGEST_BODY:
        raise Unreadable("The body is too long.")
    return body


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable("The body is not JSON.") from error
    if not isinstance(found, dict):
        raise Unreadable("The body is not a JSON object.")
    return found


def _texts(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that mean something; one without a value counts as left out (RFC 6749 §3.2)."""
    known = {name: parameters[name] for name in TOKEN if parameters.get(name) not in (None, "")}
    for name, value in known.items():
        if not isinstance(value, str):
            raise Unreadable(f"The parameter {name} is not a text.")
        if "\x00" in value:
            raise Unreadable("The request holds a NUL character.")
    return known


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A JSON answer. Its media type carries no charset: a public client of the original compares it as a whole."""
    return HttpResponse(orjson.dumps(body), content_type=JSON, status=status, headers=dict(headers or {}))


def refusal(error: str, description: str, status: int = 400) -> HttpResponse:
    """An OAuth error (apis.md §6, E1)."""
    return answer({"error": error, "error_description": description}, status, NO_STORE)

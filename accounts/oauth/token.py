"""Where tokens come from: the token endpoint, and the two calls of the regional hosts (apis.md §2.4, §2.7)."""

from collections.abc import Callable
from typing import TypeGuard

import orjson
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from accounts import credentials
from accounts.actions import oauth_sessions
from accounts.models import Application, Employee
from accounts.oauth import problems, tokens, wire
from accounts.oauth.cors import cross_origin
from accounts.oauth.engine import core
from accounts.requests import client_address


@csrf_exempt
@cross_origin("POST")
@sensitive_variables()
def token(request: HttpRequest) -> HttpResponse:
    """`POST /auth/token`: a code, an access key or a refresh token for a new set of tokens.

    Errors are 400 with `error` and `error_description`, as the original documents them, wrong clients included.
    """
    try:
        parameters = wire.token_parameters(request)
    except wire.Unreadable as error:
        return wire.refusal("invalid_request", str(error))
    if "grant_type" not in parameters:
        return wire.refusal("invalid_request", "grant_type is missing.")
    request.oauth_parameters = parameters  # type: ignore[attr-defined]
    with transaction.atomic():
        _, _, body, status = core().create_token_response(request)
    said = orjson.loads(body)
    if status == 200:
        return wire.answer(said, headers=wire.NO_STORE)
    return wire.refusal(said["error"], said.get("error_description") or DESCRIPTIONS.get(said["error"], "Refused."))


DESCRIPTIONS = {
    "unsupported_grant_type": "grant_type must be authorization_code, password or refresh_token.",
    "unauthorized_client": "Back-end applications cannot exchange authorization codes.",
    "invalid_grant": "The code_verifier does not match the code_challenge.",
    "invalid_scope": "scope must contain openid and nothing beyond the scope of the session.",
}


@csrf_exempt
@cross_origin("POST")
@sensitive_variables()
def access_key(request: HttpRequest) -> HttpResponse:
    """`POST /authentication/v1/token/access-key`: an access key for a set of tokens, without any application.

    Members besides the two are ignored. Nothing documents the error body; it is that of the regional services.
    """
    try:
        given = wire.json_parameters(request)
    except wire.Unreadable as error:
        return problems.answer(request, 400, str(error))
    if given.get("grant_type") == "refresh_token":
        return _refreshed(request, given.get("refresh_token"), tokens.TokenSet.answer)
    key_id, secret = given.get("accessKeyId"), given.get("accessKeySecret")
    if not _is_text(key_id) or not _is_text(secret):
        return problems.answer(request, 400, "accessKeyId and accessKeySecret are needed.")
    holder = credentials.access_key(key_id, secret)
    request.holder = holder  # type: ignore[attr-defined]  # for the journal: whose request it is, refused or not
    if holder is None or holder.trouble:
        trouble = holder.trouble if holder else "The Access Key ID or the Secret Access Key is wrong."
        return problems.answer(request, 401, trouble)
    with transaction.atomic():
        employee = Employee.objects.select_related("business_unit", "primary_role").get(pk=holder.employee_id)
        session = oauth_sessions.begin(employee, access_key_id=holder.credential_id, address=client_address(request))
        body = tokens.issue(session).answer()
    body["refresh_token_expires_in"] = tokens.seconds(settings.REFRESH_TOKEN_TTL)
    return wire.answer(body, headers=wire.NO_STORE)


@csrf_exempt
@cross_origin("POST")
@sensitive_variables()
def user_refresh(request: HttpRequest) -> HttpResponse:
    """`POST /public/user/refresh`: a refresh token for new tokens, in the shape of the regional hosts."""
    try:
        given = wire.json_parameters(request)
    except wire.Unreadable as error:
        return problems.answer(request, 400, str(error))
    return _refreshed(request, given.get("token"), _regional)


def _refreshed(
    request: HttpRequest, token: object, shape: Callable[[tokens.TokenSet], dict[str, object]]
) -> HttpResponse:
    if not _is_text(token):
        return problems.answer(request, 400, "The refresh token is missing.")
    session = tokens.session_of_refresh_token(token)
    if isinstance(session, str):
        return problems.answer(request, 401, session)
    application = session.application
    if application is not None and not application.is_enabled:
        return problems.answer(request, 401, "The application is not enabled.")
    if application is not None and application.type != Application.Type.PUBLIC:
        return problems.answer(request, 401, "This application has to refresh at /auth/token with its secret.")
    with transaction.atomic():
        oauth_sessions.prolong(session)
        issued = tokens.issue(session)
    body = shape(issued)
    return wire.answer(body | {"sessionId": str(session.pk)}, headers=wire.NO_STORE)


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value != "" and "\x00" not in value


def _regional(issued: tokens.TokenSet) -> dict[str, object]:
    return {
        "token": issued.access_token,
        "tokenExpirationTimeSec": tokens.seconds(settings.ACCESS_TOKEN_TTL),
        "refreshToken": issued.refresh_token,
        "refreshTokenExpirationTimeSec": tokens.seconds(settings.REFRESH_TOKEN_TTL),
    }

"""`/auth/userinfo` (OpenID Connect Core §5.3, apis.md §2.6)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.oauth import wire
from accounts.oauth.bearer import caller
from accounts.oauth.cors import cross_origin
from accounts.oauth.tokens import SUBJECT


@csrf_exempt
@cross_origin("GET", "POST")
def userinfo(request: HttpRequest) -> HttpResponse:
    """Who the access token is for. A token that is not good is 401 with the reason in the challenge (RFC 6750 §3)."""
    who = caller(request)
    if isinstance(who, str):
        has_token = "Authorization" in request.headers
        challenge = f'Bearer error="invalid_token", error_description="{who}"' if has_token else "Bearer"
        return wire.answer(
            {"error": "invalid_token", "error_description": who}, 401, wire.NO_STORE | {"WWW-Authenticate": challenge}
        )
    employee = who.employee
    return wire.answer(
        {
            "sub": f"{SUBJECT}{employee.pk}",
            "name": employee.username,
            "given_name": employee.first_name,
            "family_name": employee.last_name,
            "email": employee.email,
        },
        headers=wire.NO_STORE,
    )

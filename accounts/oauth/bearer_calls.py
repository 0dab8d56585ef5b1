"""What browser applications call right after a sign-in (apis.md §2.8): who am I, where is everything, what may I do.

The rest of them belongs to the REST API (`accounts.api`), which is asked first. What has no meaning without telephony is
empty (docs/differences.md).
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.oauth import problems, wire
from accounts.oauth.bearer import Caller, caller, with_access_token
from accounts.oauth.cors import cross_origin
from accounts.oauth.tokens import SUBJECT, seconds


@cross_origin("GET")
def toggled_features(request: HttpRequest) -> HttpResponse:
    """Features switched on in the region: none, for there is none that could be."""
    return wire.answer({"toggledFeatures": []})


@csrf_exempt
@cross_origin("POST")
def whoami(request: HttpRequest) -> HttpResponse:
    """The classic API's view of an access token, which comes in the body."""
    try:
        token = wire.json_parameters(request).get("token")
    except wire.Unreadable as error:
        return problems.answer(request, 400, str(error))
    who = caller(request, token if isinstance(token, str) else "")
    if isinstance(who, str):
        return problems.answer(request, 401, who)
    employee, base = who.employee, settings.PUBLIC_URL
    return wire.answer(
        {
            "agent_id": employee.agent_id,
            "bus_no": employee.business_unit.number,
            "expires_in": seconds(settings.ACCESS_TOKEN_TTL),
            "iss": base,
            "refresh_token_server_uri": f"{base}/auth/token",
            "resource_server_base_uri": f"{base}/incontactapi/",
            "sub": f"{SUBJECT}{employee.pk}",
            "team_id": str(employee.team_id),
        },
        headers=wire.NO_STORE,
    )


@with_access_token("POST")
def evaluate_location(request: HttpRequest, who: Caller) -> HttpResponse:
    """Which locations apply to the caller: none, Location Management has no effect here (spec §5.1)."""
    return wire.answer({"locations": []})


@with_access_token("GET")
def branding_profile(request: HttpRequest, who: Caller) -> HttpResponse:
    """How the caller's tenant looks: as the product does."""
    unit = who.employee.business_unit
    return wire.answer(
        {
            "brandingProfile": {
                "profileId": str(unit.pk),
                "profileName": "Default",
                "description": "",
                "brandName": settings.PRODUCT_NAME,
                "systemEmail": settings.EMAIL_FROM,
                "hostName": request.get_host(),
                "status": "ACTIVE",
                "coBrand": False,
                "cxoneLoginBgColor": "#F1F3F6",
                "cxoneHeaderIconTextColor": "#FFFFFF",
            }
        }
    )


@with_access_token("GET")
def assigned_profile(request: HttpRequest, who: Caller) -> HttpResponse:
    """The desktop profile of the caller's team: none is configured."""
    return wire.answer({"agentProfileConfigurations": []})

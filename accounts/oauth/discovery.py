"""Where everything is: OpenID discovery, tenant discovery and the public keys (apis.md §2.1, §2.2, §2.6)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts import signing
from accounts.ids import as_uuid
from accounts.models import BusinessUnit
from accounts.oauth import problems, wire
from accounts.oauth.cors import cross_origin

DEFAULT_AREA = "na1"


@cross_origin("GET", "HEAD")
def openid_configuration(request: HttpRequest) -> HttpResponse:
    """The discovery document, key by key and in the order of the original's."""
    issuer = settings.PUBLIC_URL
    return wire.answer(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/auth/authorize",
            "token_endpoint": f"{issuer}/auth/token",
            "userinfo_endpoint": f"{issuer}/auth/userinfo",
            "jwks_uri": f"{issuer}/auth/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "end_session_endpoint": f"{issuer}/auth/authorize/logout",
            "scopes_supported": ["openid"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "request_object_signing_alg_values_supported": ["none"],
            "display_values_supported": ["page", "popup"],
            "claim_types_supported": ["normal"],
            "code_challenge_methods_supported": ["S256"],
        }
    )


@cross_origin("GET", "HEAD")
def tenant_configuration(request: HttpRequest) -> HttpResponse:
    """The hosts of a tenant; without `tenantId` those of the region whose host was asked."""
    if "tenantId" not in request.GET:
        first_label = request.get_host().split(".")[0]
        return wire.answer(_hosts(first_label if first_label in BusinessUnit.AREAS else DEFAULT_AREA))
    tenant_id = as_uuid(request.GET["tenantId"])
    unit = BusinessUnit.objects.filter(pk=tenant_id).first() if tenant_id else None
    if unit is None:
        return problems.answer(request, 404, "There is no tenant with this tenantId.")
    return wire.answer({**_hosts(unit.area), "cluster": unit.cluster, "tenantId": str(unit.pk)})


def _hosts(area: str) -> dict[str, object]:
    """Every path answers on every host name, so each of the original's hosts is this one."""
    here = urlsplit(settings.PUBLIC_URL).netloc
    return {
        "private": False,
        "area": area,
        "domain": here,
        "acdDomain": here,
        "uhDomain": here,
        "ui_endpoint": settings.PUBLIC_URL,
        "auth_endpoint": settings.PUBLIC_URL,
        "api_endpoint": settings.PUBLIC_URL,
    }


@cross_origin("GET", "HEAD")
def keys(request: HttpRequest) -> HttpResponse:
    """The public halves of the signing keys (RFC 7517)."""
    return wire.answer({"keys": signing.public_keys()})

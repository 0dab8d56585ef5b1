"""What the OpenAPI document says of the calls of OAuth and OpenID Connect, and of those that browser applications make after a
sign-in. Pure. The authorization endpoint is a page for people; the document names it among the security schemes."""

from collections.abc import Mapping
from typing import Any

from accounts.oauth.wire import FORM, JSON

Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
TAG, AFTER = "Sign in", "After a sign-in"


def record(**members: Schema) -> Schema:
    return {"type": "object", "properties": members}


def texts(*names: str) -> dict[str, Schema]:
    return dict.fromkeys(names, TEXT)


def several(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


OAUTH_ERROR = record(error=TEXT, error_description=TEXT)
SERVICE_ERROR: Schema = {"$ref": "#/components/schemas/ServiceError"}
UNAUTHORIZED: Schema = {"$ref": "#/components/schemas/UnauthorizedError"}
TOKENS = record(
    access_token=TEXT,
    id_token=TEXT,
    refresh_token=TEXT,
    token_type=TEXT,
    scope=TEXT,
    expires_in=WHOLE,
    refresh_token_expires_in=WHOLE,
    sessionId=TEXT,
)
GRANT: Schema = {
    **record(
        grant_type={"type": "string", "enum": ["authorization_code", "password", "refresh_token"]},
        **texts(
            *("code", "redirect_uri", "client_id", "client_secret", "code_verifier"),
            *("username", "password", "refresh_token", "scope"),
        ),
    ),
    "required": ["grant_type"],
}
ADDRESSES = texts("domain", "acdDomain", "uhDomain", "ui_endpoint", "auth_endpoint", "api_endpoint", "area")


def said(description: str, schema: Schema | None = None) -> dict[str, Any]:
    return {"description": description} | ({"content": {JSON: {"schema": schema}}} if schema is not None else {})


BAD = {"400": said("The body cannot be read, or something is missing.", SERVICE_ERROR)}
REFUSED = {"401": said("The credential is missing, wrong or expired.", UNAUTHORIZED)}


def call(
    name: str,
    summary: str,
    answer: Schema,
    *,
    body: Schema | None = None,
    media_types: tuple[str, ...] = (JSON,),
    refusals: Mapping[str, Any] | None = None,
    security: tuple[str, ...] = (),
    tag: str = TAG,
    parameters: tuple[Schema, ...] = (),
) -> dict[str, Any]:
    """One operation.

    Args:
        security: the schemes of which one is needed; none for a public call.
    """
    found: dict[str, Any] = {"operationId": name, "summary": summary, "tags": [tag]}
    found["security"] = [{scheme: []} for scheme in security]
    if parameters:
        found["parameters"] = [*parameters]
    if body is not None:
        found["requestBody"] = {"required": True, "content": {kind: {"schema": body} for kind in media_types}}
    return found | {"responses": {"200": said("Done.", answer), **(refusals or {})}}


def paths() -> dict[str, Any]:
    """Every address of `accounts/oauth/urls.py`."""
    tenant = {"in": "query", "name": "tenantId", "schema": TEXT, "description": "The UUID of a tenant."}
    key_pair = record(accessKeyId=TEXT, accessKeySecret=TEXT, grant_type=TEXT, refresh_token=TEXT)
    token = ("accessToken",)
    userinfo_refused = {"401": said("The access token is missing, wrong or expired.", OAUTH_ERROR)}
    me = record(**texts("sub", "name", "given_name", "family_name", "email"))
    return {
        "/auth/token": {
            "post": call(
                "oauth_token",
                "Exchange a code, an access key or a refresh token for tokens",
                TOKENS,
                body=GRANT,
                media_types=(FORM, JSON),
                refusals={"400": said("Why not.", OAUTH_ERROR)},
            )
        },
        "/auth/jwks": {
            "get": call(
                "oauth_keys",
                "Read the public keys that tokens are signed with",
                record(keys=several({"type": "object"})),
            )
        },
        "/auth/userinfo": {
            method: call(
                f"oauth_userinfo_{method}",
                "Read who the access token is for",
                me,
                refusals=userinfo_refused,
                security=token,
            )
            for method in ("get", "post")
        },
        "/.well-known/openid-configuration": {
            "get": call("openid_configuration", "Read the OpenID Connect discovery document", {"type": "object"})
        },
        "/.well-known/cxone-configuration": {
            "get": call(
                "tenant_configuration",
                "Read the hosts of a tenant",
                record(private=FLAG, cluster=TEXT, tenantId=TEXT, **ADDRESSES),
                parameters=(tenant,),
                refusals={"404": said("There is no such tenant.", SERVICE_ERROR)},
            )
        },
        "/authentication/v1/token/access-key": {
            "post": call(
                "token_of_access_key",
                "Exchange an access key for tokens",
                TOKENS,
                body=key_pair,
                refusals=BAD | REFUSED,
            )
        },
        "/public/user/refresh": {
            "post": call(
                "refresh_user",
                "Exchange a refresh token for tokens, as the regional hosts do",
                record(
                    **texts("token", "refreshToken", "sessionId"),
                    tokenExpirationTimeSec=WHOLE,
                    refreshTokenExpirationTimeSec=WHOLE,
                ),
                body=record(token=TEXT),
                refusals=BAD | REFUSED,
            )
        },
        "/config/toggledFeatures": {
            "get": call(
                "toggled_features",
                "List the features of the region: none",
                record(toggledFeatures=several(TEXT)),
                tag=AFTER,
            )
        },
        "/inContactAuthorizationServer/token/whoami": {
            "post": call(
                "who_am_i",
                "Read what the classic API knows of an access token, which comes in the body",
                record(
                    **texts("iss", "refresh_token_server_uri", "resource_server_base_uri", "sub", "team_id"),
                    agent_id=WHOLE,
                    bus_no=WHOLE,
                    expires_in=WHOLE,
                ),
                body=record(token=TEXT),
                refusals=BAD | REFUSED,
                tag=AFTER,
            )
        },
        "/user-management/v1/users/location/evaluate": {
            "post": call(
                "evaluate_location",
                "List the locations that apply to the caller: none",
                record(locations=several({"type": "object"})),
                refusals=REFUSED,
                security=token,
                tag=AFTER,
            )
        },
        "/branding-profiles/current": {
            "get": call(
                "branding_profile",
                "Read how the caller's tenant looks",
                record(
                    brandingProfile=record(
                        **texts(
                            *(
                                "profileId",
                                "profileName",
                                "description",
                                "brandName",
                                "systemEmail",
                                "hostName",
                                "status",
                            ),
                            *("cxoneLoginBgColor", "cxoneHeaderIconTextColor"),
                        ),
                        coBrand=FLAG,
                    )
                ),
                refusals=REFUSED,
                security=token,
                tag=AFTER,
            )
        },
        "/agent-profiles/v2/assigned": {
            "get": call(
                "assigned_profile",
                "List the desktop profiles of the caller's team: none",
                record(agentProfileConfigurations=several({"type": "object"})),
                refusals=REFUSED,
                security=token,
                tag=AFTER,
            )
        },
    }

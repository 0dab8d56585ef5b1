"""Discovery, keys, userinfo, logout, CORS and the calls after a sign-in (apis.md §2)."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client
from jwcrypto import jwk, jwt

from accounts.models import Application
from tests.oauth.conftest import register
from tests.world import visible

ORIGIN = {"Origin": "https://app.example"}


def test_the_discovery_document_is_that_of_the_original(db, client):
    answer = client.get("/.well-known/openid-configuration")
    assert answer["Content-Type"] == "application/json"
    document = answer.json()
    base = "http://127.0.0.1:8000"
    assert document == {
        "issuer": base,
        "authorization_endpoint": f"{base}/auth/authorize",
        "token_endpoint": f"{base}/auth/token",
        "userinfo_endpoint": f"{base}/auth/userinfo",
        "jwks_uri": f"{base}/auth/jwks",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "end_session_endpoint": f"{base}/auth/authorize/logout",
        "scopes_supported": ["openid"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "request_object_signing_alg_values_supported": ["none"],
        "display_values_supported": ["page", "popup"],
        "claim_types_supported": ["normal"],
        "code_challenge_methods_supported": ["S256"],
    }


def test_the_tenant_is_discovered(world, client):
    document = client.get(f"/.well-known/cxone-configuration?tenantId={world.acme.pk}").json()
    assert (document["area"], document["cluster"], document["tenantId"]) == ("na1", "C01", str(world.acme.pk))
    assert document["api_endpoint"] == document["auth_endpoint"] == document["ui_endpoint"] == "http://127.0.0.1:8000"
    assert document["private"] is False


def test_a_region_is_discovered_by_its_host(db, client):
    assert (
        client.get("/.well-known/cxone-configuration", headers={"Host": "au1.nice-incontact.com"}).json()["area"]
        == "au1"
    )
    assert "tenantId" not in client.get("/.well-known/cxone-configuration").json()


@pytest.mark.parametrize("tenant_id", ["", "x", "0b697ebb-4ea2-4052-b12b-d3cf12a53eca", "a\x00"])
def test_an_unknown_tenant_is_not_found(db, client, tenant_id):
    assert client.get("/.well-known/cxone-configuration", {"tenantId": tenant_id}).status_code == 404


def test_the_public_keys_verify_the_id_token(world, app):
    body = app.tokens(world.bob)
    document = app.api.get("/auth/jwks").json()
    assert set(document["keys"][0]) == {"kty", "alg", "use", "kid", "n", "e"}
    keys = jwk.JWKSet.from_json(json.dumps(document))
    claims = json.loads(jwt.JWT(jwt=body["id_token"], key=keys).claims)
    assert claims["name"] == "bob@acme.example"


@pytest.mark.parametrize("method", ["get", "post"])
def test_userinfo(world, app, method):
    token = app.tokens(world.bob)["access_token"]
    answer = getattr(app.api, method)("/auth/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {
        "sub": f"user:{world.bob.pk}",
        "name": "bob@acme.example",
        "given_name": "Bob",
        "family_name": "Brown",
        "email": "bob@acme.example",
    }


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer x", "Bearer a.b.c", "Basic eDp5", "Bearer é"])
def test_userinfo_needs_an_access_token(db, client, header):
    answer = client.get("/auth/userinfo", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Cache-Control"] == "no-store"


def test_a_token_in_the_address_is_not_read(world, app):
    token = app.tokens(world.bob)["access_token"]
    assert app.api.get(f"/auth/userinfo?access_token={token}").status_code == 401
    assert app.api.get(f"/scim/v2/Users?access_token={token}").status_code == 401


# CORS

PATHS = [
    "/auth/token",
    "/auth/jwks",
    "/auth/userinfo",
    "/.well-known/openid-configuration",
    "/.well-known/cxone-configuration",
    "/authentication/v1/token/access-key",
    "/public/user/refresh",
    "/config/toggledFeatures",
    "/incontactauthorizationserver/token/whoami",
    "/user-management/v1/users/x",
    "/user-management/v1/users/location/evaluate",
    "/tenants/v2/current",
    "/branding-profiles/current",
    "/agent-profiles/v2/assigned",
    "/account-access/v1/associations",
    "/InContactAPI/services/v23.0/permissions",
    "/inContactAPI/services/v27.0/business-unit",
    "/incontactApi//services/v30.0/agents/1/agent-settings",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_registered_origin_passes_the_preflight(world, app, client, path):
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "originating-service-identifier",
    }
    answer = client.options(path, headers=ORIGIN | asked)
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Originating-Service-Identifier" in answer["Access-Control-Allow-Headers"]
    assert "Origin" in answer["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer
    refused = client.options(path, headers={"Origin": "https://app.example.evil.example"} | asked)
    assert "Access-Control-Allow-Origin" not in refused


@pytest.mark.parametrize(
    "origin",
    ["https://app.exampl", "https://app", "null", "", "http://app.example", "https://app.example/", "*", "x" * 400],
)
def test_nothing_else_does(world, app, client, origin):
    assert "Access-Control-Allow-Origin" not in client.get("/auth/jwks", headers={"Origin": origin})


def test_an_application_that_is_not_enabled_has_no_origins(world, app, client):
    Application.objects.update(status="DISABLED")
    assert "Access-Control-Allow-Origin" not in client.get("/auth/jwks", headers=ORIGIN)


def test_a_browser_application_may_read_errors(world, app, client):
    answer = client.post("/auth/token", "grant_type=x", content_type="application/json", headers=ORIGIN)
    assert answer.status_code == 400
    assert answer["Access-Control-Allow-Origin"] == "https://app.example"


# The calls after a sign-in


@pytest.fixture
def bearer(world, app):
    token = app.tokens(world.bob)["access_token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "path", [path for path in PATHS if not path.startswith(("/auth", "/.well", "/public", "/config"))]
)
def test_they_need_a_good_token(world, client, path):
    method = "post" if path.endswith(("evaluate", "whoami")) else "get"
    answer = getattr(client, method)(
        path,
        headers={"Authorization": "Bearer a.b.c"},
        **({"data": "{}", "content_type": "application/json"} if method == "post" else {}),
    )
    assert answer.status_code == 401
    is_classic = "services" in path
    spring = {"timestamp", "status", "error", "message", "path"}
    assert set(answer.json()) == ({"error", "error_description"} if is_classic else spring)


def test_who_am_i(world, app):
    token = app.tokens(world.bob)["access_token"]
    answer = app.api.post(
        "/incontactauthorizationserver/token/whoami", json.dumps({"token": token}), content_type="application/json"
    ).json()
    assert answer["agent_id"] == world.bob.agent_id
    assert answer["bus_no"] == 1000001
    assert answer["resource_server_base_uri"].endswith("/incontactapi/")
    assert set(answer) == {
        "agent_id",
        "bus_no",
        "expires_in",
        "iss",
        "refresh_token_server_uri",
        "resource_server_base_uri",
        "sub",
        "team_id",
    }


def test_oneself_is_seen_without_permission_and_others_with(world, client, bearer):
    assert (
        client.get(f"/user-management/v1/users/{world.bob.pk}", headers=bearer).json()["user"]["role"] == "Bob's role"
    )
    other = f"/user-management/v1/users/{world.alice.pk}"
    assert client.get(other, headers=bearer).status_code == 403
    world.bob_may("admin.employees.view")
    assert client.get(other, headers=bearer).status_code == 200
    for unknown in (world.charlie.pk, "x", "0b697ebb-4ea2-4052-b12b-d3cf12a53eca"):
        assert client.get(f"/user-management/v1/users/{unknown}", headers=bearer).status_code == 404


def test_tenant_and_branding(world, client, bearer):
    tenant = client.get("/tenants/v2/current", headers=bearer).json()["tenant"]
    assert (tenant["tenantId"], tenant["schemaName"], tenant["billingId"]) == (str(world.acme.pk), "acme", "1000001")
    assert client.get("/branding-profiles/current", headers=bearer).json()["brandingProfile"]["status"] == "ACTIVE"
    assert client.get("/config/toggledFeatures").json() == {"toggledFeatures": []}


@pytest.mark.parametrize(
    "path",
    [
        "/inContactAPI/services/v27.0/business-unit",
        "/InContactAPI/services/v34.0/business-unit/",
        "/incontactApi//services/v6.0/business-unit",
    ],
)
def test_the_business_unit_under_any_spelling(world, client, bearer, path):
    unit = client.get(path, headers=bearer).json()["businessUnits"][0]
    assert (unit["businessUnitId"], unit["businessUnitName"], unit["tenantId"]) == (1000001, "Acme", str(world.acme.pk))
    assert set(client.get(f"{path}?fields=tenantId", headers=bearer).json()["businessUnits"][0]) == {"tenantId"}


def test_permissions_of_oneself_and_others(world, client, bearer):
    world.bob_may("admin.scim.on")
    own = client.get("/InContactAPI/services/v23.0/permissions", headers=bearer).json()["permissions"]
    assert own == [{"BusinessUnitId": 1000001, "Key": "admin.scim.on", "Value": "True"}]
    agent = f"/InContactAPI/services/v23.0/permissions?agentId={world.alice.agent_id}"
    assert client.get(agent, headers=bearer).status_code == 403
    assert (
        client.get(
            f"/InContactAPI/services/v23.0/permissions?agentId={world.charlie.agent_id}", headers=bearer
        ).status_code
        == 404
    )
    assert client.get("/InContactAPI/services/v23.0/permissions?agentId=x", headers=bearer).status_code == 404
    assert (
        client.get(
            f"/InContactAPI/services/v33.0/agents/{world.bob.agent_id}/agent-settings", headers=bearer
        ).status_code
        == 200
    )


# Logging out


def logout_address(**asked: str) -> str:
    return f"/auth/authorize/logout?{urlencode(asked)}"


def test_logging_out_asks_and_leads_back(world, app):
    hint = app.tokens(world.bob)["id_token"]
    address = logout_address(id_token_hint=hint, post_logout_redirect_uri="https://app.example/bye", state="a b")
    page = app.browser.get(address)
    assert "Log out bob@acme.example" in visible(page)
    assert "https://app.example" in page["Content-Security-Policy"]
    assert app.browser.post(address, {"no": "no"}).url == "/"
    assert app.browser.get("/me/").status_code == 200
    done = app.browser.post(address, {"yes": "yes"})
    assert done.url == "https://app.example/bye?state=a+b"
    assert app.browser.get("/me/").status_code == 302
    assert app.browser.get(address).url == done.url


def test_logging_out_without_an_address_says_so(world, app):
    app.browser.force_login(world.bob)
    assert "You are not signed in any more." in visible(app.browser.post(logout_address(), {"yes": "yes"}))
    assert "You are not signed in any more." in visible(Client().get(logout_address()))


def test_an_application_may_post_the_request(world, app):
    asked = app.browser.post(
        "/auth/authorize/logout", {"client_id": app.id, "post_logout_redirect_uri": "https://app.example/bye"}
    )
    assert app.browser.get(asked.url).url == "https://app.example/bye"


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        "https://app.example/bye/",
        "https://app.example/",
        "//evil.example",
        "javascript:alert(1)",
    ],
)
def test_logging_out_leads_nowhere_else(world, app, uri):
    app.browser.force_login(world.bob)
    answer = app.browser.get(logout_address(client_id=app.id, post_logout_redirect_uri=uri))
    assert answer.status_code == 400
    assert "Location" not in answer
    assert app.browser.get(logout_address(post_logout_redirect_uri="https://app.example/bye")).status_code == 400


def test_no_other_site_can_log_anybody_out(world, app):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.bob)
    assert strict.post(logout_address(), {"yes": "yes"}).status_code == 403
    assert strict.get("/me/").status_code == 200


def test_two_applications_may_share_an_origin(world, app, client):
    register(world.strange, "Other", status="DISABLED")
    assert client.get("/auth/jwks", headers=ORIGIN)["Access-Control-Allow-Origin"] == "https://app.example"

"""`/auth/token` and the token calls of the regional hosts (spec §8.1; apis.md §2.4, §2.7)."""

import base64
import hashlib
import json
from urllib.parse import quote

import pytest
from django.contrib.auth import hashers
from django.test import Client

from accounts.actions import access_keys, employees
from accounts.models import AccessKey, ActivityEvent, Application, AuthorizationCode, OAuthSession
from tests.oauth.conftest import CALLBACK, PKCE, VERIFIER, claims_of, register

MEMBERS = ["access_token", "token_type", "expires_in", "refresh_token", "id_token"]


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def refused(answer, error: str) -> str:
    """An OAuth error in the documented shape; its description."""
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert set(body) == {"error", "error_description"}
    assert body["error"] == error
    assert "access_token" not in answer.content.decode()
    return body["error_description"]


def test_a_code_is_exchanged_for_three_tokens(world, app):
    answer = app.exchange(app.code(world.bob))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")
    body = answer.json()
    assert list(body) == MEMBERS
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    grant = ActivityEvent.objects.get(entity="Token")
    assert (grant.activity, grant.instance) == ("Token granted: Okta Integration", "bob@acme.example")


def test_the_claims_are_those_of_the_original(world, app):
    body = app.tokens(world.bob)
    access, identity, refresh = (claims_of(body[name]) for name in ("access_token", "id_token", "refresh_token"))
    person = {
        "sub": f"user:{world.bob.pk}",
        "iss": "http://127.0.0.1:8000",
        "aud": app.id,
        "name": "bob@acme.example",
        "given_name": "Bob",
        "family_name": "Brown",
        "tenantId": str(world.acme.pk),
        "tenant": "acme",
        "icBUId": 1000001,
        "icClusterId": "C01",
        "icAgentId": str(world.bob.agent_id),
        "teamId": str(world.bob.team_id),
    }
    assert person.items() <= access.items()
    assert person.items() <= identity.items()
    assert identity["userId"] == str(world.bob.pk)
    assert (access["role"]["legacyId"], access["role"]["id"]) == ("Bob's role", str(world.role.pk))
    assert access["exp"] - access["iat"] == identity["exp"] - identity["iat"] == 3600
    assert refresh["exp"] - refresh["iat"] == 7200
    assert set(refresh) == {"aud", "iss", "id", "sessionId", "iat", "exp"}
    headers = {
        name: json.loads(base64.urlsafe_b64decode(body[name].split(".")[0] + "=="))
        for name in body
        if "_t" in name and "." in str(body[name])
    }
    assert headers["access_token"] == {"alg": "RS256", "typ": "JWT"}
    assert headers["id_token"] == {"alg": "RS256", "typ": "JWT", "kid": "default"}


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "application/json", "application/json; charset=utf-8"]
)
def test_a_form_is_read_whatever_it_is_called(world, app, content_type):
    assert app.exchange(app.code(world.bob), content_type=content_type).status_code == 200


def test_a_json_object_is_read_too(world, app, key):
    body = json.dumps({"grant_type": "password", **key})
    answer = app.api.post(
        "/auth/token", body, content_type="application/json", headers={"Authorization": basic(app.id, app.secret)}
    )
    assert answer.status_code == 200


# Client authentication (R-APP-4, R-APP-5)


@pytest.mark.rule("R-APP-5")
@pytest.mark.parametrize("auth_method", ["client_secret_post", "client_secret_basic"])
@pytest.mark.parametrize(
    "authorization",
    [
        None,
        lambda app: basic(app.id, app.secret),
        lambda app: basic(quote(app.id, safe=""), quote(app.secret, safe="")),
    ],
    ids=["in the body", "basic, raw", "basic, encoded"],
)
def test_a_client_authenticates_in_any_way(world, app, auth_method, authorization):
    Application.objects.update(auth_method=auth_method)
    code = app.code(world.bob)
    if authorization is None:
        assert app.exchange(code).status_code == 200
    else:
        answer = app.exchange(code, client_id=None, client_secret=None, authorization=authorization(app))
        assert answer.status_code == 200, answer.content


@pytest.mark.rule("R-APP-4")
@pytest.mark.parametrize(
    "presented",
    [
        {"client_secret": "wrong"},
        {"client_secret": None},
        {"client_secret": ""},
        {"client_id": None, "client_secret": None},
        {"client_id": "0b697ebb-4ea2-4052-b12b-d3cf12a53eca"},
        {"client_id": "nobody"},
        {"client_id": "' OR 1=1 --"},
        {"client_id": None, "client_secret": None, "authorization": "Basic !!"},
        {
            "client_id": None,
            "client_secret": None,
            "authorization": "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        },
        {"client_id": None, "client_secret": None, "authorization": "Basic " + base64.b64encode(b"no colon").decode()},
        {"authorization": basic("someone-else", "secret")},
    ],
)
def test_a_confidential_client_must_present_its_secret(world, app, presented):
    code = app.code(world.bob)
    refused(app.exchange(code, **presented), "invalid_client")
    assert not OAuthSession.objects.exists()
    assert app.exchange(code).status_code == 200  # nobody else could use the code up


@pytest.mark.rule("R-APP-4")
def test_a_public_client_may_send_its_secret_or_must_prove_that_it_asked(world, public_app):
    assert public_app.exchange(public_app.code(world.bob)).status_code == 200
    plain = public_app.code(world.bob)
    assert "verifier" in refused(public_app.exchange(plain, client_secret=None), "invalid_request").lower()
    refused(public_app.exchange(plain, client_secret="wrong"), "invalid_client")
    proven = public_app.code(world.bob, **PKCE)
    tokens = public_app.exchange(proven, client_secret=None, code_verifier=VERIFIER)
    assert tokens.status_code == 200
    again = public_app.refresh(tokens.json()["refresh_token"], client_secret=None)
    assert again.status_code == 200
    nothing_but_the_token = public_app.refresh(
        again.json()["refresh_token"], client_id=None, client_secret=None, scope="openid"
    )
    assert nothing_but_the_token.status_code == 200


@pytest.mark.rule("R-APP-3")
def test_a_back_end_application_takes_access_keys_only(world, key):
    backend = register(world.acme, "Nightly job", type="backend")
    good = {"grant_type": "password", **key, "client_id": backend.id}
    assert backend.post(**good, client_secret=backend.secret).status_code == 200
    refused(backend.post(**good), "invalid_client")
    refused(backend.exchange("some-code"), "unauthorized_client")


# Codes


def test_pkce_binds_the_code_to_whoever_asked(world, app):
    code = app.code(world.bob, **PKCE)
    refused(app.exchange(code), "invalid_request")
    refused(app.exchange(code, code_verifier="x" * 43), "invalid_grant")
    refused(app.exchange(code, code_verifier=PKCE["code_challenge"]), "invalid_grant")
    assert app.exchange(code, code_verifier=VERIFIER).status_code == 200


def test_a_verifier_without_a_challenge_before_it_is_refused(world, app):
    refused(app.exchange(app.code(world.bob), code_verifier=VERIFIER), "invalid_grant")


def test_a_code_counts_once_and_presented_again_ends_what_it_gave(world, app, provisioner):
    code = app.code(provisioner)
    tokens = app.exchange(code).json()
    assert app.scim(tokens["access_token"]).status_code == 200
    assert "already" in refused(app.exchange(code), "invalid_grant")
    assert app.scim(tokens["access_token"]).status_code == 401
    refused(app.refresh(tokens["refresh_token"]), "invalid_grant")


def test_a_code_is_for_the_client_that_asked(world, app):
    other = register(world.acme, "Other")
    code = app.code(world.bob)
    refused(other.exchange(code), "invalid_grant")
    assert app.exchange(code).status_code == 200


def test_the_redirect_has_to_be_the_one_of_the_request(world, app):
    code = app.code(world.bob)
    refused(app.exchange(code, redirect_uri="http://127.0.0.1:9999/cb"), "invalid_grant")
    refused(app.exchange(code, redirect_uri=f"{CALLBACK}&x=1"), "invalid_grant")
    assert app.exchange(code).status_code == 200


def test_a_code_lives_a_minute(world, app, later):
    code = app.code(world.bob)
    later(seconds=60)
    assert "expired" in refused(app.exchange(code), "invalid_grant")


def test_a_code_of_somebody_deactivated_is_worth_nothing(world, app):
    code = app.code(world.bob)
    employees.deactivate(world.bob, actor=world.actor)
    refused(app.exchange(code), "invalid_grant")


# Access keys


def test_an_access_key_gets_tokens_with_or_without_a_client(world, app, key):
    alone = app.post(grant_type="password", **key)
    assert list(alone.json()) == MEMBERS
    assert claims_of(alone.json()["id_token"])["name"] == "bob@acme.example"
    with_client = app.post(grant_type="password", **key, client_id=app.id, client_secret=app.secret)
    assert claims_of(with_client.json()["id_token"])["aud"] == app.id
    refused(app.post(grant_type="password", **key, client_id=app.id, client_secret="wrong"), "invalid_client")
    refused(app.post(grant_type="password", **key, client_id="nobody"), "invalid_client")
    assert AccessKey.objects.get().last_used_at is not None


@pytest.mark.rule("R-APP-7")
def test_an_application_of_another_tenant_gets_nothing_for_a_key(world, key):
    other = register(world.strange, "Theirs")
    asked = {"grant_type": "password", **key, "client_id": other.id, "client_secret": other.secret}
    assert "another tenant" in refused(other.post(**asked), "invalid_grant")
    Application.objects.update(tenancy="all")
    assert other.post(**asked).status_code == 200


def test_the_equal_signs_of_a_secret_may_come_unencoded(world, app, key):
    body = f"grant_type=password&username={key['username']}&password={key['password']}"
    answer = app.api.generic("POST", "/auth/token", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200


@pytest.mark.rule("R-KEY-3")
def test_a_wrong_or_unusable_key_is_refused(world, app, key):
    refused(app.post(grant_type="password", username=key["username"], password="wrong"), "invalid_grant")
    refused(app.post(grant_type="password", username=world.bob.username, password="Correct-Horse-7"), "invalid_grant")
    refused(app.post(grant_type="password", username=key["username"]), "invalid_request")
    draft, secret = access_keys.draft(world.bob, actor=world.actor)
    assert "Save" in refused(
        app.post(grant_type="password", username=draft.access_key_id, password=secret), "invalid_grant"
    )
    AccessKey.objects.update(is_active=False)
    assert "switched off" in refused(app.post(grant_type="password", **key), "invalid_grant")


def access_key_call(body: object, client: Client | None = None):
    text = body if isinstance(body, str) else json.dumps(body)
    return (client or Client()).post("/authentication/v1/token/access-key", text, content_type="application/json")


def test_the_regional_call_takes_an_access_key(world, key):
    good = {"accessKeyId": key["username"], "accessKeySecret": key["password"]}
    answer = access_key_call(good | {"client_id": "x", "client_secret": "y"})
    body = answer.json()
    assert answer["Content-Type"] == "application/json"
    assert list(body) == [*MEMBERS, "refresh_token_expires_in"]
    assert body["refresh_token_expires_in"] == 7200
    again = access_key_call({"grant_type": "refresh_token", "refresh_token": body["refresh_token"]})
    assert again.json()["access_token"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"accessKeyId": "x", "accessKeySecret": "y"}, 401),
        ({"accessKeyId": "x\x00", "accessKeySecret": "y"}, 400),
        ({"accessKeyId": "x"}, 400),
        ({"accessKeyId": 1, "accessKeySecret": ["y"]}, 400),
        ([], 400),
        ("no json", 400),
        ("", 400),
        ({"accessKeyId": "x" * 70_000, "accessKeySecret": "y"}, 400),
        ({"grant_type": "refresh_token", "refresh_token": "a.b.c"}, 401),
    ],
)
def test_a_wrong_regional_call_is_told_why(db, body, status):
    answer = access_key_call(body)
    assert answer.status_code == status
    assert answer.json()["message" if status == 401 else "details"]


def test_the_user_hub_refreshes(world, public_app, app):
    tokens = public_app.tokens(world.bob)
    answer = Client().post(
        "/public/user/refresh", json.dumps({"token": tokens["refresh_token"]}), content_type="application/json"
    )
    body = answer.json()
    assert set(body) == {
        "token",
        "tokenExpirationTimeSec",
        "refreshToken",
        "refreshTokenExpirationTimeSec",
        "sessionId",
    }
    assert claims_of(body["token"])["sessionId"] == body["sessionId"]
    confidential = app.tokens(world.bob)["refresh_token"]
    answer = Client().post("/public/user/refresh", json.dumps({"token": confidential}), content_type="application/json")
    assert answer.status_code == 401
    assert "secret" in answer.json()["message"]


# Refreshing


def test_a_refresh_brings_new_tokens_and_the_old_one_stays_good(world, app, later):
    first = app.tokens(world.bob)
    later(seconds=10)
    second = app.refresh(first["refresh_token"]).json()
    assert list(second) == MEMBERS
    assert claims_of(second["access_token"])["sessionId"] == claims_of(first["access_token"])["sessionId"]
    assert second["refresh_token"] != first["refresh_token"]
    assert app.refresh(first["refresh_token"]).status_code == 200
    later(seconds=7191)
    assert "expired" in refused(app.refresh(first["refresh_token"]), "invalid_grant")


def test_a_refresh_token_is_for_the_client_it_was_given_to(world, app):
    other = register(world.acme, "Other")
    token = app.tokens(world.bob)["refresh_token"]
    refused(other.refresh(token), "invalid_grant")
    refused(app.refresh(token, client_secret=None), "invalid_client")
    refused(app.refresh(token, client_secret="wrong"), "invalid_client")
    refused(app.refresh(token, client_id=None, client_secret=None), "invalid_client")


@pytest.mark.parametrize("which", ["access_token", "id_token"])
def test_no_other_token_refreshes(world, app, which):
    refused(app.refresh(app.tokens(world.bob)[which]), "invalid_grant")


@pytest.mark.parametrize("token", ["x", "a.b.c", "", "é", "x" * 20_000])
def test_what_is_no_refresh_token_is_refused(world, app, token):
    refused(app.refresh(token), "invalid_grant" if token else "invalid_request")


def test_a_forged_token_is_refused(world, app):
    token = app.tokens(world.bob)["refresh_token"]
    header, payload, signature = token.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    hmac = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    for forged in (
        f"{none}.{payload}.",
        f"{none}.{payload}.{signature}",
        f"{hmac}.{payload}.{signature}",
        f"{header}.{payload}.AAAA",
    ):
        refused(app.refresh(forged), "invalid_grant")


def test_a_scope_cannot_grow(world, app):
    token = app.tokens(world.bob)["refresh_token"]
    assert app.refresh(token, scope="openid").status_code == 200
    refused(app.refresh(token, scope="openid AdminAPI"), "invalid_scope")


# Bad requests


@pytest.mark.parametrize(
    "grant_type",
    ["client_credentials", "implicit", "token-exchange", "urn:ietf:params:oauth:grant-type:device_code", "x"],
)
def test_other_grants_are_not_supported(world, app, grant_type):
    said = refused(
        app.post(grant_type=grant_type, client_id=app.id, client_secret=app.secret), "unsupported_grant_type"
    )
    assert "authorization_code" in said


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", "application/x-www-form-urlencoded"),
        ("code=x", "application/x-www-form-urlencoded"),
        ("grant_type=authorization_code&client_id=a&client_id=b", "application/x-www-form-urlencoded"),
        ("grant_type=password&username=a%00&password=b", "application/x-www-form-urlencoded"),
        ("grant_type=password&username=%ff&password=b", "application/x-www-form-urlencoded"),
        ("grant_type=password&username=a&password=b", "text/xml"),
        ("grant_type=password&username=a&password=b", "multipart/form-data; boundary=x"),
        ('{"grant_type": ["password"]}', "application/json"),
        ('{"grant_type": ', "application/json"),
        ("grant_type=password&username=" + "x" * 70_000, "application/x-www-form-urlencoded"),
        ("grant_type=password&username=" + "x" * 3_000_000, "application/x-www-form-urlencoded"),
        ("&".join(f"a{n}=1" for n in range(200)), "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_cannot_be_read_is_an_invalid_request(app, body, content_type):
    refused(app.api.generic("POST", "/auth/token", body, content_type=content_type), "invalid_request")


def test_parameters_belong_in_the_body(world, app):
    answer = app.api.generic(
        "POST",
        f"/auth/token?grant_type=authorization_code&code={app.code(world.bob)}",
        b"",
        content_type="application/x-www-form-urlencoded",
    )
    refused(answer, "invalid_request")
    assert app.api.get("/auth/token").status_code == 405


@pytest.mark.parametrize(
    "junk",
    [
        "session",
        "access_key_id",
        "found_code",
        "client",
        "client_authenticated",
        "refresh_trouble",
        "refresh_session",
        "user",
        "scopes",
    ],
)
def test_parameters_it_does_not_know_change_nothing(world, app, junk):
    tokens = app.exchange(app.code(world.bob), **{junk: "1"})
    assert tokens.status_code == 200
    assert app.refresh(tokens.json()["refresh_token"], **{junk: "1"}).status_code == 200


def test_no_password_hash_is_computed(world, app, key, monkeypatch):
    code = app.code(world.bob)

    def slow(*args: object, **kwargs: object) -> None:
        pytest.fail("a password hash was computed")

    for name in ("check_password", "make_password"):
        monkeypatch.setattr(hashers, name, slow)
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", slow)
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", slow)
    tokens = app.exchange(code).json()
    app.refresh(tokens["refresh_token"])
    app.scim(tokens["access_token"])
    assert app.post(grant_type="password", **key).status_code == 200
    refused(app.exchange("wrong"), "invalid_grant")
    refused(app.exchange("wrong", client_secret="wrong"), "invalid_client")


def test_secrets_do_not_reach_the_log(world, app, key, caplog):
    with caplog.at_level("DEBUG"):
        code = app.code(world.bob)
        tokens = app.exchange(code).json()
        app.exchange(code)
        app.post(grant_type="password", **key)
        app.refresh(tokens["refresh_token"])
    logged = caplog.text
    for secret in (
        code,
        app.secret,
        quote(app.secret),
        key["password"],
        tokens["refresh_token"],
        tokens["access_token"],
    ):
        assert secret not in logged


def test_of_two_exchanges_of_one_code_the_second_fails(world, app):
    code = app.code(world.bob)
    assert [app.exchange(code).status_code for _ in range(2)] == [200, 400]
    assert AuthorizationCode.objects.get().used_at is not None
    assert OAuthSession.objects.count() == 1


def test_a_session_ends_with_its_code_or_its_employee_only(world, app, provisioner):
    first, second = app.tokens(provisioner), app.tokens(provisioner)
    OAuthSession.objects.filter(pk=claims_of(first["access_token"])["sessionId"]).delete()
    assert app.scim(first["access_token"]).status_code == 401
    assert app.scim(second["access_token"]).status_code == 200

"""What an access token opens, and what ends it (spec §8.2; R-EMP-13, R-KEY-7, R-APP-8)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import signing
from accounts.actions import access_keys, employees, links, locks, oauth_sessions, passwords
from accounts.models import AccessKey, AccountSettings, Application, AuditEvent, Employee, MailedLink, OAuthSession
from tests.oauth.conftest import claims_of

NEW_USER = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "one@acme.example",
    "name": {"givenName": "Test", "familyName": "One"},
    "emails": [{"value": "one@acme.example"}],
}


def create(app, token):
    return app.api.post(
        "/scim/v2/Users", NEW_USER, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )


@pytest.mark.rule("R-ACC-1")
def test_a_sign_in_needs_the_scim_permission(world, app):
    world.bob_may("admin.employees.view", "admin.employees.create")
    token = app.tokens(world.bob)["access_token"]
    answer = app.scim(token)
    assert answer.status_code == 403
    assert "The account bob@acme.example needs the permission" in answer.json()["detail"]
    world.bob_may("admin.scim.on")
    assert app.scim(token).status_code == 200


@pytest.mark.rule("R-ACC-2")
def test_unless_the_tenant_says_any(world, app):
    world.bob_may("admin.employees.view")
    AccountSettings.objects.filter(pk=world.acme.pk).update(scim_access_rule="any")
    token = app.tokens(world.bob)["access_token"]
    assert app.scim(token).status_code == 200
    assert create(app, token).status_code == 403


@pytest.mark.rule("R-ACC-1")
def test_an_access_key_brings_the_rights_on_employees(world, app, key):
    token = app.post(grant_type="password", **key).json()["access_token"]
    assert app.scim(token).status_code == 200
    assert create(app, token).status_code == 403


@pytest.mark.rule("R-AUD-3", "R-AUD-4")
def test_changes_are_credited_to_who_signed_in(world, app, provisioner):
    world.draft("Agent", activate=True)
    assert create(app, app.tokens(provisioner)["access_token"]).status_code == 201
    event = AuditEvent.objects.filter(entity="User").latest("at")
    assert (event.triggered_by_name, event.channel, event.credential) == (
        "Bob Brown",
        "SCIM",
        "application Okta Integration",
    )


@pytest.mark.rule("R-ACC-3")
def test_an_access_token_belongs_under_scim(world, app, provisioner):
    token = app.tokens(provisioner)["access_token"]
    for family in ("oauth", "basic-auth"):
        answer = app.scim(token, f"/{family}/scim/v2/Users")
        assert answer.status_code == 401
        assert "Access tokens are accepted under /scim/v2 only." in answer.json()["detail"]


def test_authenticating_takes_one_statement(world, app, provisioner):
    token = app.tokens(provisioner)["access_token"]
    app.scim(token)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert app.scim(token).status_code == 200
    about_the_token = [query for query in captured if "accounts_oauthsession" in query["sql"]]
    assert len(about_the_token) == 1
    assert len(captured) <= 3


@pytest.mark.parametrize("which", ["refresh_token", "id_token"])
def test_no_other_token_opens_anything(world, app, provisioner, which):
    token = app.tokens(provisioner)[which]
    assert app.scim(token).status_code == 401
    assert Client().get("/auth/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_it_ends_with_its_hour_and_a_refresh_brings_another(world, app, provisioner, later):
    tokens = app.tokens(provisioner)
    later(seconds=3600)
    answer = app.scim(tokens["access_token"])
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The access token has expired."
    assert answer["WWW-Authenticate"] == "Bearer"
    fresh = app.refresh(tokens["refresh_token"]).json()
    assert app.scim(fresh["access_token"]).status_code == 200


class Good:
    """Tokens that work, of a sign-in or of an access key, and the check that they do not any more."""

    def __init__(self, app, tokens):
        self.app, self.tokens = app, tokens
        assert app.scim(tokens["access_token"]).status_code == 200

    def is_over(self, error="invalid_grant"):
        refused = self.app.refresh(self.tokens["refresh_token"])
        assert (refused.status_code, refused.json()["error"]) == (400, error)
        return self.app.scim(self.tokens["access_token"]).status_code == 401


@pytest.mark.rule("R-EMP-13")
def test_deactivation_ends_it_for_good(world, app, provisioner):
    good = Good(app, app.tokens(provisioner))
    employees.deactivate(provisioner, actor=world.actor)
    assert good.is_over()
    provisioner.refresh_from_db()
    employees.reactivate(provisioner, actor=world.actor)
    assert good.is_over()


@pytest.mark.rule("R-APP-8")
@pytest.mark.parametrize("status", ["DISABLED", "SCHEDULED", "REJECTED", "SUBMITTED"])
def test_an_application_that_is_not_enabled_ends_it(world, app, provisioner, status):
    good = Good(app, app.tokens(provisioner))
    Application.objects.update(status=status)
    assert good.is_over("invalid_client")
    oauth_sessions.end_of_application(app.record)
    Application.objects.update(status="ENABLED")
    assert good.is_over()


@pytest.mark.rule("R-KEY-7")
def test_switching_the_key_off_ends_it_for_good(world, app, key):
    good = Good(app, app.post(grant_type="password", **key, client_id=app.id, client_secret=app.secret).json())
    made = AccessKey.objects.get()
    access_keys.save(world.bob, {made.pk: "off"}, actor=world.actor)
    assert good.is_over()
    access_keys.save(world.bob, {made.pk: "on"}, actor=world.actor)
    assert good.is_over()


@pytest.mark.rule("R-KEY-7")
def test_deleting_the_key_ends_it(world, app, key):
    good = Good(app, app.post(grant_type="password", **key, client_id=app.id, client_secret=app.secret).json())
    access_keys.save(world.bob, {AccessKey.objects.get().pk: "delete"}, actor=world.actor)
    assert good.is_over()
    assert not OAuthSession.objects.exists()


def test_a_password_reset_ends_a_sign_in_and_leaves_access_keys_alone(world, app, provisioner, key):
    world.bob_may("admin.scim.on")
    signed_in = Good(app, app.tokens(provisioner))
    by_key = app.post(grant_type="password", **key).json()
    link, _ = links.make(provisioner, MailedLink.Kind.PASSWORD_RESET)
    passwords.reset(link, "Another-Horse-8", "Another-Horse-8")
    assert signed_in.is_over()
    assert app.scim(by_key["access_token"]).status_code == 200


def test_reset_by_the_administrator_ends_it(world, app, provisioner):
    good = Good(app, app.tokens(provisioner))
    employees.require_new_password(provisioner, actor=world.actor)
    assert good.is_over()


@pytest.mark.rule("R-LOCK-6")
def test_a_failed_login_lock_does_not(world, app, provisioner):
    tokens = app.tokens(provisioner)
    locks.lock_for_failed_logins(provisioner)
    assert app.scim(tokens["access_token"]).status_code == 200
    assert app.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.rule("R-LOCK-6")
def test_an_inactivity_lock_does(world, app, provisioner):
    good = Good(app, app.tokens(provisioner))
    locks.lock_for_inactivity(Employee.objects.get(pk=provisioner.pk))
    assert good.is_over()


@pytest.mark.rule("R-PERM-6")
def test_a_right_taken_away_counts_at_once(world, app, provisioner):
    token = app.tokens(provisioner)["access_token"]
    assert app.scim(token).status_code == 200
    world.bob_may()
    assert app.scim(token).status_code == 403


def test_rotating_the_keys_leaves_tokens_good(world, app, provisioner, later):
    before = app.tokens(provisioner)
    signing.rotate()
    after = app.tokens(provisioner)
    served = [key["kid"] for key in app.api.get("/auth/jwks").json()["keys"]]
    assert len(served) == 2
    assert served[1] == "default"
    for tokens in (before, after):
        assert app.scim(tokens["access_token"]).status_code == 200
        assert app.refresh(tokens["refresh_token"]).status_code == 200
    later(seconds=7201)
    assert [key["kid"] for key in app.api.get("/auth/jwks").json()["keys"]] == served[:1]


def test_a_key_that_another_process_made_is_found(world, app, provisioner):
    token = app.tokens(provisioner)["access_token"]
    signing._opened.clear()
    assert app.scim(token).status_code == 200


def test_private_keys_are_sealed(world, app):
    app.tokens(world.bob)
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_key FROM accounts_signingkey")
        assert "PRIVATE" not in cursor.fetchone()[0]


def test_last_used_is_noted(world, app, provisioner):
    app.scim(app.tokens(provisioner)["access_token"])
    assert Application.objects.get().last_used_at is not None
    assert OAuthSession.objects.get().last_used_at is not None


def test_a_token_of_one_tenant_shows_nothing_of_another(world, app):
    world.bob_may("admin.employees.view")
    token = app.tokens(world.bob)["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert app.api.get(f"/user-management/v1/users/{world.charlie.pk}", headers=bearer).status_code == 404
    assert (
        app.api.get(f"/user-management/v1/users/{world.alice.pk}", headers=bearer).json()["user"]["userName"]
        == "alice@acme.example"
    )
    assert claims_of(token)["tenantId"] == str(world.acme.pk)

"""Which credential opens which address, for whom, and what it may do there (spec §8.2)."""

from datetime import timedelta

import pytest

from accounts.actions import access_keys, employees, scim_tokens
from accounts.actors import system
from accounts.models import AccessKey, AuditEvent, Employee, ScimToken
from cxadmin import clock
from tests.scim.client import KEY_BASE, NOBODY, TOKEN_BASE, ScimClient, basic, bearer, refused, replace, user
from tests.world import history_of

ACCESS_TOKEN_BASE = "/scim/v2"
BASES = (ACCESS_TOKEN_BASE, TOKEN_BASE, KEY_BASE)
ADDRESSES = [
    ("GET", "/Users", "view"),
    ("HEAD", "/Users", "view"),
    ("POST", "/Users", "create"),
    ("GET", f"/Users/{NOBODY}", "view"),
    ("PUT", f"/Users/{NOBODY}", "edit"),
    ("PATCH", f"/Users/{NOBODY}", "edit"),
    ("DELETE", f"/Users/{NOBODY}", "edit"),
    ("POST", "/Users/.search", "view"),
    ("GET", "/Groups", "view"),
    ("POST", "/Groups", "create"),
    ("GET", f"/Groups/{NOBODY}", "view"),
    ("PUT", f"/Groups/{NOBODY}", "edit"),
    ("PATCH", f"/Groups/{NOBODY}", "edit"),
    ("DELETE", f"/Groups/{NOBODY}", "edit"),
    ("POST", "/Groups/.search", "view"),
    ("GET", "", "view"),
    ("GET", "/", "view"),
    ("POST", "/.search", "view"),
    ("GET", "/Schemas", "view"),
    ("GET", "/ResourceTypes", "view"),
    ("GET", "/Nothing", "view"),
]
RIGHTS = {name: f"admin.employees.{name}" for name in ("view", "create", "edit")}


@pytest.mark.rule("R-ACC-1", "R-ACC-8")
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(("method", "path", "right"), ADDRESSES)
def test_every_address_of_every_family_needs_a_credential(acme, base, method, path, right):
    response = ScimClient(None, base).call(method, path, {} if method != "GET" else None)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == ('Basic realm="cxadmin"' if base == KEY_BASE else "Bearer")
    if method != "HEAD":
        assert response.json()["detail"] == "A credential is needed."


@pytest.mark.parametrize("base", BASES)
def test_only_the_service_provider_configuration_is_for_everybody(acme, base):
    response = ScimClient(None, base).get("/ServiceProviderConfig")
    assert response.status_code == 200
    assert response.json()["meta"]["location"].endswith(f"{base}/ServiceProviderConfig")


@pytest.mark.rule("R-ACC-1")
@pytest.mark.parametrize("door", ["by_token", "by_key"])
def test_a_token_and_a_key_open_their_own_family(acme, door):
    assert getattr(acme, door)().get("/Users").json()["totalResults"] == 2


@pytest.mark.rule("R-ACC-3", "R-TOK-4")
@pytest.mark.parametrize("base", [ACCESS_TOKEN_BASE, KEY_BASE])
def test_a_token_opens_no_other_family(acme, base):
    response = ScimClient(bearer(acme.seed.secrets.scim_token), base).get("/Users")
    refused(response, 401, None, "SCIM tokens are accepted under /oauth/scim/v2 only.")


@pytest.mark.rule("R-ACC-3")
@pytest.mark.parametrize("base", [ACCESS_TOKEN_BASE, TOKEN_BASE])
def test_a_key_opens_no_other_family(acme, base):
    secrets = acme.seed.secrets
    response = ScimClient(basic(secrets.access_key_id, secrets.access_key_secret), base).get("/Users")
    refused(response, 401, None, "Access keys are accepted as Basic credentials under /basic-auth/scim/v2 only.")


@pytest.mark.rule("R-ACC-3")
@pytest.mark.parametrize("base", [TOKEN_BASE, KEY_BASE])
def test_what_looks_like_an_access_token_is_sent_to_its_own_family(acme, base):
    refused(ScimClient("Bearer aaa.bbb.ccc", base).get("/Users"), 401, None, "/scim/v2")


@pytest.mark.rule("R-TOK-4")
def test_a_token_opens_no_page(acme):
    response = acme.by_token().http.get("/employees/", headers={"Authorization": bearer(acme.seed.secrets.scim_token)})
    assert response.status_code in (302, 404)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic", "Basic !!!", "Basic YWJj", "Digest x", "cxs_", "\x7f"]
)
@pytest.mark.parametrize("base", BASES)
def test_a_broken_header_is_a_401(acme, base, header):
    assert ScimClient(header, base).get("/Users").status_code == 401


@pytest.mark.parametrize("secret", ["cxs_" + "A" * 43, "cxs_\u00e9", "cxs_" + "x" * 10_000])
def test_an_unknown_token_is_a_401(acme, secret):
    refused(ScimClient(bearer(secret)).get("/Users"), 401, None, "unknown")


def test_a_wrong_secret_is_a_401(acme):
    for pair in ((acme.seed.secrets.access_key_id, "wrong"), ("wrong", "wrong"), ("a\x00b", "x"), ("", "")):
        refused(ScimClient(basic(*pair), KEY_BASE).get("/Users"), 401, None, "is wrong")


def test_a_token_without_its_scheme_is_taken(acme):
    """Okta's header field is free text."""
    assert ScimClient(acme.seed.secrets.scim_token).get("/Users").status_code == 200
    assert ScimClient(f"bearer  {acme.seed.secrets.scim_token}").get("/Users").status_code == 200


@pytest.mark.rule("R-TOK-3")
def test_a_token_works_only_after_save(acme):
    token, secret = scim_tokens.generate(acme.robot, actor=system(acme.unit.pk))
    refused(ScimClient(bearer(secret)).get("/Users"), 401, None, "works only after Save")
    scim_tokens.save([token.pk], actor=system(acme.unit.pk))
    assert ScimClient(bearer(secret)).get("/Users").status_code == 200


@pytest.mark.rule("R-TOK-6")
def test_an_expired_token_is_refused(acme, scim):
    ScimToken.objects.update(expires_at=clock.now() + timedelta(hours=1))
    assert scim.get("/Users").status_code == 200
    ScimToken.objects.update(expires_at=clock.now())
    refused(scim.get("/Users"), 401, None, "expired")


def test_a_deleted_token_is_refused(acme, scim):
    scim_tokens.delete(ScimToken.objects.get(), actor=system(acme.unit.pk))
    refused(scim.get("/Users"), 401, None, "deleted")


@pytest.mark.rule("R-KEY-3")
def test_a_key_works_only_after_save_and_while_it_is_on(acme):
    key, secret = access_keys.draft(acme.robot, actor=system(acme.unit.pk))
    client = ScimClient(basic(key.access_key_id, secret), KEY_BASE)
    refused(client.get("/Users"), 401, None, "works only after Save")
    access_keys.save(acme.robot, {key.pk: "on"}, actor=system(acme.unit.pk))
    assert client.get("/Users").status_code == 200
    access_keys.save(acme.robot, {key.pk: "off"}, actor=system(acme.unit.pk))
    refused(client.get("/Users"), 401, None, "switched off")
    access_keys.save(acme.robot, {key.pk: "delete"}, actor=system(acme.unit.pk))
    refused(client.get("/Users"), 401, None, "is wrong")
    assert AccessKey.objects.count() == 1


@pytest.mark.rule("R-EMP-13", "R-TOK-7", "R-KEY-3")
@pytest.mark.parametrize("door", ["by_token", "by_key"])
@pytest.mark.parametrize(
    ("state", "works"),
    [
        ({"status": "ACTIVE"}, True),
        ({"status": "BLOCKED", "lock_reason": "FAILED_LOGINS"}, True),
        ({"status": "BLOCKED", "lock_reason": "INACTIVITY"}, False),
        ({"status": "DELETED"}, False),
        ({"status": "PENDING"}, False),
        ({"status": "UNREGISTERED"}, False),
    ],
)
def test_the_holder_must_be_active_or_locked_by_failed_sign_ins_only(acme, door, state, works):
    client = getattr(acme, door)()
    Employee.objects.filter(pk=acme.robot.pk).update(**state)
    response = client.get("/Users")
    if works:
        assert response.status_code == 200
        return
    refused(response, 401, None, f"The account {acme.robot.username} ")
    Employee.objects.filter(pk=acme.robot.pk).update(status="ACTIVE", lock_reason=None)
    assert client.get("/Users").status_code == 200  # it works again afterwards


@pytest.mark.rule("R-LOCK-4", "R-LOCK-6")
def test_a_holder_who_was_idle_too_long_is_locked_by_the_attempt(acme, scim):
    acme.set(lock_on=True, lock_days=30)
    Employee.objects.filter(pk=acme.robot.pk).update(last_activity_at=clock.ago(days=31))
    refused(scim.get("/Users"), 401, None, "locked for inactivity")
    assert acme.robot.status == "BLOCKED"


@pytest.mark.rule("R-LOCK-4")
def test_using_a_credential_counts_as_activity(acme, scim):
    Employee.objects.filter(pk=acme.robot.pk).update(last_activity_at=clock.ago(days=3))
    scim.get("/Users")
    assert clock.now() - acme.robot.last_activity_at < timedelta(minutes=1)
    assert clock.now() - ScimToken.objects.get().last_used_at < timedelta(minutes=1)


@pytest.mark.rule("R-ACC-1", "R-ACC-4")
@pytest.mark.parametrize(("method", "path", "right"), ADDRESSES)
def test_every_address_needs_its_right_and_names_the_one_that_is_missing(acme, scim, method, path, right):
    acme.may(*(code for name, code in RIGHTS.items() if name != right))
    response = scim.call(method, path, {} if method not in ("GET", "HEAD") else None)
    assert response.status_code == 403
    if method != "HEAD":
        refused(response, 403, None, f"The account {acme.robot.username} needs the permission ", right.capitalize())
    acme.may(RIGHTS[right])
    assert scim.call(method, path, {} if method not in ("GET", "HEAD") else None).status_code not in (401, 403)


@pytest.mark.rule("R-ACC-1", "R-PERM-6")
def test_the_scim_permission_alone_is_enough_for_everything(acme, scim):
    acme.may("admin.scim.on")
    created = scim.user()
    assert scim.patch(f"/Users/{created['id']}", replace("title", "Countess")).status_code == 200
    assert scim.delete(f"/Users/{created['id']}").status_code == 204


@pytest.mark.rule("R-ACC-4", "R-PERM-6", "R-KEY-4")
@pytest.mark.parametrize("door", ["by_token", "by_key"])
def test_a_right_that_is_taken_away_is_missing_at_once(acme, door):
    client = getattr(acme, door)()
    assert client.get("/Users").status_code == 200
    acme.may()
    refused(client.get("/Users"), 403, None, acme.robot.username)
    acme.may("admin.employees.view")
    assert client.get("/Users").status_code == 200


@pytest.mark.rule("R-GRP-1")
def test_groups_bring_no_rights(acme, scim):
    admin = Employee.objects.get(business_unit=acme.unit, username="admin@acme.example")
    for name in ("Administrators", "Provisioners"):
        scim.group(name, str(admin.pk), str(acme.robot.pk))
    acme.may("admin.employees.view")
    assert scim.found(f'members eq "{acme.robot.pk}"', "Groups") == ["Administrators", "Provisioners"]
    refused(scim.post("/Users", user()), 403, None, "Employees", "Create")


@pytest.mark.rule("R-KEY-5", "R-EMP-11")
@pytest.mark.parametrize("door", ["by_token", "by_key"])
def test_a_holder_needs_no_login_authenticator(acme, door):
    Employee.objects.filter(pk=acme.robot.pk).update(login_authenticator=None)
    assert getattr(acme, door)().get("/Users").status_code == 200


@pytest.mark.rule("R-PERM-6")
def test_the_rights_of_a_role_that_is_not_active_do_not_count(acme, scim):
    role = acme.role("SCIM Access Key")
    type(role).objects.filter(pk=role.pk).update(status="INACTIVE")
    refused(scim.get("/Users"), 403, None, "Employees")


@pytest.mark.rule("R-ACC-5")
def test_deactivating_needs_edit_and_not_delete(acme, scim):
    created = scim.user()
    acme.may("admin.employees.view", "admin.employees.edit")
    assert scim.patch(f"/Users/{created['id']}", replace("active", False)).json()["active"] is False


@pytest.mark.rule("R-ACC-6")
@pytest.mark.parametrize("door", ["by_token", "by_key"])
def test_nobody_deactivates_the_account_that_acts(acme, door):
    client, own = getattr(acme, door)(), f"/Users/{acme.robot.pk}"
    sentence = "You cannot deactivate your own account."
    body = user("scim", userName=acme.robot.username, active=False)
    refused(client.patch(own, replace("active", False)), 403, None, sentence)
    refused(client.put(own, body), 403, None, sentence)
    refused(client.delete(own), 403, None, sentence)
    assert acme.robot.status == "ACTIVE"
    assert not acme.robot.scim_managed
    assert [change for change in history_of(acme.robot) if change[0] == "User.status"] == [
        ("User.status", "", "ACTIVE")
    ]


@pytest.mark.rule("R-ROLE-12")
def test_the_last_one_who_edits_roles_is_not_deactivated(acme, scim):
    admin = Employee.objects.get(business_unit=acme.unit, username="admin@acme.example")
    refused(scim.patch(f"/Users/{admin.pk}", replace("active", False)), 403, None, "must be able to edit roles")
    refused(scim.delete(f"/Users/{admin.pk}"), 403, None, "must be able to edit roles")
    admin.refresh_from_db()
    assert (admin.status, admin.scim_hidden, admin.scim_managed) == ("ACTIVE", False, False)


@pytest.mark.rule("R-AUD-3", "R-AUD-4", "R-TOK-1")
@pytest.mark.parametrize(("door", "credential"), [("by_token", "SCIM token …"), ("by_key", "access key ")])
def test_changes_are_credited_to_the_holder_and_name_the_credential(acme, door, credential):
    created = getattr(acme, door)().user()
    event = AuditEvent.objects.get(entity_id=created["id"])
    assert (event.channel, event.triggered_by, event.triggered_by_name) == ("SCIM", acme.robot, "SCIM AccessKey")
    assert event.credential.startswith(credential)
    assert acme.seed.secrets.scim_token not in event.credential
    assert acme.seed.secrets.access_key_secret not in event.credential


def test_a_holder_deactivated_in_the_console_is_locked_out_at_once(acme, scim):
    assert scim.get("/Users").status_code == 200
    employees.deactivate(acme.robot, actor=system(acme.unit.pk))
    refused(scim.get("/Users"), 401, None, "is inactive")

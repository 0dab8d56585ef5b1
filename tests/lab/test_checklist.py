"""The integration checklist: every step's state, and connection tests that send a real request."""

import json
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import CommandError, call_command

from accounts.actions import access_keys, scim_tokens
from accounts.actors import system
from accounts.models import Application, Employee, OAuthSession, Role, ScimToken
from cxadmin import clock
from cxadmin.lab import access, diagnosis, inside, running, seeds
from tests.world import visible


@pytest.fixture
def demo(db):
    return seeds.plant(seeds.SEEDS[0])


@pytest.fixture
def bare(db):
    return seeds.plant(seeds.SEEDS[1])


SECRETS = seeds.SEEDS[0].secrets


def steps(client, tenant="demo", procedure="token") -> dict[str, tuple[str, str]]:
    """State and sentence of each step."""
    answer = client.get(
        f"/_lab/tenants/{tenant}/checklist", headers={"Authorization": f"Bearer {access.control_key()}"}
    )
    assert answer.status_code == 200
    found = next(one for one in answer.json()["procedures"] if one["procedure"] == procedure)
    return {step["step"]: (step["state"], step["said"]) for step in found["steps"]}


def states(client, tenant="demo", procedure="token") -> dict[str, str]:
    return {key: state for key, (state, _said) in steps(client, tenant, procedure).items()}


@pytest.fixture
def operator(client, demo):
    """The browser of the administrator of demo, a lab operator."""
    client.force_login(Employee.objects.get(username="admin@demo.example"))
    return client


def try_it(operator, procedure, tenant="demo", expected=200, **entered):
    values = {f"{procedure}-{name}": value for name, value in entered.items()}
    answer = operator.post(f"/lab/checklist/?tenant={tenant}", {"procedure": procedure, **values})
    assert answer.status_code == expected
    return answer


def test_a_seeded_tenant_lacks_only_the_calls(client, demo):
    assert states(client, procedure="oauth") == {
        "application": "done", "enabled": "done", "callback": "done", "permission": "done", "person": "done",
        "authenticated": "missing", "agent": "done", "fields": "done", "first": "missing", "last": "missing",
    }  # fmt: skip
    for procedure in ("token", "key"):
        found = states(client, procedure=procedure)
        assert {key for key, state in found.items() if state != "done"} == {"first", "last"}


def test_a_bare_tenant_lacks_everything(client, bare):
    assert set(states(client, "bare", "oauth").values()) == {"missing", "note"}
    token = steps(client, "bare", "token")
    assert token["saved"] == ("missing", "No SCIM token yet.")
    assert token["agent"][1].startswith("No active role named Agent")
    key = steps(client, "bare", "key")
    assert key["role"] == ("done", "Administrator")
    assert key["saved"] == ("missing", "No access key yet.")
    Role.objects.update(status="INACTIVE")
    assert states(client, "bare", "key")["role"] == "missing"


def test_the_token_s_life_is_followed(client, bare):
    actor = system(bare.pk)
    admin = Employee.objects.get(username="admin@bare.example")
    token, _secret = scim_tokens.generate(admin, actor=actor)
    assert steps(client, "bare")["saved"] == (
        "trouble",
        "A token was generated, but not saved: it works only after Save.",
    )
    scim_tokens.save([token.pk], actor=actor)
    assert states(client, "bare")["saved"] == "done"
    assert states(client, "bare")["rights"] == "done"
    ScimToken.objects.update(expires_at=clock.ago(days=1))
    assert steps(client, "bare")["valid"] == ("trouble", "The SCIM token has expired.")
    ScimToken.objects.update(expires_at=None)
    Employee.objects.filter(pk=admin.pk).update(status="DELETED")
    assert steps(client, "bare")["employee"] == ("trouble", "admin@bare.example is Inactive.")
    assert states(client, "bare")["rights"] == "missing"


def test_the_key_s_life_is_followed(client, demo):
    robot = Employee.objects.get(username="scim@demo.example")
    role = Role.objects.get(name="SCIM Access Key")
    role.permissions.filter(code="admin.employees.create").delete()
    assert steps(client, procedure="key")["rights"] == ("note", "scim@demo.example lacks Admin > Employees > Create.")
    role.permissions.all().delete()
    assert steps(client, procedure="key")["rights"][0] == "trouble"
    robot.access_keys.update(is_active=False)
    assert steps(client, procedure="key")["on"] == ("trouble", "The access key is switched off.")
    robot.access_keys.update(saved_at=None)
    assert steps(client, procedure="key")["saved"][0] == "trouble"
    access_keys.draft(Employee.objects.get(username="admin@demo.example"), actor=system(demo.pk))
    assert steps(client, procedure="key")["saved"][0] == "trouble"


def test_the_application_s_life_is_followed(client, demo):
    found = Application.objects.filter(business_unit=demo)
    found.update(status="SUBMITTED")
    assert steps(client, procedure="oauth")["enabled"] == ("waiting", "Okta CXone Integration is Submitted.")
    found.update(status="DISABLED")
    assert states(client, procedure="oauth")["enabled"] == "trouble"
    found.update(redirect_uris="https://system-admin.okta.com/admin/app/cpc/${appName}/oauth/callback")
    assert steps(client, procedure="oauth")["callback"] == ("trouble", "The redirect URL still contains ${appName}.")
    found.update(redirect_uris="https://elsewhere.example/back")
    assert states(client, procedure="oauth")["callback"] == "note"
    found.update(type="backend")
    assert "Back-end" in steps(client, procedure="oauth")["application"][1]
    Role.objects.filter(name="Okta Provisioning").update(status="INACTIVE")
    assert states(client, procedure="oauth")["permission"] == "missing"
    assert states(client, procedure="oauth")["person"] == "missing"


def test_the_default_role_and_the_fields(client, demo):
    Role.objects.filter(name="Agent").update(status="INACTIVE")
    assert states(client)["agent"] == "missing"
    demo.settings.scim_default_role = Role.objects.get(name="Agent")
    demo.settings.scim_fields = ["team"]
    demo.settings.save()
    assert "not active" in steps(client)["agent"][1]
    state, said = steps(client)["fields"]
    assert state == "note"
    assert "Display Name" in said
    assert "Team" not in said


def test_calls_are_seen_in_the_journal(client, demo, journal):
    scim = {"Authorization": f"Bearer {SECRETS.scim_token}"}
    assert client.get("/oauth/scim/v2/Users?count=1", headers=scim).status_code == 200
    journal.all()
    found = steps(client)
    assert (found["first"][0], found["last"][0]) == ("done", "done")
    client.get("/oauth/scim/v2/Users?filter=nonsense", headers=scim)
    journal.all()
    state, said = steps(client)["last"]
    assert state == "trouble"
    assert ": 400. " in said
    client.get("/oauth/scim/v2/Users?count=1", headers=scim)
    journal.all()
    state, said = steps(client)["last"]
    assert state == "done"
    assert "the last refusal was before it" in said
    assert states(client, procedure="key")["first"] == "missing"


def test_the_page_shows_the_same_with_links(operator, demo, bare):
    page = operator.get("/lab/checklist/")
    for words in ("Okta by application registration", "First call seen", "To do", "Done", "Test connection"):
        assert words in visible(page)
    Role.objects.filter(name="Agent", business_unit=demo).update(status="INACTIVE")
    assert 'href="/admin/roles/new/"' in operator.get("/lab/checklist/").content.decode()
    other = operator.get("/lab/checklist/?tenant=bare")
    assert "Sign in to the tenant bare" in visible(other)
    assert 'href="/admin/roles/new/"' not in other.content.decode()
    assert operator.get("/lab/checklist/?tenant=nobody").status_code == 404


def test_a_connection_test_with_a_good_token_and_a_good_key(operator, journal):
    answer = try_it(operator, "token", secret=SECRETS.scim_token)
    assert "Connected" in visible(answer)
    assert "/oauth/scim/v2/Users 200" in visible(answer)
    assert "First call seen" in visible(answer)
    assert SECRETS.scim_token not in answer.content.decode()
    (exchange,) = journal.all()
    assert (exchange.status, exchange.query, exchange.client) == (200, "startIndex=1&count=2", "cxadmin")
    assert f"/lab/requests/{exchange.pk}/" in answer.content.decode()
    answer = try_it(operator, "key", key_id=SECRETS.access_key_id, secret=SECRETS.access_key_secret)
    assert "/basic-auth/scim/v2/Users 200" in visible(answer)


def test_a_refused_connection_test_says_why(operator, journal):
    said = visible(try_it(operator, "token", secret="cxs_wrong"))
    assert "The connection was refused." in said
    assert diagnosis.diagnose(journal.last())[0].cause in said
    assert "Open the request" in said


def test_without_a_journal_the_answer_s_own_sentence_is_shown(operator, monkeypatch):
    monkeypatch.setattr(inside, "_handler", WSGIHandler)  # not the one that an earlier test made, with the journal
    said = visible(try_it(operator, "token", secret="cxs_wrong"))
    assert "The SCIM token is unknown." in said
    assert "Open the request" not in said


def test_a_token_of_another_tenant_is_no_success(operator, bare, journal):
    answer = try_it(operator, "token", tenant="bare", secret=SECRETS.scim_token)
    assert "This credential is good, but of another tenant." in visible(answer)


@pytest.mark.parametrize(
    ("procedure", "entered", "words"),
    [
        ("token", {"secret": ""}, "Enter the SCIM token"),
        ("key", {"key_id": "", "secret": "x"}, "Enter both"),
        ("key", {"key_id": "x", "secret": ""}, "Enter both"),
        ("oauth", {"secret": ""}, "Nobody is signed in"),
        ("token", {"secret": "x" * 9000}, "at most 8000"),
    ],
)
def test_a_test_without_a_credential_is_refused(operator, procedure, entered, words):
    assert words in visible(try_it(operator, procedure, expected=422, **entered))


@pytest.mark.parametrize(
    ("secret", "expected"),
    [("ünïcode", 200), ("a b c", 200), ("cxs_\r\nX-Evil: 1", 200), ("cxs_" * 1000, 200), ("a\x00b", 422)],
)
def test_odd_secrets_are_refused(operator, secret, expected):
    assert (
        "The connection was refused." in visible(try_it(operator, "token", expected=expected, secret=secret))
        or expected == 422
    )


def test_a_procedure_that_is_none_is_not_found(operator):
    assert operator.post("/lab/checklist/", {"procedure": "nothing"}).status_code == 404
    assert operator.post("/lab/checklist/", {}).status_code == 404


def test_the_latest_sign_in_is_tried_with_a_fresh_token(operator, demo, journal):
    person = Employee.objects.get(username="okta@demo.example")
    OAuthSession.objects.create(
        employee=person,
        origin="APP",
        application_id=seeds.SEEDS[0].client_id,
        started_at=clock.now(),
        expires_at=clock.now() + timedelta(hours=1),
    )
    assert "/scim/v2/Users 200" in visible(try_it(operator, "oauth", secret=""))
    exchange = journal.last()
    assert (exchange.username, exchange.credential) == ("okta@demo.example", "application Okta CXone Integration")
    assert states(operator, procedure="oauth")["authenticated"] == "done"
    Role.objects.get(name="Okta Provisioning").permissions.all().delete()
    said = visible(try_it(operator, "oauth", secret=""))
    assert "The connection was refused." in said
    assert "SCIM" in diagnosis.diagnose(journal.last())[0].cause


def test_the_number_of_statements_does_not_grow(client, demo, django_assert_max_num_queries):
    actor, robot = system(demo.pk), Employee.objects.get(username="scim@demo.example")
    with django_assert_max_num_queries(16):
        steps(client)
    for _ in range(3):
        token, _secret = scim_tokens.generate(robot, actor=actor)
        scim_tokens.save([token.pk], actor=actor)
    with django_assert_max_num_queries(16):
        steps(client)


def test_an_unknown_tenant_is_a_problem_document(client, db):
    answer = client.get("/_lab/tenants/nobody/checklist", headers={"Authorization": f"Bearer {access.control_key()}"})
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "There is no tenant 'nobody'; GET /_lab/tenants lists them.",
    )


def test_the_command_prints_what_the_api_answers(client, demo, settings):
    def printed(*arguments):
        out = StringIO()
        call_command("checklist", *arguments, stdout=out)
        return out.getvalue()

    answer = client.get("/_lab/tenants/demo/checklist", headers={"Authorization": f"Bearer {access.control_key()}"})
    assert json.loads(printed("--json")) == answer.json()
    for procedure in answer.json()["procedures"]:
        assert procedure["label"] in printed()
        for step in procedure["steps"]:
            assert f" {step['label']}: {step['said']}" in printed()
    with pytest.raises(CommandError, match="no tenant 'nobody'"):
        call_command("checklist", "--tenant", "nobody")


def test_scripts_test_a_connection_as_the_page_does(client, demo, journal):
    def test(**body):
        headers = {"Authorization": f"Bearer {access.control_key()}"}
        return client.post(
            "/_lab/tenants/demo/checklist", json.dumps(body), content_type="application/json", headers=headers
        )

    good = test(procedure="token", secret=SECRETS.scim_token).json()
    assert (good["is_good"], good["status"], good["said"], good["diagnosis"]) == (True, 200, "Connected.", [])
    assert good["request"] == journal.last().pk
    assert good["sent"].endswith("/oauth/scim/v2/Users")
    bad = test(procedure="token", secret="cxs_wrong").json()
    assert (bad["is_good"], bad["status"]) == (False, 401)
    assert bad["said"].startswith("The connection was refused.")
    assert bad["diagnosis"][0]["cause"] == diagnosis.diagnose(journal.last())[0].cause
    seen = len(journal.all())
    for body, status, said in (
        ({"procedure": "key", "secret": "x"}, 409, "Enter both the access key ID and its secret."),
        ({"procedure": "token"}, 409, "Enter the SCIM token: only its hash is kept."),
        ({"procedure": "oauth"}, 409, "Nobody is signed in"),
        ({"procedure": "carrier pigeon"}, 400, "procedure must be one of oauth, token, key."),
        ({"procedure": "token", "secret": 5}, 400, "must be texts"),
        ({"procedure": "token", "password": "x"}, 400, "There is no member password"),
    ):
        answer = test(**body)
        assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.content
    assert len(journal.all()) == seen


def test_the_command_tests_a_connection(demo, journal, monkeypatch):
    def printed(secret, *arguments):
        monkeypatch.setattr(sys, "stdin", StringIO(f"{secret}\n"))
        out = StringIO()
        call_command("checklist", *arguments, stdout=out)
        return out.getvalue()

    monkeypatch.setattr(running, "public_url", lambda: "https://emulator.example")
    said = printed(SECRETS.scim_token, "--test", "token")
    assert said.startswith("✓ GET https://emulator.example/oauth/scim/v2/Users 200 in ")
    assert json.loads(printed(SECRETS.scim_token, "--test", "token", "--json"))["is_good"]
    refused = StringIO()
    monkeypatch.setattr(sys, "stdin", StringIO("cxs_wrong\n"))
    with pytest.raises(SystemExit) as left:
        call_command("checklist", "--test", "token", stdout=refused)
    assert left.value.code == 3
    assert diagnosis.diagnose(journal.last())[0].cause in refused.getvalue()
    with pytest.raises(CommandError, match="Enter both the access key ID"):
        printed("", "--test", "key")

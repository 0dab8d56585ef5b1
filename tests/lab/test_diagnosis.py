"""Every failure of the walk-throughs (spec §12, N-rows) is explained: cause, fix, rule, and the screen that puts it right.

The failures are provoked at the real doors, so a sentence that changes there fails here.
"""

from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.actions import access_keys, applications, oauth_sessions
from accounts.actors import system
from accounts.crypto import keyed_hash
from accounts.models import Application, Employee, Role, RolePermission
from accounts.oauth import tokens
from cxadmin.lab import diagnosis, exchanges
from cxadmin.lab.checklist.facts import SCIM
from tests.scim.client import ScimClient, basic, bearer, replace, user
from tests.scim.conftest import acme, scim  # noqa: F401  # fixtures
from tests.world import REGISTRATION, visible

EVERY_RIGHT = ("admin.employees.view", "admin.employees.create", "admin.employees.edit")


@pytest.fixture
def application(acme) -> Application:  # noqa: F811
    return applications.register(REGISTRATION, unit=acme.unit, actor=system(acme.unit.pk))


def signed_in(employee: Employee, application: Application) -> str:
    """An access token of a sign-in for an application."""
    session = oauth_sessions.begin(employee, application=application, scope="openid", address="")
    return tokens.issue(session).answer()["access_token"]


def rights(tenant, *codes: str) -> None:
    RolePermission.objects.filter(role=tenant.robot.primary_role).delete()
    RolePermission.objects.bulk_create(RolePermission(role=tenant.robot.primary_role, code=code) for code in codes)


def token_request(client, **form: str):
    return client.post("/auth/token", urlencode(form), content_type="application/x-www-form-urlencoded")


class Explained:
    """The first diagnosis of the last exchange, with the address of its screen."""

    def __init__(self, journal) -> None:
        self.exchange = journal.last()
        self.found = diagnosis.diagnose(self.exchange)[0]
        self.url = exchanges.address_of(self.found.place, self.exchange) if self.found.place else ""

    def says(self, cause: str, fix: str, rule: str, url: str = "") -> bool:
        assert cause in self.found.cause
        assert fix in self.found.fix
        assert rule in self.found.sources
        assert url in self.url
        return True


# WT-JA


def test_ja_n1_the_scim_permission_is_missing(journal, acme, application):  # noqa: F811
    rights(acme, *EVERY_RIGHT)
    client = ScimClient(bearer(signed_in(acme.robot, application)), "/scim/v2")
    assert client.get("/Users", startIndex=1, count=2).status_code == 403
    role = f"/admin/roles/{acme.robot.primary_role_id}/?tab=permissions"
    assert Explained(journal).says("lack the permission SCIM", "switch SCIM On", "R-ACC-4", role)


def test_ja_n2_there_is_no_role_agent(journal, acme, scim):  # noqa: F811
    Role.objects.filter(business_unit=acme.unit, name="Agent").update(name="Other", name_key="other")
    assert scim.post("/Users", user("ada")).status_code == 400
    assert Explained(journal).says(
        "no Active role named Agent", "Create a role named Agent", "R-SCIM-4", "/admin/roles/new/"
    )


def test_ja_n3_an_application_for_fedramp_is_no_failure(journal, acme):  # noqa: F811
    application = applications.register(REGISTRATION | {"is_fedramp": True}, unit=acme.unit, actor=system(acme.unit.pk))
    rights(acme, *EVERY_RIGHT, SCIM)
    client = ScimClient(bearer(signed_in(acme.robot, application)), "/scim/v2")
    assert client.get("/Users", startIndex=1, count=2).status_code == 200
    assert diagnosis.diagnose(journal.last()) == []


def test_ja_n4_the_application_is_disabled(journal, acme, application, client):  # noqa: F811
    token = signed_in(acme.robot, application)
    applications.disable(application, actor=system(acme.unit.pk))
    assert ScimClient(bearer(token), "/scim/v2").get("/Users").status_code == 401
    page = f"/admin/applications/{application.pk}/"
    assert Explained(journal).says("not enabled", "Enable the application", "R-APP-8", page)
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": str(application.pk), "client_secret": "x"}
    assert token_request(client, **form).status_code == 400
    found = Explained(journal)
    assert found.found.place == "application"
    assert "secret" in found.found.cause or "disabled" in found.found.cause
    Application.objects.filter(pk=application.pk).update(secret_hash=keyed_hash("known"))
    form["client_secret"] = "known"
    assert token_request(client, **form).json()["error"] == "invalid_client"
    assert Explained(journal).says("application that asks for tokens is disabled", "Enable", "R-APP-8", page)


def test_ja_n5_a_person_who_exists_is_updated(journal, acme, scim):  # noqa: F811
    assert scim.get("/Users", filter=f'userName eq "{acme.robot.username}"').json()["totalResults"] == 1
    assert Explained(journal).says("The person exists", "Nothing has to be done", "R-SCIM-8")
    name = acme.robot.username
    assert scim.put(f"/Users/{acme.robot.pk}", user("robot", userName=name)).status_code == 200
    assert Employee.objects.get(pk=acme.robot.pk).scim_managed
    assert [one for one in diagnosis.diagnose(journal.last()) if one.tone != "blue"] == []


# WT-DE


@pytest.mark.parametrize("base", ["/scim/v2", "/basic-auth/scim/v2"])
def test_de_n1_a_scim_token_at_another_address(journal, acme, base):  # noqa: F811
    assert ScimClient(bearer(acme.seed.secrets.scim_token), base).get("/Users").status_code == 401
    assert Explained(journal).says(f"sent to {base}/Users", "base URL", "R-ACC-3", "/admin/account-settings/")


def test_de_n1_a_scim_token_at_the_rest_api(journal, acme, client):  # noqa: F811
    token = acme.seed.secrets.scim_token
    answer = client.get("/user-management/v1/users", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert Explained(journal).says("SCIM token was sent to the REST API", "/oauth/scim/v2", "R-ACC-3")


def test_de_n2_a_role_with_view_only(journal, acme, scim):  # noqa: F811
    rights(acme, "admin.employees.view")
    assert scim.post("/Users", user("ada")).status_code == 403
    role = f"/admin/roles/{acme.robot.primary_role_id}/?tab=permissions"
    assert Explained(journal).says("Employees.Create, which POST needs", "give it Employees.Create", "R-ACC-4", role)


def test_de_n3_the_key_is_switched_off(journal, acme, client):  # noqa: F811
    acme.robot.access_keys.update(is_active=False)
    assert acme.by_key().get("/Users").status_code == 401
    security = f"/admin/employees/{acme.robot.pk}/?tab=security"
    assert Explained(journal).says("switched off", "Switch it on", "R-KEY-4", security)
    known = acme.seed.secrets
    token_request(client, grant_type="password", username=known.access_key_id, password=known.access_key_secret)
    assert Explained(journal).says("switched off", "Switch it on", "R-KEY-4", security)


def test_de_n3_the_key_was_deleted(journal, acme):  # noqa: F811
    acme.robot.access_keys.all().delete()
    assert acme.by_key().get("/Users").status_code == 401
    assert Explained(journal).says("deleted", "Add a new access key", "R-KEY-4", "/admin/employees/")


@pytest.mark.parametrize("by", ["by_key", "by_token"])
def test_de_n3_the_employee_is_deactivated(journal, acme, by):  # noqa: F811
    client = getattr(acme, by)()
    Employee.objects.filter(pk=acme.robot.pk).update(status="DELETED")
    assert client.get("/Users").status_code == 401
    assert Explained(journal).says(f"The employee {acme.robot.username}", "Reactivate", "R-TOK-7", str(acme.robot.pk))


def test_de_n4_a_token_or_key_that_was_never_saved(journal, acme):  # noqa: F811
    assert ScimClient(bearer("cxs_" + "n" * 43)).get("/Users").status_code == 401
    assert Explained(journal).says("never saved", "press Save", "R-TOK-3", "/admin/account-settings/")
    assert ScimClient(basic("NEVER", "SAVED"), "/basic-auth/scim/v2").get("/Users").status_code == 401
    assert Explained(journal).says("never saved", "press Save", "R-KEY-4")
    acme.robot.scim_tokens.update(saved_at=None)
    assert acme.by_token().get("/Users").status_code == 401
    assert Explained(journal).says("were not saved", "Press Save", "R-TOK-3", "/admin/account-settings/")


def test_de_n5_a_token_of_an_employee_without_rights(journal, acme, scim):  # noqa: F811
    rights(acme)
    assert scim.get("/Users").status_code == 403
    assert Explained(journal).says("Employees.View, which GET needs", "give it Employees.View", "R-ACC-4")


def test_de_n7_a_second_key_works_and_the_old_one_can_be_switched_off(journal, acme):  # noqa: F811
    actor = system(acme.unit.pk)
    old = acme.robot.access_keys.get()
    key, secret = access_keys.draft(acme.robot, actor=actor)
    access_keys.save(acme.robot, {old.pk: "", key.pk: "on"}, actor=actor)
    assert ScimClient(basic(key.access_key_id, secret), "/basic-auth/scim/v2").get("/Users").status_code == 200
    assert diagnosis.diagnose(journal.last()) == []
    acme.robot.access_keys.filter(pk=old.pk).update(is_active=False)
    assert acme.by_key().get("/Users").status_code == 401
    assert old.access_key_id in journal.last().credential
    assert Explained(journal).says("switched off", "Switch it on", "R-KEY-4", f"/{acme.robot.pk}/?tab=security")


@pytest.mark.rule("R-SCIM-3")
def test_de_n6_a_field_that_is_not_enabled(journal, acme, scim):  # noqa: F811
    made = scim.user("ada")
    acme.set(scim_fields=[])
    assert scim.patch(f"/Users/{made['id']}", replace("displayName", "Countess")).status_code == 200
    assert Explained(journal).says(
        "Ignored", "Configure SCIM Provisioned Fields", "R-SCIM-3", "/admin/account-settings/"
    )
    assert "displayName" in Explained(journal).found.cause
    acme.set(scim_fields=["display_name"])
    assert scim.patch(f"/Users/{made['id']}", replace("displayName", "Countess")).status_code == 200
    assert diagnosis.diagnose(journal.last()) == []


# Beyond the walk-throughs


def test_what_the_emulated_product_does_not_know_is_said(journal, scim):  # noqa: F811
    scim.post("/Users", user("ada", title="Countess"))
    assert Explained(journal).says("title", "the original ignores", "spec §9.1")
    scim.get("/Groups")
    assert Explained(journal).says("Groups over SCIM are an addition", "Nothing", "spec §9.1", "/admin/groups/")


def test_common_refusals_name_their_section(journal, scim):  # noqa: F811
    scim.user("ada")
    scim.post("/Users", user("ada"))
    assert Explained(journal).says("unique in a tenant", "look the person up", "R-SCIM-10")
    scim.get("/Users", filter="nonsense eq 1")
    assert Explained(journal).says("filter", "attribute table", "RFC 7644 §3.4.2.2")
    scim.post("/Users", "{")
    assert Explained(journal).says("not the JSON", "request body", "RFC 7644 §3.12")
    scim.get("/Users/00000000-0000-7000-8000-000000000000")
    assert Explained(journal).says("nothing at this address", "look the resource up", "spec §9.4")


def test_oauth_refusals(journal, acme, application, client):  # noqa: F811
    token_request(client, grant_type="client_credentials", client_id=str(application.pk), client_secret="x")
    assert "R-APP-5" in Explained(journal).found.sources or "grant type" in Explained(journal).found.cause
    token_request(client, grant_type="authorization_code", code="x", client_id="unknown", client_secret="x")
    assert Explained(journal).says("No application has this client ID", "registration file", "R-APP-5")
    token_request(client, grant_type="authorization_code", code="x", client_id=str(application.pk), client_secret="x")
    assert Explained(journal).says("client secret is wrong", "Enter the client secret", "R-APP-5", str(application.pk))


def test_a_wrong_base_url(journal, client, db):
    client.get("/scim/v1/Users")
    assert Explained(journal).says("/scim/v1/Users is not an address", "Correct the base URL", "spec §8.2")


def test_every_refusal_has_an_explanation_and_every_text_its_names(journal, scim):  # noqa: F811
    scim.get("/Users")
    names = diagnosis._names(journal.last()) | dict.fromkeys(("name", "permission", "thing", "code"), "x")
    for rule in diagnosis.RULES + diagnosis.OAUTH:
        assert str(rule.cause) % names
        assert str(rule.fix) % names
        assert rule.sources


# The pages


@pytest.fixture
def operator(acme) -> Client:  # noqa: F811
    """A browser of a lab operator."""
    Employee.objects.filter(pk=acme.robot.pk).update(is_lab_operator=True)
    browser = Client()
    browser.force_login(acme.robot)
    return browser


def test_the_inspector_explains_a_request(journal, operator):
    ScimClient(bearer("cxs_" + "n" * 43)).call("GET", "/Users", **{"X-Request-Id": "lost-1"})
    journal.all()
    assert "GET /oauth/scim/v2/Users" in visible(operator.get("/lab/"))
    listed = operator.get("/lab/requests/?status=failed")
    assert "401 GET /oauth/scim/v2/Users" in visible(listed)
    page = operator.get("/lab/requests/id/lost-1/", follow=True)
    text = visible(page)
    assert "never saved" in text
    assert "R-TOK-3" in text
    assert "Open SCIM Tokens in Account Settings" in text
    assert "cxs_n" not in page.content.decode()
    assert operator.get("/lab/requests/id/unknown/").status_code == 404
    assert operator.get("/lab/requests/999999/").status_code == 404


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("status=failed", 1),
        ("status=2", 2),
        ("method=PATCH", 1),
        ("door=rest", 0),
        ("credential=SCIM token", 2),
        ("credential=none", 1),
        ("tenant=none", 1),
        ("since=5m", 3),
        ("client=Okta", 1),
        ("q=Lovelace", 2),
        ("q=my-id", 1),
    ],
)
def test_the_list_is_narrowed(journal, operator, scim, query, count):  # noqa: F811
    scim.post("/Users", user("ada"), **{"User-Agent": "Okta SCIM Client 1.0.0"})
    made = diagnosis.document_of(journal.last().answer_body)
    scim.patch(f"/Users/{made['id']}", replace("title", "x"), **{"X-Request-Id": "my-id"})
    ScimClient(None).get("/Users")
    journal.all()
    assert f"{count} request" in visible(operator.get(f"/lab/requests/?{query}"))


def test_a_patch_shows_what_each_operation_changed(journal, acme, scim):  # noqa: F811
    made = scim.user("ada")
    scim.patch(f"/Users/{made['id']}", replace("name.familyName", "Byron"), replace("active", False))
    found = exchanges.steps(journal.last())
    assert [step.operation for step in found] == ["replace name.familyName", "replace active"]
    assert [(line.mark, line.text.strip()) for line in found[0].lines if line.mark != " "] == [
        ("-", '"familyName": "Lovelace",'),
        ("+", '"familyName": "Byron",'),
    ]
    changed = [attribute for event in exchanges.events_of(journal.last()) for attribute, _, _ in event.changes]
    assert "User.lastName" in changed


def test_the_overview_counts_by_result(journal, operator, scim):  # noqa: F811
    scim.get("/Users")
    scim.get("/Users/nobody")
    journal.all()
    page = operator.get("/lab/")
    text = visible(page)
    assert "Done 1" in text
    assert "Refused (4xx) 1" in text
    assert page.content.decode().count('class="bar-') == 2
    for period in ("day", "week", "nonsense"):
        assert operator.get("/lab/", {"period": period}).status_code == 200

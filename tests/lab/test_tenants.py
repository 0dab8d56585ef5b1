"""Disposable tenants, reset and deletion: through the control API, on the page and on the command line."""

import json
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import queries, signing
from accounts.actions import applications, bulk_uploads, groups, notifications, templates, views
from accounts.models import (
    AgentSkill,
    AgentState,
    BusinessUnit,
    CatalogueEntry,
    Employee,
    Notification,
    OAuthSession,
    PasswordHistory,
    Team,
    View,
)
from cxadmin import clock
from cxadmin.lab import access, erasure, seeds, tenants
from cxadmin.lab.working import Worker
from tests.scim.client import ScimClient
from tests.uploads import person, sheet
from tests.world import REGISTRATION, actor_of, visible

OF_THE_INSTANCE = {"accounts.SigningKey", "accounts.Worker"}


@pytest.fixture
def call(client):
    """The control API: `call("post", "tenants", {...})` answers its JSON."""

    def send(method, path, body=None, expected=200):
        answer = getattr(client, method)(
            f"/_lab/{path}",
            data=body if isinstance(body, str) else json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {access.control_key()}"},
        )
        assert answer.status_code == expected, answer.content
        return answer.json() if answer.content else None

    return send


@pytest.fixture
def operator(world):
    """The browser of a lab operator."""
    world.alice.is_lab_operator = True
    world.alice.save(update_fields=["is_lab_operator"])
    return world.client()


def scim_of(doc) -> ScimClient:
    return ScimClient(doc["scim_token"]["token"])


def test_a_fresh_tenant_has_all_its_credentials(call, client, db):
    doc = call("post", "tenants", expected=201)
    assert doc["tenant"].startswith("t-")
    assert doc["seed"] == "demo"
    assert scim_of(doc).get("/Users").json()["totalResults"] >= 1
    key = doc["access_key"]
    granted = client.post(
        "/authentication/v1/token/access-key",
        json.dumps({"accessKeyId": key["id"], "accessKeySecret": key["secret"]}),
        content_type="application/json",
    )
    assert granted.status_code == 200
    console = doc["console"]
    client.post("/login/", {"username": console["username"]})
    signed_in = client.post("/login/", {"username": console["username"], "password": console["password"]})
    assert signed_in.status_code == 302
    assert client.get("/admin/employees/").status_code == 200
    assert client.get("/lab/requests/").status_code == 403  # it shows the other tenants


def test_it_is_shown_again_until_somebody_changes_a_secret(call, db):
    doc = call("post", "tenants", {"name": "ci-7", "seed": "gov", "lifetime": "10m"}, 201)
    assert call("get", "tenants/ci-7") == doc
    assert doc["business_unit"] != seeds.seed_of("gov").number
    unit = BusinessUnit.objects.get(tenant_name="ci-7")
    assert unit.is_fedramp
    assert unit.expires_at - unit.created_at - timedelta(minutes=10) < timedelta(seconds=5)
    out = StringIO()
    call_command("credentials", tenant="ci-7", json=True, renew=True, stdout=out)
    assert json.loads(out.getvalue())["scim_token"]["token"] != doc["scim_token"]["token"]
    assert call("get", "tenants/ci-7")["scim_token"]["token"] is None


def test_two_tenants_share_nothing(call, db):
    one, two = (call("post", "tenants", expected=201) for _ in range(2))
    secrets = [
        {d["scim_token"]["token"], d["access_key"]["id"], d["oauth_client"]["client_secret"], d["console"]["password"]}
        for d in (one, two)
    ]
    assert len(secrets[0] | secrets[1]) == 8
    made = scim_of(one).user("ada")
    assert scim_of(two).get(f"/Users/{made['id']}").status_code == 404
    scim_of(two).user("ada")  # the same name is free there
    assert [tenant["tenant"] for tenant in call("get", "tenants")["tenants"]] == [one["tenant"], two["tenant"]]


def test_a_list_of_many_costs_as_much_as_one_of_few(call, db):
    counts = []
    for _ in range(2):
        call("post", "tenants", expected=201)
        with CaptureQueriesContext(connection) as asked:
            call("get", "tenants")
        counts.append(len(asked))
    assert counts[0] == counts[1] == 1


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("{", 400, "not JSON"),
        ("[]", 400, "JSON object"),
        ({"nmae": "x"}, 400, "no member 'nmae'"),
        ({"name": 7}, 400, "must be a text"),
        ({"name": "Big Letters"}, 400, "lower-case"),
        ({"name": "-x"}, 400, "lower-case"),
        ({"name": "x" * 41}, 400, "lower-case"),
        ({"seed": "acme"}, 400, "demo, bare, gov"),
        ({"lifetime": "soon"}, 400, "30m"),
        ({"lifetime": "0s"}, 400, "30m"),
        ({"lifetime": "99999999d"}, 400, "30m"),
        ({"lifetime": "999999d"}, 400, "30m"),
        ({"name": "acme"}, 409, "already a tenant acme"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_is_written(call, world, body, status, words):
    before = BusinessUnit.objects.count()
    assert words in call("post", "tenants", body, status)["detail"]
    assert BusinessUnit.objects.count() == before


def test_calls_about_no_tenant_say_so(call, world):
    for method, path in (("get", "tenants/x"), ("delete", "tenants/x"), ("post", "tenants/x/reset")):
        assert "no tenant 'x'" in call(method, path, expected=404)["detail"]
    assert "not made from a seed" in call("post", "tenants/acme/reset", expected=409)["detail"]


def test_reset_goes_back_to_the_seed(call, journal, db):
    doc = call("post", "tenants", {"name": "ci", "lifetime": "1h"}, 201)
    scim = scim_of(doc)
    made = scim.user("ada")
    unit = BusinessUnit.objects.get(tenant_name="ci")
    unit.settings.scim_fields = []
    unit.settings.save()
    seen = len(journal.all())
    again = call("post", "tenants/ci/reset")
    assert {**again, "created_at": 0} == {**doc, "created_at": 0}
    assert scim.get(f"/Users/{made['id']}").status_code == 404
    assert BusinessUnit.objects.get(pk=unit.pk).settings.scim_fields
    assert len(journal.all()) == seen + 1  # what happened stays to be read


def test_the_seeded_tenants_can_be_reset(call, db):
    seeds.plant(seeds.seed_of("demo"))
    token = seeds.seed_of("demo").secrets.scim_token
    made = ScimClient(token).user("ada")
    assert call("post", "tenants/demo/reset")["tenant_id"] == str(seeds.seed_of("demo").id)
    assert ScimClient(token).get(f"/Users/{made['id']}").status_code == 404
    assert Employee.objects.get(username="admin@demo.example").is_lab_operator


def test_reset_takes_the_clock_back_and_the_fault_rules_away(call, db):
    doc = call("post", "tenants", {"name": "ci"}, 201)
    call("patch", "tenants/ci/clock", {"at": "2031-05-01T12:00:00Z"})
    call("post", "faults", {"tenant": "ci"}, 201)
    call("post", "faults", {"armed": False}, 201)
    assert scim_of(doc).get("/Users").status_code == 503
    call("post", "tenants/ci/reset")
    assert not call("get", "tenants/ci/clock")["differs"]
    assert [rule["tenant"] for rule in call("get", "faults")["faults"]] == [None]
    document = scim_of(doc).get("/Users", count=1).json()
    assert document["Resources"][0]["meta"]["created"] < "2031"


def rows() -> dict[str, set[object]]:
    """The keys of all rows of all tables."""
    return {
        model._meta.label: set(model._base_manager.values_list("pk", flat=True))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }


def test_deleting_leaves_no_row_in_any_table(call, world, journal, client, settings):
    settings.RATE_LIMIT_CREDENTIAL = settings.RATE_LIMIT_TENANT = (1000, 60)
    scim_of(call("post", "tenants", {"name": "other"}, 201)).user("stays")
    signing.ensure_key()  # of the instance
    journal.all()
    before = rows()
    doc = call("post", "tenants", {"name": "ci"}, 201)
    use(doc, client)
    journal.all()
    filled = {label for label, keys in rows().items() if keys - before[label]}
    ours = {model._meta.label for model in apps.get_app_config("accounts").get_models(include_auto_created=True)}
    assert filled >= ours - OF_THE_INSTANCE | {"lab.Exchange", "sessions.Session"}
    call("delete", "tenants/ci", expected=204)
    assert rows() == before
    assert scim_of(doc).get("/Users").status_code == 401


def use(doc, client) -> None:
    """Leave something of a tenant in every table there is."""
    unit = BusinessUnit.objects.get(tenant_name=doc["tenant"])
    admin = Employee.objects.get(username=doc["console"]["username"])
    actor = actor_of(admin, queries.effective_permissions(admin))
    scim = scim_of(doc)
    scim.user("ada")
    client.post("/login/", {"username": admin.username})
    client.post("/login/", {"username": admin.username, "password": doc["console"]["password"]})
    client.post("/login/forgot/", {"username": admin.username})
    use_oauth(doc, client)
    group = groups.create({"name": "Crew"}, actor=actor)
    group.members.add(admin)
    team = Team.objects.get(business_unit=unit)
    Team.objects.filter(pk=team.pk).update(lead=admin)
    roles = [admin.primary_role]
    of_roles = views.create({"name": "R", "type": View.Type.ROLES, "roles": roles}, actor=actor)
    of_teams = views.create({"name": "T", "type": View.Type.USER_DATA, "teams": [team]}, actor=actor)
    admin.views.add(of_roles, of_teams)
    admin.secondary_roles.add(admin.primary_role)
    values = {"name": "Night", "team": team, "secondary_roles": roles, "views": [of_teams], "ignored": ["primary_role"]}
    templates.create(values, actor=actor, activate=True)
    applications.register(REGISTRATION | {"name": "Second"}, unit=unit, actor=actor)
    upload = bulk_uploads.submit(
        "EMPLOYEES", "a.csv", sheet(person("Dana Doe")).encode(), changed_only=False, by=admin, actor=actor
    )
    upload.errors.create(line=3, cells=[], problems=[])
    notifications.tell([admin], Notification.Kind.REGISTRATION, about="x", about_id=unit.pk)
    skill = CatalogueEntry.objects.filter(business_unit=unit, kind="skill").first()
    AgentSkill.objects.create(business_unit=unit, employee=admin, skill=skill, modified_at=clock.now())
    AgentState.objects.create(employee=admin, is_available=True, since=clock.now())
    PasswordHistory.objects.create(employee=admin, password="x", set_at=clock.now())


def use_oauth(doc, client) -> None:
    """A session by access key, and a code on its way."""
    key = doc["access_key"]
    body = {"accessKeyId": key["id"], "accessKeySecret": key["secret"]}
    client.post("/authentication/v1/token/access-key", json.dumps(body), content_type="application/json")
    assert OAuthSession.objects.filter(employee__business_unit_id=doc["tenant_id"]).exists()
    oauth = doc["oauth_client"]
    asked = {
        "response_type": "code",
        "client_id": oauth["client_id"],
        "redirect_uri": oauth["redirect_uris"][1],
        "scope": "openid",
        "state": "x",
    }
    assert "code=" in client.get("/auth/authorize", asked).url


def test_what_the_journal_writes_afterwards_goes_as_well(call, journal, db):
    doc = call("post", "tenants", expected=201)
    scim_of(doc).get("/Users")
    erasure.erase(doc["tenant_id"])
    assert journal.last().business_unit_id is not None
    erasure.forget_strays()
    assert not [exchange for exchange in journal.all() if exchange.business_unit_id]


def test_the_worker_removes_those_whose_time_is_over(call, db):
    short = call("post", "tenants", {"lifetime": "5m"}, 201)["tenant"]
    long = call("post", "tenants", {"lifetime": "2h"}, 201)["tenant"]
    kept = call("post", "tenants", {"lifetime": "never"}, 201)["tenant"]
    BusinessUnit.objects.filter(tenant_name=short).update(expires_at=clock.ago(seconds=1))
    Worker().step()
    assert set(BusinessUnit.objects.values_list("tenant_name", flat=True)) == {long, kept}


# The page


def test_the_page_lists_makes_resets_and_deletes(operator, world):
    page = operator.get("/lab/tenants/")
    assert "acme Yours" in visible(page)
    assert "strange" in visible(page)
    asked = operator.get("/lab/tenants/new/")
    assert 'value="1h"' in asked.content.decode()
    made = operator.post("/lab/tenants/new/", {"name": "ci", "seed": "bare", "lifetime": "30m"})
    unit = BusinessUnit.objects.get(tenant_name="ci")
    assert "Tenant ci created" in visible(made)
    assert "admin@ci.example" in visible(made)
    assert "It is removed at" in visible(made)
    shown = operator.get(f"/lab/tenants/{unit.pk}/")
    assert tenants.seed_for(unit).secrets.admin_password in visible(shown)
    assert operator.post(f"/lab/tenants/{unit.pk}/reset/").status_code == 302
    assert "Tenant ci reset" in visible(operator.get("/lab/tenants/"))
    assert operator.post(f"/lab/tenants/{unit.pk}/delete/").status_code == 302
    assert not BusinessUnit.objects.filter(tenant_name="ci").exists()


def test_the_page_shows_what_is_wrong_and_makes_nothing(operator):
    answer = operator.post("/lab/tenants/new/", {"name": "acme", "seed": "demo", "lifetime": "1h"})
    assert answer.status_code == 422
    assert "already a tenant acme" in visible(answer)
    answer = operator.post("/lab/tenants/new/", {"name": "", "seed": "demo", "lifetime": "soon"})
    assert "30m" in visible(answer)
    assert BusinessUnit.objects.count() == 2


def test_the_page_takes_a_tenant_to_a_file_and_back(operator, db):
    made = tenants.create("ci")
    download = operator.get(f"/lab/tenants/{made.pk}/file/")
    assert download["Content-Disposition"] == 'attachment; filename="ci.yaml"'
    said = download.content.decode()
    tenants.delete(made)
    applied = operator.post("/lab/tenants/apply/", {"content": said.replace("\n", "\r\n")})
    assert applied.status_code == 302
    assert "Tenant file applied: ci" in visible(operator.get("/lab/tenants/"))
    again = BusinessUnit.objects.get(tenant_name="ci")
    assert operator.get(f"/lab/tenants/{again.pk}/file/").content.decode() == said


def test_the_page_says_what_a_file_would_change_and_changes_nothing(operator, db):
    made = tenants.create("ci")
    said = operator.get(f"/lab/tenants/{made.pk}/file/").content.decode()
    text = visible(operator.post("/lab/tenants/apply/", {"content": said, "compare": "on"}))
    assert "Nothing would change" in text
    other = said.replace("area: na1", "area: au1").replace("last_name: Administrator", "last_name: Other")
    answer = operator.post("/lab/tenants/apply/", {"content": other, "compare": "on"})
    assert answer.status_code == 200
    text = visible(answer)
    assert "things would change:" in text
    assert "~ tenant: area: 'na1' -> 'au1'" in text
    assert "last_name: 'Administrator' -> 'Other'" in text
    assert operator.get(f"/lab/tenants/{made.pk}/file/").content.decode() == said


def test_a_bad_file_is_shown_again_with_the_place_of_what_is_wrong(operator, db):
    made = tenants.create("ci")
    said = operator.get(f"/lab/tenants/{made.pk}/file/").content.decode()
    answer = operator.post("/lab/tenants/apply/", {"content": said.replace("name:", "nom:", 1)})
    assert answer.status_code == 422
    assert re.search(r"Line \d+, column \d+: .*nom", visible(answer))
    assert "nom:" in answer.content.decode()
    operator.post("/language/", {"language": "de"})
    german = visible(operator.post("/lab/tenants/apply/", {"content": said.replace("name:", "nom:", 1)}))
    assert re.search(r"Zeile \d+, Spalte \d+: .*(Es gibt kein Element 'nom'|Der Mandant braucht)", german)
    assert operator.get(f"/lab/tenants/{made.pk}/file/").content.decode() == said


def test_nobody_deletes_the_tenant_they_are_signed_in_to(operator, world):
    answer = operator.post(f"/lab/tenants/{world.acme.pk}/delete/")
    assert "You are signed in to this tenant." in visible(answer)
    assert BusinessUnit.objects.filter(pk=world.acme.pk).exists()
    answer = operator.post(f"/lab/tenants/{world.acme.pk}/reset/")
    assert "not made from a seed" in visible(answer)
    assert Employee.objects.filter(pk=world.bob.pk).exists()


# The command line


def tenant(*arguments) -> str:
    out = StringIO()
    call_command("tenant", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_does_the_same(db):
    doc = json.loads(tenant("create", "ci", "--seed", "bare", "--lifetime", "2h", "--json"))
    assert doc["console"]["username"] == "admin@ci.example"
    listed = json.loads(tenant("list", "--json"))["tenants"]
    assert [one["tenant"] for one in listed] == ["ci"]
    assert tenant("list").split()[:3] == ["ci", str(doc["business_unit"]), "bare"]
    assert doc["console"]["password"] in tenant("reset", "ci")
    assert tenant("delete", "ci") == "ci is gone.\n"
    assert not BusinessUnit.objects.exists()
    with pytest.raises(CommandError, match="no tenant 'ci'"):
        tenant("delete", "ci")
    with pytest.raises(CommandError, match="30m"):
        tenant("create", "--lifetime", "soon")

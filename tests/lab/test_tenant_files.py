"""Tenant files: export, apply and diff on the command line and through the control API."""

import json
import re
from io import StringIO
from pathlib import Path

import jsonschema
import pytest
import yaml
from django.core.management import CommandError, call_command

from accounts import queries
from accounts.actions import access_keys, applications, groups, templates, views
from accounts.actors import system
from accounts.models import (
    AccessKey,
    AgentSkill,
    BusinessUnit,
    CatalogueEntry,
    Employee,
    LoginAuthenticator,
    OutboxMail,
    Role,
    ScimToken,
    Team,
    View,
)
from cxadmin import clock
from cxadmin.lab import access, seeds, tenant_files, tenant_format, tenant_yaml, tenants
from tests.scim.client import ScimClient
from tests.world import MFA_SECRET, REGISTRATION

SCHEMA = Path(__file__).parents[2] / "docs" / "tenant-file.schema.json"
PAGE = (SCHEMA.parent / "tenant-files.md").read_text()
SMALL = """\
cxadmin: 1
tenant:
  name: small
employees:
- username: ada@small.example
  first_name: Ada
  last_name: Lovelace
  primary_role: Administrator
"""


def run(*arguments) -> str:
    out = StringIO()
    call_command("tenant", *map(str, arguments), stdout=out)
    return out.getvalue()


def unit_of(name: str) -> BusinessUnit:
    return BusinessUnit.objects.get(tenant_name=name)


@pytest.fixture
def file(tmp_path):
    """Writes a tenant file."""

    def write(text: str, name: str = "tenant.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@pytest.fixture
def furnished(db) -> BusinessUnit:
    """A tenant with something in every section, and in every state that files keep."""
    unit = seeds.plant(seeds.seed_of("demo"))
    actor = system(unit.pk)
    admin = Employee.objects.get(username="admin@demo.example")
    team, role = queries.default_team(unit.pk), Role.objects.get(business_unit=unit, name="Agent")
    Team.objects.filter(pk=team.pk).update(lead=admin, acd_settings={"maxConcurrentChats": 3})
    Role.objects.filter(pk=role.pk).update(restrictions={"teams": {"mode": "custom", "ids": [str(team.pk)]}})
    view = views.create({"name": "Nur Ä", "type": View.Type.USER_DATA, "teams": [team]}, actor=actor)
    admin.views.add(view)
    admin.secondary_roles.add(role)
    admin.mfa_secret = MFA_SECRET
    admin.hire_date = clock.now().date()
    admin.acd_settings = {"no": "yes", "number": 7, "inner": {"list": [None, 1.5, True]}}
    admin.save()
    LoginAuthenticator.objects.create(
        business_unit=unit,
        name="OpenID",
        type="OIDC",
        client_secret="very secret",
        created_at=clock.now(),
        modified_at=clock.now(),
    )
    scim = ScimClient(seeds.seed_of("demo").secrets.scim_token)
    made = scim.user("ada", externalId="00u1", nickName="12:30")
    group = groups.create({"name": "Crew"}, actor=actor)
    group.members.add(made["id"], through_defaults={"display": "Ada"})
    values = {"name": "Night", "team": team, "secondary_roles": [role], "views": [view], "ignored": ["primary_role"]}
    templates.create(values, actor=actor)
    applications.register(REGISTRATION | {"name": "Second\u3042"}, unit=unit, actor=actor)
    skill = CatalogueEntry.objects.get(business_unit=unit, kind="skill", number=101)
    AgentSkill.objects.create(business_unit=unit, employee=admin, skill=skill, proficiency=1, modified_at=clock.now())
    Employee.objects.filter(username="okta@demo.example").update(
        status="BLOCKED", lock_reason="FAILED_LOGINS", locked_at=clock.now(), failed_attempts=5
    )
    access_keys.draft(admin, actor=actor)  # nobody saved it: not part of the state
    return unit


def test_export_apply_on_an_empty_instance_export_is_the_same_to_the_byte(furnished, file):
    first = run("export", "demo")
    for section in tenant_format.SECTIONS:
        assert f"\n{section}:\n- " in first, section
    assert "very secret" not in first
    assert MFA_SECRET not in first
    tenants.delete(furnished)
    assert not BusinessUnit.objects.exists()
    assert run("apply", file(first)) == "demo: created\n"
    assert run("export", "demo") == first
    secrets = seeds.seed_of("demo").secrets
    assert seeds.present_secrets(seeds.seed_of("demo")) == seeds.Secrets(
        **{name: getattr(secrets, name) for name in ("admin_password", "connector_password", "access_key_id")},
        **{name: getattr(secrets, name) for name in ("access_key_secret", "scim_token", "client_secret")},
    )
    found = ScimClient(secrets.scim_token).get('/Users?filter=externalId eq "00u1"').json()["Resources"][0]
    assert found["nickName"] == "12:30"
    assert Employee.objects.get(username="admin@demo.example").mfa_secret == MFA_SECRET
    assert LoginAuthenticator.objects.get(name="OpenID").client_secret == "very secret"
    assert Team.objects.get(is_default=True).lead.username == "admin@demo.example"


def test_applying_what_is_there_changes_nothing(furnished, file):
    exported = file(run("export", "demo"))
    employee = Employee.objects.get(username="admin@demo.example")
    before = employee.modified_at, employee.version, AccessKey.objects.count()
    assert run("apply", exported) == "demo: nothing to change\n"
    assert run("diff", exported) == ""
    employee.refresh_from_db()
    assert (employee.modified_at, employee.version, AccessKey.objects.count()) == before


def test_a_snapshot_undoes_what_came_after_it(furnished, file):
    exported = file(run("export", "demo"))
    scim = ScimClient(seeds.seed_of("demo").secrets.scim_token)
    scim.user("grace")
    Employee.objects.filter(username="admin@demo.example").update(first_name="Other", password="!")
    with pytest.raises(SystemExit) as ended:
        run("diff", exported)
    assert ended.value.code == 1
    found = tenant_files.differences(tenant_files.read(exported))
    assert "- employees/grace@acme.example" in found
    assert "~ employees/admin@demo.example: first_name: 'Other' -> 'Demo'" in found
    assert "~ employees/admin@demo.example: password: ••••" in found
    assert len(found) == 3
    done = json.loads(run("apply", exported, "--json"))["applied"][0]
    assert done == {"tenant": "demo", "created": False, "changed": True, "differences": list(found), "generated": {}}
    assert run("export", "demo") == exported.read_text()


def test_a_declaration_may_be_short(db, file):
    small = file(SMALL)
    assert run("apply", small) == "small: created\n"
    ada = Employee.objects.get(username="ada@small.example")
    assert (ada.status, ada.email, ada.team.name) == ("ACTIVE", "ada@small.example", "Default Team")
    assert queries.effective_permissions(ada) >= {"admin.employees.view"}
    assert run("apply", small) == "small: nothing to change\n"
    # What a file does not mention stays: here the roles, and in a record the id.
    longer = file(SMALL + "- {username: bob@small.example, first_name: Bob, last_name: B, primary_role: agent}\n")
    assert run("apply", longer) == "small: changed (1)\n"
    assert Employee.objects.get(username="ada@small.example").pk == ada.pk
    assert Role.objects.filter(business_unit=unit_of("small")).count() == 4


def test_secrets_may_be_given_in_clear_or_made_up(db, file):
    path = file(
        SMALL
        + """\
  password: {value: Correct-Horse-7}
  mfa_secret: {value: JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP}
  access_keys:
  - {access_key_id: MY-KEY, secret: {value: my-secret}}
  scim_tokens:
  - token: {generated: true}
"""
    )
    (done,) = json.loads(run("apply", path, "--json"))["applied"]
    (token,) = done["generated"].values()
    assert list(done["generated"]) == ["employees/ada@small.example/scim_tokens/0/token"]
    assert ScimClient(token).get("/Users").status_code == 200
    assert ScimToken.objects.get().last4 == token[-4:]
    assert Employee.objects.get().check_password("Correct-Horse-7")
    assert run("apply", path).startswith("small: nothing to change\n")
    exported = run("export", "small")
    assert not re.search("Correct-Horse|my-secret|JBSWY|cxs_", exported)


BAD = {
    "no YAML": ("tenant: [", 1, 10, "no YAML"),
    "tabs": ("cxadmin: 1\n\ttenant: x", 2, 1, "no YAML"),
    "empty": ("", 1, 1, "begins with"),
    "a list": ("- 1", 1, 1, "begins with"),
    "no version": ("tenant: {name: x}", 1, 1, "its format"),
    "a newer version": ("tenant: {name: x}\ncxadmin: 2", 2, 1, "format 2"),
    "true as version": ("cxadmin: true", 1, 1, "its format"),
    "no name": ("cxadmin: 1\ntenant: {title: x}", 2, 1, "`name`"),
    "a wrong name": ("cxadmin: 1\ntenant:\n  name: Small Ltd", 3, 3, "lower-case"),
    "an unknown section": (SMALL + "people: []\n", 9, 1, "no member 'people'"),
    "an unknown member": (SMALL + "  nmae: x\n", 9, 3, "no member 'nmae'"),
    "a member twice": (SMALL + "  last_name: x\n", 9, 3, "there twice"),
    "a missing member": (SMALL.replace("  last_name: Lovelace\n", ""), 5, 3, "`last_name` is missing"),
    "an unknown reference": (SMALL.replace("Administrator", "Boss"), 8, 3, "no 'Boss'"),
    "a number for a text": (SMALL + "  type: 7\n", 9, 3, "quotes"),
    "a text for a flag": (SMALL + "  scim_managed: 'yes'\n", 9, 3, "true or false"),
    "too great a number": (SMALL + "  rank: 70000\n", 9, 3, "whole number"),
    "too long a text": (SMALL + f"  type: {'x' * 101}\n", 9, 3, "at most 100"),
    "no choice": (SMALL + "  status: GONE\n", 9, 3, "none of UNREGISTERED"),
    "no time zone": (SMALL + "  time_zone: Mars/Base\n", 9, 3, "time zone"),
    "no moment": (SMALL + "  locked_at: yesterday\n", 9, 3, "a moment"),
    "no offset": (SMALL + "  locked_at: 2026-01-01T00:00:00\n", 9, 3, "offset"),
    "no date": (SMALL + "  hire_date: 2026-02-30\n", 9, 3, "a date"),
    "no UUID": (SMALL + "  id: 7a\n", 9, 3, "UUID"),
    "null where something must be": (SMALL + "  status: null\n", 9, 3, "null"),
    "no mail address": (SMALL.replace("username: ada@small.example", "username: ada"), 5, 3, "name@example.com"),
    "blocked without a reason": (SMALL + "  status: BLOCKED\n", 5, 3, "lock_reason"),
    "no attribute": (SMALL + "  attributes: [telepathy]\n", 9, 3, "'telepathy'"),
    "somebody twice": (SMALL + SMALL.split("employees:\n")[1].replace("ada@", "ADA@"), 9, 3, "twice"),
    "no list": (SMALL.split("employees:")[0] + "employees: {}", 4, 1, "a list"),
    "no permission": (SMALL + "roles: [{name: Administrator, permissions: [admin.everything]}]", 9, 45, "no permission"),
    "no default team": (SMALL + "teams: []\n", 9, 1, "is_default"),
    "a secret in two ways": (SMALL + "  password: {hash: x, value: y}\n", 9, 3, "one member"),
    "a secret in no way": (SMALL + "  password: {clear: y}\n", 9, 3, "given by"),
    "a bare secret": (SMALL + "  password: secret\n", 9, 3, "mapping"),
    "no hash": (SMALL + "  password: {hash: x}\n", 9, 14, "no password hash"),
    "sealed elsewhere": (SMALL + "  mfa_secret: {sealed: gAAAAA}\n", 9, 16, "SECRET_KEY"),
    "an alias": (SMALL + "  attributes: &a []\n  secondary_roles: *a\n", 9, 15, "alias"),
    "a tag": (SMALL + "  type: !!python/name:os.system x\n", 9, 9, "tag"),
    "a wrong tag": (SMALL + "  rank: !!int x\n", 9, 9, "tag"),
    "NUL": (SMALL + '  type: "a\\0b"\n', 9, 3, "#x0000"),
    "too deep": ("[" * 3000, 1, 1, "deep"),
}  # fmt: skip


@pytest.mark.parametrize("why", BAD)
def test_a_bad_file_is_refused_whole_with_line_and_column(world, file, why):
    text, line, column, words = BAD[why]
    path = file(text)
    good = file(SMALL.replace("small", "other"), "good.yaml")
    with pytest.raises(CommandError) as refused:
        run("apply", good, path)
    assert str(refused.value).startswith(f"{path}:{line}:{column}: "), refused.value
    assert words in str(refused.value)
    assert set(BusinessUnit.objects.values_list("tenant_name", flat=True)) == {"acme", "strange"}


def test_what_another_tenant_has_is_refused(world, file):
    other = f"  id: {world.strange.pk}\n"
    with pytest.raises(CommandError, match=r"tenant\.yaml:2:1: Another tenant"):
        run("apply", file(SMALL.replace("  name: small\n", "  name: small\n" + other)))
    assert not BusinessUnit.objects.filter(tenant_name="small").exists()
    exported = run("export", "strange").replace("name: strange", "name: copy")
    with pytest.raises(CommandError, match="Another tenant"):
        run("apply", file(exported))


def test_a_tenant_is_replaced_with_all_that_files_do_not_keep(world, file):
    OutboxMail.objects.create(business_unit=world.acme, to="a@b.example", subject="S", text="T", created_at=clock.now())
    path = file(run("export", "acme").replace("title: Acme", "title: Acme Two"))
    assert run("apply", path) == "acme: changed (1)\n"
    assert unit_of("acme").name == "Acme Two"
    assert not OutboxMail.objects.exists()
    assert Employee.objects.get(username="alice@acme.example").pk == world.alice.pk
    assert Employee.objects.filter(business_unit=world.strange).count() == 2


def test_files_that_cannot_be_read_or_written_say_so(world, tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.yaml:1:1: This cannot be read"):
        run("apply", tmp_path / "nowhere.yaml")
    with pytest.raises(CommandError, match="cannot be written"):
        run("export", "acme", "--output", tmp_path / "no" / "folder.yaml")
    with pytest.raises(CommandError, match="no tenant 'nobody'"):
        run("export", "nobody")
    run("export", "acme", "--output", tmp_path / "acme.yaml")
    assert (tmp_path / "acme.yaml").read_text() == run("export", "acme")


def test_the_schema_is_published_and_says_what_apply_takes(furnished):
    schema = json.loads(run("schema"))
    assert json.loads(SCHEMA.read_text()) == schema
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(yaml.safe_load(SMALL))
    validator.validate(tenant_yaml.read(run("export", "demo"), "x").content)
    for text in (
        "a newer version",
        "an unknown member",
        "a missing member",
        "too great a number",
        "no choice",
        "no permission",
    ):
        assert not validator.is_valid(tenant_yaml.read(BAD[text][0], "x").content), text


def test_the_examples_of_the_page_can_be_applied(db, file):
    examples = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert examples
    for text in examples:
        assert "created" in run("apply", file(text))


# The control API


def call(client, method, path, body="", expected=200):
    answer = getattr(client, method)(
        f"/_lab/{path}",
        data=body,
        content_type="application/yaml",
        headers={"Authorization": f"Bearer {access.control_key()}"},
    )
    assert answer.status_code == expected, answer.content
    return answer


def test_the_control_api_does_the_same(client, db):
    done = call(client, "put", "tenants/small/file", SMALL).json()
    assert (done["created"], done["differences"][0]) == (True, "+ tenant/small")
    assert call(client, "get", "tenants/small/file").content.decode() == run("export", "small")
    assert call(client, "put", "tenants/small/file", SMALL).json()["changed"] is False
    refused = call(client, "put", "tenants/small/file", SMALL.replace("cxadmin: 1", "cxadmin: 9"), 400).json()
    assert refused["detail"].startswith("body:1:1: This file has the format 9")
    assert "another tenant" in call(client, "put", "tenants/other/file", SMALL, 400).json()["detail"]
    assert "utf-8" in call(client, "put", "tenants/small/file", b"\xff", 400).json()["detail"]
    call(client, "get", "tenants/nobody/file", expected=404)


# When the server starts


def test_a_folder_is_applied_in_the_order_of_names(db, file, settings, tmp_path):
    from cxadmin.lab.management.commands.up import Command

    file(SMALL, "b.yaml")
    file(SMALL.replace("Ada", "Earlier"), "a.yml")
    file("not a tenant file", "notes.txt")
    settings.TENANT_FILES = str(tmp_path)
    out = StringIO()
    Command(stdout=out)._apply_tenant_files()
    assert out.getvalue() == "Tenant file: small: created\nTenant file: small: changed (1)\n"
    assert Employee.objects.get().first_name == "Ada"
    file("cxadmin: 7", "c.yaml")
    with pytest.raises(CommandError, match=r"Not starting.*c\.yaml:1:1: .*format 7"):
        Command()._apply_tenant_files()
    settings.TENANT_FILES = str(tmp_path / "nowhere")
    with pytest.raises(CommandError, match="no such folder"):
        Command()._apply_tenant_files()

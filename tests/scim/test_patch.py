"""PATCH of a User (RFC 7644 §3.5.2; spec §9.5)."""

import json

import pytest

from accounts.models import AuditEvent
from tests.scim.client import ENTERPRISE, NICE, NOBODY, PATCH, USER, add, op, refused, remove, replace, user

WORK = {"value": "ada@acme.example", "type": "work", "primary": True}
HOME = {"value": "ada@home.example", "type": "home"}


@pytest.fixture
def ada(scim) -> dict:
    return scim.user(title="Countess", **{ENTERPRISE: {"department": "Notes", "costCenter": "1"}})


@pytest.fixture
def patched(scim, ada):
    """Apply operations to Ada and answer the resource, which is also what a GET answers afterwards."""

    def apply(*operations):
        response = scim.patch(f"/Users/{ada['id']}", *operations)
        assert response.status_code == 200, response.content
        document = response.json()
        assert scim.read(ada) == document
        return document

    return apply


@pytest.fixture
def refuses(scim, ada):
    """These operations are refused and change nothing, not even the ones that would be possible."""

    def check(operations, status, scim_type, *words):
        before, events = scim.read(ada), AuditEvent.objects.count()
        for sent in (operations, [replace("title", "Other"), *operations]):
            response = scim.patch(f"/Users/{ada['id']}", *sent)
            refused(response, status, scim_type, *words)
        assert scim.read(ada) == before
        assert AuditEvent.objects.count() == events

    return check


SIMPLE = [
    (replace("active", False), "active", False),
    (replace(None, {"active": False}), "active", False),
    (replace("title", "Other"), "title", "Other"),
    (replace("nickName", "Ada"), "nickName", "Ada"),
    (add("nickName", "Ada"), "nickName", "Ada"),
    (add("externalId", "x-1"), "externalId", "x-1"),
    (add("title", "Other"), "title", "Other"),
    (replace("userName", "augusta@acme.example"), "userName", "augusta@acme.example"),
    (replace("name.familyName", "King"), "name", {"givenName": "Ada", "familyName": "King"}),
    (replace("name", {"familyName": "King"}), "name", {"givenName": "Ada", "familyName": "King"}),
    (replace(None, {"name": {"givenName": "Augusta"}}), "name", {"givenName": "Augusta", "familyName": "Lovelace"}),
    (replace("NAME.FAMILYNAME", "King"), "name", {"givenName": "Ada", "familyName": "King"}),
    (replace(f"{USER}:title", "Other"), "title", "Other"),
    (replace(f"{USER}:name.familyName", "King"), "name", {"givenName": "Ada", "familyName": "King"}),
    (replace(f"{ENTERPRISE}:department", "Engine"), ENTERPRISE, {"department": "Engine", "costCenter": "1"}),
    (replace(ENTERPRISE, {"department": "Engine"}), ENTERPRISE, {"department": "Engine", "costCenter": "1"}),
    (replace(None, {ENTERPRISE: {"department": "Engine"}}), ENTERPRISE, {"department": "Engine", "costCenter": "1"}),
    (remove(f"{ENTERPRISE}:department"), ENTERPRISE, {"costCenter": "1"}),
    (
        add(f"{ENTERPRISE}:manager", {"value": "m-1"}),
        ENTERPRISE,
        {"department": "Notes", "costCenter": "1", "manager": {"value": "m-1"}},
    ),
    (replace(None, {"timezone": "Asia/Tokyo"}), "timezone", "Asia/Tokyo"),
    (add("phoneNumbers", [{"value": "1", "type": "mobile"}]), "phoneNumbers", [{"value": "1", "type": "mobile"}]),
    (add("phoneNumbers", {"value": "1", "type": "work"}), "phoneNumbers", [{"value": "1", "type": "work"}]),
    (add("emails", [HOME]), "emails", [WORK, HOME]),
    (add("emails", [HOME, HOME, WORK]), "emails", [WORK, HOME]),
    (
        add("emails", [{"value": "ADA@acme.example", "type": "WORK"}]),
        "emails",
        [WORK | {"value": "ADA@acme.example", "type": "WORK"}],
    ),
    (replace("emails", [HOME]), "emails", [HOME]),
    (replace('emails[type eq "work"].value', "new@acme.example"), "emails", [WORK | {"value": "new@acme.example"}]),
    (
        replace('emails[type eq "work"]', {"value": "b@x.example", "type": "other"}),
        "emails",
        [{"value": "b@x.example", "type": "other"}],
    ),
    (replace("emails[primary eq true].value", "new@acme.example"), "emails", [WORK | {"value": "new@acme.example"}]),
    (replace('emails[value sw "ada@" and type eq "work"].type', "home"), "emails", [WORK | {"type": "home"}]),
    (replace("emails.type", "other"), "emails", [WORK | {"type": "other"}]),
    (add('addresses[type eq "work"].locality', "London"), "addresses", [{"type": "work", "locality": "London"}]),
    (add(None, {"nickName": "Ada", "title": "Other"}), "title", "Other"),
    (replace(None, {"id": "x", "meta": {}, "groups": [], "schemas": [], "title": "Other"}), "title", "Other"),
    (replace(None, {"unknown": "x", "title": "Other"}), "title", "Other"),
]


@pytest.mark.parametrize(("operation", "attribute", "expected"), SIMPLE)
def test_one_operation_changes_one_attribute(patched, ada, operation, attribute, expected):
    document = patched(operation)
    assert document[attribute] == expected
    kept = set(ada) - {attribute, "meta", "title", "nickName"}
    assert {name: document.get(name) for name in kept} == {name: ada[name] for name in kept}


def test_operations_are_done_in_order(patched):
    document = patched(
        add("emails", [HOME]),
        remove('emails[type eq "work"]'),
        replace('emails[type eq "home"].primary', True),
        replace("title", "One"),
        remove("title"),
        add("title", "Two"),
    )
    assert document["emails"] == [HOME | {"primary": True}]
    assert document["title"] == "Two"


def test_the_answer_has_the_new_version_and_time(scim, ada):
    response = scim.patch(f"/Users/{ada['id']}", replace("title", "Other"))
    meta = response.json()["meta"]
    assert response["ETag"] == meta["version"] != ada["meta"]["version"]
    assert meta["lastModified"] > ada["meta"]["lastModified"]
    assert meta["created"] == ada["meta"]["created"]


def test_what_changes_nothing_writes_nothing(scim, ada):
    events = AuditEvent.objects.count()
    assert scim.patch(f"/Users/{ada['id']}", replace("title", "Countess"), remove("nickName")).json()["meta"][
        "version"
    ] == ('W/"1"')
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize("path", ["title", f"{USER}:title", "TITLE"])
def test_an_attribute_is_removed(patched, path):
    assert "title" not in patched(remove(path))


def test_removing_what_is_not_there_succeeds(patched):
    document = patched(remove("nickName"), remove(f"{ENTERPRISE}:division"), remove('photos[type eq "photo"]'))
    assert "nickName" not in document


def test_a_value_can_be_removed_by_filter(patched):
    patched(add("emails", [HOME]))
    assert patched(remove('emails[type eq "home"]'))["emails"] == [WORK]


def test_a_sub_attribute_of_a_value_can_be_removed(patched):
    assert patched(remove('emails[type eq "work"].type'))["emails"] == [{"value": WORK["value"], "primary": True}]


def test_all_values_can_be_removed_unless_they_are_required(patched, refuses):
    patched(add("phoneNumbers", [{"value": "1"}]))
    assert "phoneNumbers" not in patched(remove("phoneNumbers"))
    refuses([remove("emails")], 400, "mutability", "emails is required")
    refuses([remove('emails[type eq "work"]')], 400, "mutability", "emails is required")


def test_the_whole_extension_can_be_removed(patched):
    document = patched(remove(ENTERPRISE))
    assert ENTERPRISE not in document
    assert ENTERPRISE not in document["schemas"]


def test_a_new_primary_value_demotes_the_old_one(patched, scim, ada, acme):
    document = patched(add("emails", [HOME | {"primary": True}]))
    assert document["emails"] == [WORK | {"primary": False}, HOME | {"primary": True}]
    assert acme.employee(ada).email == HOME["value"]
    document = patched(replace('emails[type eq "work"].primary', True))
    assert [entry["primary"] for entry in document["emails"]] == [True, False]


def test_replacing_with_null_or_nothing_unassigns(patched):
    document = patched(replace("title", None), replace("phoneNumbers", []), replace("nickName", ""))
    assert not {"title", "phoneNumbers", "nickName"} & set(document)


def test_active_is_absent_after_it_was_removed_and_back_once_it_is_set(patched):
    assert "active" not in patched(remove("active"))
    assert patched(replace("active", True))["active"] is True


@pytest.mark.rule("R-SCIM-16")
def test_a_password_is_accepted_and_ignored(scim, ada, acme):
    response = scim.patch(f"/Users/{ada['id']}", replace(None, {"password": "S3cret-S3cret"}))
    assert response.status_code == 200
    assert "S3cret" not in response.content.decode()
    assert acme.employee(ada).password == ""
    assert scim.patch(f"/Users/{ada['id']}", replace("password", "S3cret-S3cret")).status_code == 200
    assert not any("S3cret" in event.changes_json for event in AuditEvent.objects.all())


def test_a_renamed_user_is_found_by_the_new_name_only(patched, scim):
    patched(replace("userName", "augusta@acme.example"))
    assert scim.found('userName eq "augusta@acme.example"') == ["augusta@acme.example"]
    assert scim.found('userName eq "ada@acme.example"') == []


REFUSED = [
    (remove(None), "noTarget", "needs a path"),
    (replace('emails[type eq "home"]', HOME), "noTarget", "emails"),
    (replace('emails[type eq "home"].value', HOME["value"]), "noTarget", "emails"),
    (replace("emails[", "x"), "invalidPath", "emails["),
    (replace("emails[type]", "x"), "invalidPath", ""),
    (replace('emails[nonsense eq "x"].value', "x"), "invalidPath", "nonsense"),
    (replace('title[value eq "x"]', "x"), "invalidPath", "title"),
    (replace("a b", "x"), "invalidPath", "a b"),
    (replace("!", "x"), "invalidPath", "!"),
    (replace("..", "x"), "invalidPath", ""),
    (replace("name.", "x"), "invalidPath", ""),
    (replace(3, "x"), "invalidPath", "path must be text"),
    (replace("nonsense", "x"), "invalidPath", "There is no attribute nonsense."),
    (replace("name.nonsense", "x"), "invalidPath", "name has no sub-attribute nonsense."),
    (replace("urn:example:x:title", "x"), "invalidPath", "urn:example:x:title"),
    (add(f"{ENTERPRISE}:nonsense", "x"), "invalidPath", "nonsense"),
    (remove("nonsense"), "invalidPath", "nonsense"),
    (replace("id", NOBODY), "mutability", "id is read-only."),
    (replace("meta", {}), "mutability", "meta is read-only."),
    (replace("meta.created", "2020-01-01T00:00:00Z"), "mutability", "meta"),
    (replace("groups", []), "mutability", "groups is read-only."),
    (replace("locale", "de"), "mutability", "locale is read-only."),
    (remove("id"), "mutability", "id"),
    (remove("userName"), "mutability", "userName is required"),
    (remove("name"), "mutability", "name is required"),
    (remove("name.givenName"), "mutability", "name.givenName is required"),
    (replace("userName", ""), "mutability", "userName"),
    (replace("userName", "no address"), "invalidValue", "userName"),
    (replace("userName", 5), "invalidValue", "userName must be text."),
    (replace("active", "yes"), "invalidValue", "active must be true or false."),
    (replace("active", 1), "invalidValue", "active must be true or false."),
    (replace("name", "Ada"), "invalidValue", "name must hold an object."),
    (replace("emails", "x@y.example"), "invalidValue", "emails must be a list."),
    (replace("emails", ["x@y.example"]), "invalidValue", "emails must hold objects."),
    (replace("title", ["x"]), "invalidValue", "title must be text."),
    (replace("title", "a\x00b"), "invalidValue", "NUL"),
    (replace("title", "x" * 10_000), "invalidValue", "at most"),
    (replace(None, "x"), "invalidValue", "object of attributes"),
    (replace(None, None), "invalidValue", "object of attributes"),
    (replace(ENTERPRISE, "x"), "invalidValue", "must be an object"),
    (op("replace", "title"), "invalidValue", "needs a value"),
    (op("add", "title"), "invalidValue", "needs a value"),
    ({"op": "move", "path": "title", "value": "x"}, "invalidSyntax", "add, remove or replace"),
    ({"path": "title", "value": "x"}, "invalidSyntax", "add, remove or replace"),
    ({"op": None, "path": "title", "value": "x"}, "invalidSyntax", ""),
    ({"op": ["add"], "path": "title", "value": "x"}, "invalidSyntax", ""),
    ("replace", "invalidSyntax", "must be an object"),
    (None, "invalidSyntax", "must be an object"),
    ([], "invalidSyntax", "must be an object"),
]


@pytest.mark.rule("R-SCIM-14")
@pytest.mark.parametrize(("operation", "scim_type", "words"), REFUSED)
def test_what_cannot_be_done_is_refused_as_a_whole(refuses, operation, scim_type, words):
    refuses([operation], 400, scim_type, words)


def test_a_user_name_of_somebody_else_is_taken(scim, refuses):
    scim.user("bea")
    refuses([replace("userName", "BEA@acme.example")], 409, "uniqueness", "userName")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"schemas": [PATCH]},
        {"Operations": {}},
        {"Operations": []},
        {"Operations": "x"},
        {"Operations": None},
        [],
        "x",
        1,
        None,
        {"Operations": [{"op": "replace", "path": "title", "value": str(n)} for n in range(1_001)]},
    ],
)
def test_a_body_that_is_no_patch_is_refused(scim, ada, body):
    refused(scim.call("PATCH", f"/Users/{ada['id']}", json.dumps(body)), 400, "invalidSyntax")
    assert scim.read(ada) == ada


def test_a_patch_of_a_thousand_operations_is_done(scim, ada):
    response = scim.patch(f"/Users/{ada['id']}", *(replace("title", str(n)) for n in range(1_000)))
    assert response.json()["title"] == "999"


@pytest.mark.parametrize("identifier", [NOBODY, "nobody"])
def test_an_unknown_id_is_a_404(scim, identifier):
    refused(scim.patch(f"/Users/{identifier}", replace("title", "x")), 404, None)


def test_a_projection_applies(scim, ada):
    response = scim.patch(f"/Users/{ada['id']}?attributes=title", replace("title", "Other"))
    assert response.json() == {"schemas": ada["schemas"], "id": ada["id"], "title": "Other"}


TOLERATED = [
    # T1: `op` in any case
    ({"op": "Replace", "path": "title", "value": "Other"}, "title", "Other", "T1"),
    ({"op": "ADD", "path": "title", "value": "Other"}, "title", "Other", "T1"),
    # T2: strings for booleans
    (replace("active", "False"), "active", False, "T2"),
    (replace(None, {"active": "false"}), "active", False, "T2"),
    (replace("emails", [WORK | {"primary": "True"}]), "emails", [WORK], "T2"),
    # T3: paths as members of a value
    (replace(None, {"name.givenName": "Augusta"}), "name", {"givenName": "Augusta", "familyName": "Lovelace"}, "T3"),
    (
        replace(None, {f"{ENTERPRISE}:department": "Engine"}),
        ENTERPRISE,
        {"department": "Engine", "costCenter": "1"},
        "T3",
    ),
    (replace(None, {'emails[type eq "work"].value': "n@x.example"}), "emails", [WORK | {"value": "n@x.example"}], "T3"),
]


@pytest.mark.parametrize(("operation", "attribute", "expected", "rule"), TOLERATED)
def test_a_tolerance_can_be_switched_off(scim, acme, ada, operation, attribute, expected, rule):
    """Spec §9.5: on, they are read; off, each is a 400."""
    acme.set(scim_tolerances=False)
    assert scim.patch(f"/Users/{ada['id']}", operation).status_code == 400
    assert scim.read(ada) == ada
    acme.set(scim_tolerances=True)
    assert scim.patch(f"/Users/{ada['id']}", operation).json()[attribute] == expected


@pytest.mark.parametrize("name", ["Add", "Replace", "replace"])
def test_t4_creates_the_mobile_number_when_there_is_none(patched, acme, ada, name):
    document = patched({"op": name, "path": 'phoneNumbers[type eq "mobile"].value', "value": "+1 23"})
    assert document["phoneNumbers"] == [{"type": "mobile", "value": "+1 23"}]
    assert acme.employee(ada).mobile_number == "+1 23"
    document = patched({"op": name, "path": 'phoneNumbers[type eq "mobile"].value', "value": "+1 24"})
    assert [entry["value"] for entry in document["phoneNumbers"]] == ["+1 24"]


def test_t4_creates_the_work_address_when_there_is_none(scim, acme):
    created = scim.user(emails=[HOME])
    path = 'emails[type eq "work"].value'
    changed = scim.patch(f"/Users/{created['id']}", replace(path, "w@acme.example")).json()
    assert changed["emails"] == [HOME, {"type": "work", "value": "w@acme.example"}]
    acme.set(scim_tolerances=False)
    other = scim.user("bea", emails=[HOME])
    refused(scim.patch(f"/Users/{other['id']}", replace(path, "w@acme.example")), 400, "noTarget")


def test_booleans_of_a_body_are_read_from_strings_only_with_tolerances(scim, acme):
    assert scim.user(active="False")["active"] is False
    acme.set(scim_tolerances=False)
    refused(scim.post("/Users", user("bea", active="True")), 400, "invalidValue", "active must be true or false.")


def test_the_records_of_the_extension_can_be_patched_by_name(patched, acme, ada):
    document = patched(
        replace(f"{NICE}:team", {"value": "default team"}),
        replace(f"{NICE}:loginAuthenticator.value", "System Default"),
    )
    assert document[NICE] == ada[NICE]

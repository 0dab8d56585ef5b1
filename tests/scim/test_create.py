"""POST and GET of a User (RFC 7644 §3.3, §3.4.1; spec §9.1–9.3)."""

import pytest

from accounts.models import AuditEvent, Employee
from tests.scim.client import ENTERPRISE, NICE, NOBODY, USER, refused, user

KEPT = {
    "nickName": "Ada",
    "profileUrl": "https://acme.example/ada",
    "title": "Countess",
    "preferredLanguage": "en-GB, en;q=0.5",
    "ims": [{"value": "ada@chat.example", "type": "xmpp"}],
    "photos": [{"value": "https://acme.example/ada.png", "type": "photo", "primary": True}],
    "addresses": [{"streetAddress": "12 St James's Sq", "locality": "London", "country": "GB", "type": "work"}],
    "entitlements": [{"value": "engine", "primary": True}],
    "x509Certificates": [{"value": "MIIB"}],
    ENTERPRISE: {
        "employeeNumber": "1815",
        "costCenter": "Numbers",
        "organization": "Analytical",
        "division": "Engine",
        "department": "Notes",
        "manager": {"value": "babbage", "$ref": "../Users/babbage"},
    },
}
MAPPED = {
    "externalId": "00ujl29u0le5T6Aj10h7",
    "displayName": "Ada L.",
    "userType": "Employee",
    "timezone": "Europe/London",
    "phoneNumbers": [{"value": "+44 20 1234", "type": "mobile", "primary": True}],
}


def test_the_answer_is_the_resource_with_its_address(scim, acme, settings):
    response = scim.post("/Users", user())
    document = response.json()
    location = f"{settings.PUBLIC_URL}/oauth/scim/v2/Users/{document['id']}"
    meta = document.pop("meta")
    assert response.status_code == 201
    assert response["Location"] == response["Content-Location"] == meta["location"] == location
    assert meta["resourceType"] == "User"
    assert meta["created"] == meta["lastModified"]
    assert meta["created"].endswith("Z")
    assert response["ETag"] == meta["version"] == 'W/"1"'
    employee = acme.employee(document)
    assert document == {
        "schemas": [USER, NICE],
        "id": str(employee.pk),
        "userName": "ada@acme.example",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": "ada@acme.example", "type": "work", "primary": True}],
        "active": True,
        "timezone": acme.unit.time_zone,
        "roles": [{"value": str(acme.role("Agent").pk), "display": "Agent", "primary": True}],
        NICE: {
            "team": {"value": str(employee.team_id), "display": "Default Team"},
            "loginAuthenticator": {"value": str(employee.login_authenticator_id), "display": "System Default"},
        },
    }
    assert scim.read(document | {"meta": meta}) == document | {"meta": meta}


def test_the_employee_is_the_one_the_console_shows(scim, acme):
    employee = acme.employee(scim.user(**MAPPED))
    assert (employee.first_name, employee.last_name, employee.username) == ("Ada", "Lovelace", "ada@acme.example")
    assert (employee.display_name, employee.type, employee.time_zone) == ("Ada L.", "Employee", "Europe/London")
    assert (employee.mobile_number, employee.external_id) == ("+44 20 1234", MAPPED["externalId"])
    assert (employee.status, employee.source, employee.scim_managed) == ("UNREGISTERED", "SCIM", True)
    assert employee.password == ""


@pytest.mark.parametrize("attribute", [*MAPPED, *KEPT])
def test_every_attribute_comes_back_as_it_was_sent(scim, attribute):
    sent = (MAPPED | KEPT)[attribute]
    created = scim.user(**{attribute: sent})
    assert created[attribute] == scim.read(created)[attribute] == sent


def test_all_attributes_together_come_back(scim):
    sent = user(**MAPPED, **KEPT)
    created = scim.user(**MAPPED, **KEPT)
    assert {name: created[name] for name in sent if name != "schemas"} == {
        n: v for n, v in sent.items() if n != "schemas"
    }
    assert created["schemas"] == [USER, ENTERPRISE, NICE]
    assert scim.read(created) == created


def test_the_parts_of_a_name_come_back(scim):
    name = {
        "formatted": "Ms. Ada King Lovelace III",
        "familyName": "Lovelace",
        "givenName": "Ada",
        "middleName": "King",
        "honorificPrefix": "Ms.",
        "honorificSuffix": "III",
    }
    assert scim.user(name=name)["name"] == name


def test_several_addresses_come_back_with_type_and_primary(scim, acme):
    emails = [
        {"value": "home@ada.example", "type": "home"},
        {"value": "ada@acme.example", "type": "work", "primary": True},
        {"value": "old@ada.example", "type": "other", "primary": False},
    ]
    created = scim.user(emails=emails)
    assert created["emails"] == emails
    assert acme.employee(created).email == "ada@acme.example"


@pytest.mark.parametrize(
    ("emails", "chosen"),
    [
        ([{"value": "a@x.example", "type": "work"}, {"value": "b@x.example", "primary": True}], "b@x.example"),
        ([{"value": "a@x.example", "type": "home"}, {"value": "b@x.example", "type": "work"}], "b@x.example"),
        ([{"value": "a@x.example", "type": "home"}, {"value": "b@x.example", "type": "other"}], "a@x.example"),
        ({"value": "a@x.example"}, "a@x.example"),
    ],
)
def test_the_primary_address_is_the_employees_else_the_work_one_else_the_first(scim, acme, emails, chosen):
    assert acme.employee(scim.user(emails=emails)).email == chosen


def test_of_two_primary_addresses_the_first_one_stays_primary(scim):
    """PingOne marks both (RFC 7643 §2.4 allows one)."""
    emails = [{"value": "a@x.example", "primary": True}, {"value": "b@x.example", "primary": True}]
    assert [entry["primary"] for entry in scim.user(emails=emails)["emails"]] == [True, False]


@pytest.mark.parametrize(
    ("numbers", "chosen"),
    [
        ([{"value": "1", "type": "work", "primary": True}, {"value": "2", "type": "mobile"}], "2"),
        ([{"value": "1", "type": "work"}, {"value": "2", "type": "home", "primary": True}], "2"),
        ([{"value": "1", "type": "work"}, {"value": "2", "type": "home"}], "1"),
    ],
)
def test_the_mobile_number_is_the_mobile_one_else_the_primary_else_the_first(scim, acme, numbers, chosen):
    created = scim.user(phoneNumbers=numbers)
    assert acme.employee(created).mobile_number == chosen
    assert created["phoneNumbers"] == numbers


@pytest.mark.parametrize("attribute", ["userName", "name", "emails"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_required_must_be_there(scim, attribute, value):
    """Spec §9.1; a null and an empty text mean "unassigned" (RFC 7643 §2.5)."""
    body = user()
    if value is None:
        del body[attribute]
    elif attribute == "userName":
        body["userName"] = ""
    elif attribute == "name":
        body["name"] = {"givenName": "", "familyName": " "}
    else:
        body["emails"] = [{"value": "", "type": "work"}]
    refused(scim.post("/Users", body), 400, "invalidValue", "Required and missing", attribute)
    assert not Employee.objects.filter(source="SCIM").exists()


@pytest.mark.parametrize("missing", ["givenName", "familyName"])
def test_both_names_are_required(scim, missing):
    name = {"givenName": "Ada", "familyName": "Lovelace"}
    del name[missing]
    refused(scim.post("/Users", user(name=name)), 400, "invalidValue", f"Required and missing: name.{missing}.")


@pytest.mark.parametrize("schemas", [None, [], "x", [1], {}])
def test_the_schemas_are_required(scim, schemas):
    body = user(schemas=schemas)
    refused(scim.post("/Users", body), 400, "invalidValue", "schemas is required")


def test_unknown_schemas_are_accepted(scim):
    """OneLogin sends core:1.0, Entra a group schema of its own."""
    assert scim.user(schemas=["urn:scim:schemas:core:1.0"])["schemas"] == [USER, NICE]


def test_unknown_and_read_only_members_are_left_out(scim):
    created = scim.user(
        id=NOBODY,
        meta={"resourceType": "Group", "created": "1999-01-01T00:00:00Z"},
        groups=[{"value": NOBODY}],
        locale="de-DE",
        prefferedLanguage="en",
        favouriteColour="green",
        **{"urn:example:unknown": {"x": 1}},
    )
    assert created["id"] != NOBODY
    assert created["meta"]["resourceType"] == "User"
    assert not created["meta"]["created"].startswith("1999")
    assert not {"groups", "locale", "prefferedLanguage", "favouriteColour", "urn:example:unknown"} & set(created)


def test_a_null_and_an_empty_list_mean_unassigned(scim):
    created = scim.user(title=None) | scim.user(
        "bea", displayName="", phoneNumbers=[], addresses=[], externalId=" ", nickName=""
    )
    body = user("cea") | {"title": None, "phoneNumbers": None, ENTERPRISE: None}
    third = scim.post("/Users", body)
    assert third.status_code == 201
    for document in (created, third.json()):
        assert not {"title", "displayName", "phoneNumbers", "addresses", "externalId", "nickName", ENTERPRISE} & set(
            document
        )


def test_names_of_attributes_are_read_in_any_case(scim):
    body = {
        "SCHEMAS": [USER],
        "USERNAME": "Ada@Acme.example",
        "Name": {"GIVENNAME": "Ada", "familyname": "Lovelace"},
        "eMails": [{"VALUE": "ada@acme.example", "Type": "work"}],
        "timeZone": "Europe/Paris",
        ENTERPRISE.upper(): {"DEPARTMENT": "Notes"},
    }
    response = scim.post("/Users", body)
    assert response.status_code == 201
    document = response.json()
    assert document["userName"] == "Ada@Acme.example"
    assert document["timezone"] == "Europe/Paris"
    assert document[ENTERPRISE] == {"department": "Notes"}


def test_an_attribute_may_be_named_with_its_schema(scim):
    created = scim.user(**{f"{USER}:title": "Countess", f"{ENTERPRISE}:department": "Notes"})
    assert (created["title"], created[ENTERPRISE]) == ("Countess", {"department": "Notes"})


@pytest.mark.rule("R-SCIM-16")
def test_a_password_is_accepted_and_neither_kept_nor_returned(scim, acme):
    response = scim.post("/Users", user(password="S3cret-S3cret"))
    assert response.status_code == 201
    employee = acme.employee(response.json())
    assert "S3cret" not in response.content.decode() + str(employee.scim_attributes)
    assert employee.password == ""
    assert not any("S3cret" in event.changes_json for event in AuditEvent.objects.all())


@pytest.mark.rule("R-SCIM-10", "R-EMP-1")
@pytest.mark.parametrize("name", ["ada@acme.example", "ADA@acme.EXAMPLE", "Ada@Acme.example"])
@pytest.mark.parametrize("active", [True, False])
def test_a_user_name_in_use_is_taken_in_any_case_and_state(scim, name, active):
    scim.user(active=active)
    events = AuditEvent.objects.count()
    refused(scim.post("/Users", user(userName=name)), 409, "uniqueness", "userName: Username")
    assert scim.found('userName sw "ada"') == ["ada@acme.example"]
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize("name", ["ada", "ada@", "@acme.example", "a b@acme.example", "ada@acme@example"])
def test_a_user_name_is_an_address(scim, acme, name):
    refused(scim.post("/Users", user(userName=name)), 400, "invalidValue", "userName: Enter an address")
    acme.set(scim_any_username=True)
    assert scim.user(userName=name)["userName"] == name


@pytest.mark.parametrize("address", ["ada", "ada @acme.example", "@"])
def test_an_address_must_be_one(scim, address):
    refused(
        scim.post("/Users", user(emails=[{"value": address}])), 400, "invalidValue", "emails.value: Enter an address"
    )


@pytest.mark.parametrize(
    ("attribute", "value", "label"),
    [
        ("userName", "a" * 250 + "@b.example", "userName: Username"),
        ("name", {"givenName": "x" * 101, "familyName": "y"}, "name.givenName: First Name"),
        ("name", {"givenName": "x", "familyName": "y" * 101}, "name.familyName: Last Name"),
        ("displayName", "x" * 201, "displayName: Display Name"),
        ("userType", "x" * 101, "userType: Type"),
        ("externalId", "x" * 256, "externalId: externalId"),
        ("timezone", "Europe/Nowhere", "timezone: Europe/Nowhere is not a time zone."),
        ("phoneNumbers", [{"value": "call me"}], "phoneNumbers.value: Mobile Number"),
        ("phoneNumbers", [{"value": "1" * 31}], "phoneNumbers.value: Mobile Number"),
    ],
)
def test_the_rules_of_the_console_hold_here_too(scim, attribute, value, label):
    refused(scim.post("/Users", user(**{attribute: value})), 400, "invalidValue", label)
    assert scim.found('userName sw "a" and active eq true and meta.created pr and title pr') == []


def test_a_projection_applies_to_the_answer_of_a_create(scim):
    response = scim.post("/Users?attributes=userName", user())
    assert set(response.json()) == {"schemas", "id", "userName"}
    assert response["Location"].endswith(response.json()["id"])


@pytest.mark.parametrize("identifier", [NOBODY, "nobody", "1", "%00", "a" * 3000, "..", "%F0%9F%92%A9"])
def test_an_unknown_id_is_a_404(scim, identifier):
    refused(scim.get(f"/Users/{identifier}"), 404, None)


def test_nothing_is_created_at_the_address_of_a_user(scim):
    response = scim.post(f"/Users/{NOBODY}", user())
    assert response.status_code == 405
    assert scim.found('userName sw "ada"') == []


def test_a_head_is_a_get_without_its_body(scim):
    created = scim.user()
    response = scim.head(f"/Users/{created['id']}")
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == created["meta"]["version"]
    assert scim.head("/Users").status_code == 200
    assert scim.head(f"/Users/{NOBODY}").status_code == 404


def test_the_groups_of_a_user_are_listed(scim):
    created = scim.user()
    staff = scim.group("Staff", created["id"])
    expected = {"value": staff["id"], "$ref": staff["meta"]["location"], "display": "Staff", "type": "direct"}
    assert scim.read(created)["groups"] == [expected]


def test_a_location_keeps_the_family_of_the_request(scim, acme, settings):
    created = scim.user()
    by_key = acme.by_key().get(f"/Users/{created['id']}").json()
    assert by_key["meta"]["location"] == f"{settings.PUBLIC_URL}/basic-auth/scim/v2/Users/{created['id']}"

"""Filters (RFC 7644 §3.4.2.2): what they find, and what is refused."""

import pytest

from accounts.models import Employee
from tests.scim.client import ENTERPRISE, NICE, NOBODY, USER, refused
from tests.world import hire

ADA, BEA, CEA, ROBOT, ADMIN = (f"{name}@acme.example" for name in ("ada", "bea", "cea", "scim", "admin"))
EVERYBODY = [ADA, ADMIN, BEA, CEA, ROBOT]


@pytest.fixture
def people(scim, acme):
    """Ada has everything, Bea two addresses and is inactive, Cea has odd characters; the seed's two have nothing extra."""
    ada = scim.user(
        "ada",
        externalId="Ext-1",
        title="Countess",
        displayName="Ada L.",
        userType="Employee",
        nickName='a"b\\c',
        phoneNumbers=[{"value": "+44 20 1234", "type": "mobile", "primary": True}],
        addresses=[{"type": "work", "locality": "London", "country": "GB"}, {"type": "home", "locality": "Ockham"}],
        **{ENTERPRISE: {"department": "Notes", "employeeNumber": "1815", "manager": {"value": "m-1"}}},
    )
    bea = scim.user(
        "bea",
        active=False,
        externalId="ext-1",
        emails=[
            {"value": "Bea@Work.example", "type": "work", "primary": True},
            {"value": "bea@home.example", "type": "home"},
        ],
    )
    scim.user("cea", name={"givenName": "Zoë", "familyName": "Straße 100%_"}, title="100%")
    scim.group("Staff", ada["id"], bea["id"])
    return {"ada": ada, "bea": bea}


FOUND = [
    # operators
    ('userName eq "ada@acme.example"', [ADA]),
    ('userName ne "ada@acme.example"', [ADMIN, BEA, CEA, ROBOT]),
    ('userName sw "ad"', [ADA, ADMIN]),
    ('userName co "EA@"', [BEA, CEA]),
    ('userName ew "a@acme.example"', [ADA, BEA, CEA]),
    ('userName gt "admin@acme.example"', [BEA, CEA, ROBOT]),
    ('userName ge "bea@acme.example"', [BEA, CEA, ROBOT]),
    ('userName lt "admin@acme.example"', [ADA]),
    ('userName le "admin@acme.example"', [ADA, ADMIN]),
    ("title pr", [ADA, CEA]),
    ("not (title pr)", [ADMIN, BEA, ROBOT]),
    ("userName pr", EVERYBODY),
    ("displayName pr", [ADA]),
    ("externalId pr", [ADA, BEA]),
    # case of names, operators, values
    ('USERNAME Eq "ADA@ACME.EXAMPLE"', [ADA]),
    ('title eq "COUNTESS"', [ADA]),
    ('externalId eq "Ext-1"', [ADA]),
    ('externalId eq "EXT-1"', []),
    ('externalId sw "ext"', [BEA]),
    ('userName EQ "ada@acme.example" OR userName Eq "bea@acme.example"', [ADA, BEA]),
    # precedence and grouping
    ('userName eq "bea@acme.example" or userName eq "ada@acme.example" and title pr', [ADA, BEA]),
    ('(userName eq "bea@acme.example" or userName eq "ada@acme.example") and title pr', [ADA]),
    ('title pr and userName eq "ada@acme.example" or userName eq "bea@acme.example"', [ADA, BEA]),
    ('not (title pr or userName eq "bea@acme.example")', [ADMIN, ROBOT]),
    ("not (not (title pr))", [ADA, CEA]),
    ("((((title pr))))", [ADA, CEA]),
    # qualified names
    (f'{USER}:userName eq "ada@acme.example"', [ADA]),
    (f'{USER.upper()}:NAME.FAMILYNAME eq "lovelace"', [ADA, BEA]),
    (f'{ENTERPRISE}:department eq "notes"', [ADA]),
    (f'{ENTERPRISE}:manager.value eq "m-1"', [ADA]),
    (f'{ENTERPRISE}:manager[value eq "m-1"]', [ADA]),
    (f'{NICE}:team.display eq "default team"', EVERYBODY),
    (f'{NICE}:loginAuthenticator.display sw "System"', EVERYBODY),
    (f"{ENTERPRISE}:employeeNumber pr", [ADA]),
    (f"not ({ENTERPRISE}:employeeNumber pr)", [ADMIN, BEA, CEA, ROBOT]),
    # booleans
    ("active eq true", [ADA, ADMIN, CEA, ROBOT]),
    ("active eq false", [BEA]),
    ("active ne true", [BEA]),
    ('active eq "False"', [BEA]),
    ("active eq TRUE and title pr", [ADA, CEA]),
    # values of multi-valued attributes
    ('emails eq "bea@home.example"', [BEA]),
    ('emails.value eq "BEA@home.example"', [BEA]),
    ('emails.value eq "bea@work.example"', [BEA]),
    ('emails[type eq "work"].value eq "bea@work.example"', [BEA]),
    ('emails[type eq "home"].value eq "bea@work.example"', []),
    ('emails[type eq "home" and value co "home"]', [BEA]),
    ('emails[type eq "work" and value co "home"]', []),
    ('emails.type eq "work" and emails.value co "home"', [BEA]),
    ('emails[type eq "work" and primary eq true]', EVERYBODY),
    ('emails[primary eq "True"].value sw "bea"', [BEA]),
    ('emails[not (type eq "work")]', [BEA]),
    ('emails.type eq "home"', [BEA]),
    ('phoneNumbers.value eq "+44 20 1234"', [ADA]),
    ('phoneNumbers[type eq "mobile"].value sw "+44"', [ADA]),
    ("phoneNumbers pr", [ADA]),
    ("not (phoneNumbers pr)", [ADMIN, BEA, CEA, ROBOT]),
    ('addresses[type eq "home" and locality eq "ockham"]', [ADA]),
    ('addresses[type eq "work" and locality eq "Ockham"]', []),
    ('addresses.country eq "gb"', [ADA]),
    ('roles.display eq "agent"', [ADA, BEA, CEA]),
    ('roles[primary eq true and display eq "Administrator"]', [ADMIN]),
    ('groups.display eq "staff"', [ADA, BEA]),
    ("groups pr", [ADA, BEA]),
    # literals
    ('name.familyName eq "straße 100%_"', [CEA]),
    ('name.familyName sw "STRASSE"', [CEA]),
    ('name.familyName co "aß"', [CEA]),
    ('name.givenName eq "ZOË"', [CEA]),
    ('name.givenName eq "zo\\u00eb"', [CEA]),
    ('title sw "%"', []),
    ('title co "%"', [CEA]),
    ('userName co "_"', []),
    ('name.familyName ew "_"', [CEA]),
    ('nickName eq "a\\"b\\\\c"', [ADA]),
    ("externalId eq Ext-1", [ADA]),
    ("userName eq ada@acme.example", [ADA]),
    ('userName eq "x" or userName eq "\' or 1=1 --"', []),
    ("userName eq \"ada@acme.example' OR '1'='1\"", []),
    ("title eq null", [ADMIN, BEA, ROBOT]),
    ("title ne null", [ADA, CEA]),
    # meta and schemas
    ('meta.created gt "2000-01-01T00:00:00Z"', EVERYBODY),
    ('meta.created lt "2000-01-01T00:00:00Z"', []),
    ('meta.lastModified ge "2000-01-01T00:00:00+02:00" and title pr', [ADA, CEA]),
    ('meta.resourceType eq "User"', EVERYBODY),
    ('meta.resourceType eq "Group"', []),
    (f'schemas eq "{ENTERPRISE}"', [ADA]),
    (f'schemas eq "{USER}"', EVERYBODY),
    (f'id eq "{NOBODY}"', []),
    ('id eq "nobody"', []),
    # no answers from the empty text
    ('title co ""', [ADA, CEA]),
    ('title eq ""', []),
    ('displayName eq ""', []),
    ('displayName ne ""', EVERYBODY),
    ('displayName lt "b"', [ADA]),
    ('title le "zzz"', [ADA, CEA]),
]


@pytest.mark.parametrize(("text", "names"), FOUND)
def test_a_filter_finds(scim, people, text, names):
    assert scim.found(text) == names


def test_an_id_is_found_in_any_spelling(scim, people):
    ada = people["ada"]["id"]
    assert scim.found(f'id eq "{ada}"') == scim.found(f'id eq "{ada.upper()}"') == [ADA]
    assert scim.found(f'id eq "{ada}" and externalId eq "Ext-1"') == [ADA]
    staff = scim.read(people["ada"])["groups"][0]["value"]
    assert scim.found(f'groups.value eq "{staff}"') == [ADA, BEA]


def test_groups_are_filtered_too(scim, people):
    ada, staff = people["ada"]["id"], scim.read(people["ada"])["groups"][0]["value"]
    scim.group("Other", externalId="G-1")
    for text, names in (
        ('displayName eq "STAFF"', ["Staff"]),
        ('displayName ne "staff"', ["Other"]),
        ('externalId eq "G-1"', ["Other"]),
        ('externalId eq "g-1"', []),
        (f'members eq "{ada}"', ["Staff"]),
        (f'members.value eq "{ada}"', ["Staff"]),
        (f'members[value eq "{ada}"]', ["Staff"]),
        (f'id eq "{staff}" and members eq "{ada}"', ["Staff"]),
        (f'id eq "{staff}" and members eq "{NOBODY}"', []),
        ("members pr", ["Staff"]),
        ("not (members pr)", ["Other"]),
        (f'not (members eq "{ada}")', ["Other"]),
        ("displayName pr", ["Other", "Staff"]),
    ):
        assert scim.found(text, "Groups") == names, text


REFUSED = [
    "",
    "x",
    "userName",
    "userName eq",
    'userName eq "a',
    'eq "a"',
    'userName "a"',
    'userName xx "a"',
    'userName eq "a" and',
    'userName eq "a" userName eq "b"',
    'and userName eq "a"',
    '(userName eq "a"',
    'userName eq "a")',
    'emails[type eq "work"',
    'emails[type eq "work"]]',
    "emails[]",
    'emails[type eq "work"].',
    "()",
    "not title pr",
    'userName eq "\\x"',
    'userName eq "a\x00b"',
    'bogus eq "x"',
    'name.bogus eq "x"',
    'userName.x eq "x"',
    'emails[bogus eq "x"]',
    'emails[emails.value eq "x"]',
    'urn:example:x:title eq "x"',
    'userName sw "ada" and bogus eq "y"',
    'userName sw "ada" or bogus eq "y"',
    'password eq "x"',
    "active gt true",
    'active co "t"',
    'active eq "yes"',
    "active eq 1",
    "userName eq 1",
    "userName eq true",
    "userName gt 5",
    'meta.created gt "yesterday"',
    'meta.created co "2020"',
    "meta.created eq 5",
    'meta.location eq "x"',
    f'id sw "{NOBODY[:4]}"',
    'name eq "x"',
    'groups.$ref eq "x"',
    'schemas co "x"',
]


@pytest.mark.parametrize("text", [text for text in REFUSED if text])
def test_what_is_no_filter_is_refused(scim, text):
    """Whatever the data: a bad name is never a wider result."""
    refused(scim.get("/Users", filter=text), 400, "invalidFilter")
    assert scim.get("/Users", filter=text).json()["detail"].endswith(".")


@pytest.mark.parametrize("text", ['members.$ref eq "x"', 'userName eq "x"', 'members.bogus eq "x"', "active eq true"])
def test_what_groups_do_not_have_cannot_be_filtered(scim, text):
    refused(scim.get("/Groups", filter=text), 400, "invalidFilter")


def test_an_empty_filter_is_no_filter(scim):
    assert scim.get("/Users", filter="").json()["totalResults"] == 2


@pytest.mark.parametrize(
    "text",
    [
        " or ".join(f'userName eq "u{n}@acme.example"' for n in range(39)) + ' or userName eq "scim@acme.example"',
        " or ".join(['userName eq "scim@acme.example"'] * 190),
        "(" * 50 + 'userName eq "scim@acme.example"' + ")" * 50,
        "not (" * 20 + 'userName eq "scim@acme.example"' + ")" * 20,
        'userName eq "scim@acme.example"' + " and active eq true" * 100,
        "userName pr and (title pr or (" * 30 + 'userName eq "scim@acme.example"' + "))" * 30,
        "not (title pr or not (userName pr and " * 15 + 'userName eq "scim@acme.example"' + "))" * 15,
        'emails[not (type eq "x" or not (primary pr and (' * 1
        + 'not (type eq "x" or not (primary pr and (' * 10
        + 'value eq "scim@acme.example"'
        + ")))" * 11
        + "]",
        'userName eq "' + "x" * 7_000 + '" or userName eq "scim@acme.example"',
    ],
)
def test_a_long_filter_works(scim, text):
    assert scim.found(text) == [ROBOT]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 400 + "userName pr" + ")" * 400,
        "not (" * 400 + "userName pr" + ")" * 400,
        "userName pr or " * 300 + "userName pr",
        'userName eq "' + "x" * 8_000 + '"',
        "(" * 7_000,
        "emails[" * 1_000,
    ],
)
def test_a_filter_too_long_or_too_deep_is_refused(scim, text):
    refused(
        scim.post(
            "/Users/.search", {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": text}
        ),
        400,
        "invalidFilter",
    )


def test_a_deeply_nested_not_over_values_works_on_either_database(scim, people):
    assert scim.found('not (not (emails[not (type eq "work") and not (value co "work")]))') == [BEA]


def test_people_nobody_provisioned_are_found(scim, acme):
    hire(acme.unit, "Dana Doe", acme.role("Agent"))
    assert scim.found('emails.value eq "DANA@acme.example"') == ["dana@acme.example"]
    assert Employee.objects.get(username="dana@acme.example").scim_attributes == {}

"""What holds for every PATCH, whatever its operations: the engine is a pure function over documents."""

import contextlib
import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from scim import patch
from scim.attributes import USERS
from scim.errors import ScimError
from tests.scim.client import ENTERPRISE, USER

texts = st.sampled_from(["a", "A", "b", "x@y.example", "work", ""])
types = st.sampled_from(["work", "home", "other"])
values = st.fixed_dictionaries({"value": texts}, optional={"type": types, "primary": st.booleans()})
lists = st.lists(values, max_size=3)
PLURAL = ("emails", "phoneNumbers", "ims", "photos", "entitlements")

single = st.tuples(
    st.sampled_from(
        ["title", "nickName", "userName", "externalId", f"{ENTERPRISE}:department", f"{USER}:title", "name.givenName"]
    ),
    st.one_of(texts, st.none()),
)
plural = st.tuples(st.sampled_from(PLURAL), st.one_of(lists, values))
selected = st.tuples(
    st.builds(
        '{}[type eq "{}"]{}'.format, st.sampled_from(PLURAL), types, st.sampled_from([".value", ".primary", ".type"])
    ),
    st.one_of(texts, st.booleans()),
)
whole = st.tuples(st.builds('{}[value eq "{}"]'.format, st.sampled_from(PLURAL), texts), values)
anything = st.tuples(
    st.one_of(
        st.none(), st.text(max_size=12), st.sampled_from(["id", "meta", "groups", "name", "active", "emails[", "bogus"])
    ),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
        max_leaves=5,
    ),
)
NAMES = ["add", "replace", "remove", "Replace", "Add"]


def operations(*targets):
    return st.lists(
        st.builds(
            lambda name, target: {"op": name, "path": target[0], "value": target[1]},
            st.sampled_from(NAMES),
            st.one_of(*targets),
        ),
        min_size=1,
        max_size=5,
    )


@st.composite
def documents(draw) -> dict:
    """A resource as the service stores it: no empty values, one primary at most."""
    document = {
        "schemas": [USER],
        "id": "1",
        "userName": "a@b.example",
        "name": {"givenName": "A", "familyName": "B"},
        "emails": [{"value": "a@b.example", "type": "work", "primary": True}],
        "meta": {"resourceType": "User"},
        "active": True,
    }
    for name in draw(st.sets(st.sampled_from(PLURAL))):
        found = [value for value in draw(lists) if value["value"]]
        claims = [value for value in found if value.get("primary")]
        for value in claims[1:]:
            value["primary"] = False
        if found:
            document[name] = found
    for name in draw(st.sets(st.sampled_from(["title", "nickName", "externalId"]))):
        document[name] = "old"
    return document


def attempt(document: dict, body: list[dict]) -> dict | None:
    """The patched document, or None if the engine refuses with a SCIM error; nothing else may be raised."""
    try:
        return patch.apply(document, patch.read({"Operations": body}, tolerant=True), USERS)
    except ScimError:
        return None


CASES = settings(max_examples=80, deadline=None, derandomize=True)


@given(document=documents(), body=operations(single, plural, selected, whole, anything))
@CASES
def test_the_document_given_stays_as_it_is(document, body):
    before = copy.deepcopy((document, body))
    attempt(document, body)
    assert (document, body) == before


@given(document=documents(), body=operations(single, plural, selected, whole, anything))
@CASES
def test_the_result_is_well_formed(document, body):
    after = attempt(document, body)
    if after is None:
        return
    for name in ("id", "meta", "schemas"):
        assert after[name] == document[name]
    assert after["userName"]
    assert after["name"]["givenName"]
    assert after["emails"]
    for name in PLURAL:
        entries = after.get(name, [])
        assert name not in after or entries, f"{name} is empty rather than absent"
        assert sum(entry.get("primary") is True for entry in entries) <= 1
    for name, value in after.items():
        assert value not in (None, "", {}), name


@given(document=documents(), body=operations(single, plural, selected, whole))
@CASES
def test_operations_one_by_one_come_to_the_same(document, body):
    at_once = attempt(document, body)
    step: dict | None = document
    for operation in body:
        step = attempt(step, [operation]) if step is not None else None
    assert at_once == step


@given(document=documents(), target=st.one_of(single, plural))
@CASES
def test_a_replace_twice_is_a_replace_once(document, target):
    operation = {"op": "replace", "path": target[0], "value": target[1]}
    once = attempt(document, [operation])
    assert attempt(document, [operation, operation]) == once


@given(document=documents(), name=st.sampled_from(PLURAL), added=lists)
@CASES
def test_adding_the_same_values_twice_adds_them_once(document, name, added):
    operation = {"op": "add", "path": name, "value": added}
    once = attempt(document, [operation])
    twice = attempt(document, [operation, operation])
    assert (once is None) == (twice is None)
    if once is not None:
        assert len(twice.get(name, [])) == len(once.get(name, []))


@given(document=documents(), name=st.sampled_from(["title", "nickName", "externalId", "ims", "photos"]))
@CASES
def test_what_was_removed_is_gone_and_the_rest_stays(document, name):
    after = attempt(document, [{"op": "remove", "path": name}])
    assert after == {key: value for key, value in document.items() if key != name}


@given(
    body=st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from(["Operations", "op", "path", "value", "schemas"]), inner, max_size=4),
        ),
        max_leaves=12,
    )
)
@CASES
def test_whatever_the_body_is_reading_it_succeeds_or_is_a_scim_error(body):
    with contextlib.suppress(ScimError):
        patch.read(body, tolerant=True)

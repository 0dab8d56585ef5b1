"""PingOne (idp-sequences §5)."""

from tests.scim.client import group, user


def test_two_primary_addresses_of_one_value_are_taken(scim):
    """PingOne fills both targets with the one address and marks both primary."""
    address = "ada@acme.example"
    emails = [{"value": address, "type": "work", "primary": True}, {"value": address, "type": "home", "primary": True}]
    response = scim.post("/Users", user(emails=emails))
    assert response.status_code == 201
    assert [entry.get("primary") for entry in response.json()["emails"]] == [True, False]
    again = scim.put(f"/Users/{response.json()['id']}", user(emails=emails))
    assert [entry.get("primary") for entry in again.json()["emails"]] == [True, False]


def test_one_value_per_type(scim):
    sent = {
        "phoneNumbers": [{"value": "1", "type": "work"}, {"value": "2", "type": "mobile"}],
        "addresses": [{"locality": "Denver", "type": "work"}, {"locality": "Austin", "type": "home"}],
    }
    created = scim.user(**sent)
    assert {name: created[name] for name in sent} == sent


def test_names_of_groups_need_not_be_ascii(scim):
    for name in ("Mitarbeiter Größe", "営業部", "Équipe «A»", "Кадры"):
        assert scim.post("/Groups", group(name)).status_code == 201
        assert scim.found(f'displayName eq "{name}"', "Groups") == [name]

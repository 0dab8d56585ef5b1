"""Canaille: it reads discovery strictly before every push (idp-sequences §8). Its own client runs in test_clients.py."""

from tests.scim.client import GROUP, USER, user


def test_what_it_reads_first(scim):
    for path in ("/ResourceTypes", "/Schemas"):
        assert scim.get(path).json()["totalResults"] > 0
    schema = scim.get(f"/Schemas/{GROUP}").json()
    members = next(attribute for attribute in schema["attributes"] if attribute["name"] == "members")
    assert "display" in {sub["name"] for sub in members["subAttributes"]}


def test_it_matches_by_external_id_and_then_puts(scim):
    assert scim.get("/Users", filter='externalId eq "5f0c"').json()["totalResults"] == 0
    created = scim.user(externalId="5f0c")
    found = scim.get("/Users", filter='externalId eq "5f0c"').json()["Resources"]
    assert [resource["id"] for resource in found] == [created["id"]]
    body = user(externalId="5f0c", title="Changed", schemas=[USER], id=created["id"])
    assert scim.put(f"/Users/{created['id']}", body).json()["title"] == "Changed"


def test_a_group_with_all_it_sends_of_a_member(scim):
    person = scim.user()
    member = {"value": person["id"], "type": "User", "display": "Ada", "$ref": person["meta"]["location"]}
    group = scim.group("Staff", members=[member])
    assert group["members"] == [member]
    assert scim.put(f"/Groups/{group['id']}", group).json() == group

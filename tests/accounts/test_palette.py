"""The command palette: what it finds, for whom, and at what cost."""

import re

import pytest

from tests.world import hire, visible

FIND = "/me/find/"
EMPLOYEES, ROLES = "admin.employees.view", ("admin.role_management.view", "admin.role_management.search")


def found(client, words=""):
    """What the palette offers: label and address."""
    page = client.get(FIND, {"q": words}, headers={"HX-Request": "true"}).content.decode()
    return dict(re.findall(r'(?s)href="([^"]*)">.*?<span>(.*?)</span>', page))


def test_without_words_it_offers_the_screens_one_may_open(world):
    assert found(world.client())["/admin/employees/"] == "Employees"
    assert "/reporting/change-audit/" in found(world.client())
    offered = found(world.bob_may(EMPLOYEES))
    assert "/admin/employees/" in offered
    assert "/admin/roles/" not in offered
    assert "/me/" in offered


def test_words_narrow_the_screens(world):
    assert set(found(world.client(), "TEMPL")) == {"/admin/employee-templates/"}
    assert "Nothing matches your search" in visible(world.client().get(FIND, {"q": "zzzz"}))


def test_it_finds_employees_by_name_and_username(world):
    page = f"/admin/employees/{world.bob.pk}/"
    assert found(world.client(), "BROWN")[page] == "Bob Brown"
    assert page in found(world.client(), "bob@acme")
    assert page not in found(world.client(), "b")


def test_it_finds_roles_under_their_names(world):
    offered = found(world.client(), "administr")
    assert offered[f"/admin/roles/{world.alice.primary_role_id}/"] == "Administrator"


@pytest.mark.parametrize(
    ("held", "kinds"), [((), set()), ((EMPLOYEES,), {"employees"}), (ROLES, {"roles"}), (ROLES[:1], set())]
)
def test_it_finds_only_what_one_may_see(world, held, kinds):
    offered = found(world.bob_may(*held), "bob")
    assert {path.split("/")[2] for path in offered if path.startswith("/admin/")} == kinds


def test_strangers_are_not_found(world):
    hire(world.strange, "Bob Stranger", world.charlie.primary_role)
    assert "Bob Stranger" not in found(world.client(), "bob").values()


@pytest.mark.parametrize("words", ["%", "_", "\x00", "x" * 5000, "<b>"])
def test_no_words_break_it(world, words):
    assert world.client().get(FIND, {"q": words}).status_code == 200


def test_it_costs_one_statement_beside_those_of_every_page(world, django_assert_num_queries):
    client, fragment = world.client(), {"HX-Request": "true"}
    client.get(FIND)
    with django_assert_num_queries(3) as without:
        client.get(FIND, headers=fragment)
    for number in range(9):
        world.employee(f"Bob{number} Number")
    with django_assert_num_queries(len(without) + 1):
        page = client.get(FIND, {"q": "bob"}, headers=fragment)
    assert page.content.decode().count("/admin/employees/") == 8


def test_every_page_leads_there_and_knows_whether_single_keys_are_on(world):
    client = world.client()
    page = client.get("/me/").content.decode()
    assert 'href="/me/find/"' in page
    assert 'id="single-keys" checked' in page
    client.cookies["cxadmin_keys"] = "off"
    assert 'id="single-keys" checked' not in client.get("/me/").content.decode()

"""Pages of long lists: whatever the order and the end they are counted from, nobody is left out or shown twice."""

import html
import re

import pytest

from accounts.actions import groups, teams
from accounts.models import Employee, View
from accounts.models.views import EmployeeView
from cxadmin import clock
from tests.world import visible

LIST = "/admin/employees/"


@pytest.fixture(params=[3000, 0], ids=["few", "many"])
def crowd(world, request, monkeypatch):
    """Sixty people more of three names and four statuses, in two teams; taken for few, and taken for many."""
    monkeypatch.setattr("accounts.console.lists.FEW", request.param)
    monkeypatch.setattr("accounts.queries.FEW_MEMBERS", request.param)
    world.other = teams.create({"name": "Zebras"}, actor=world.actor)
    for number in range(60):
        person = world.employee(
            f"{('Uma', 'Ben', 'Zoe')[number % 3]} Doe",
            username=f"p{number * 37 % 60:02}@acme.example",
            status=("ACTIVE", "PENDING", "UNREGISTERED", "DELETED")[number % 4],
        )
        if number % 5 == 0:
            Employee.objects.filter(pk=person.pk).update(team=world.other)
    return world


def rows(page):
    """Whom a page lists, by username."""
    body = page.content.decode().partition("<tbody")[2].partition("</tbody>")[0].replace("<wbr>", "")
    return re.findall(r'<td(?: class="address")?>([^<]+@acme\.example)</td>', body)


def pages(client, address):
    """The pages of a list, from the first to the last."""
    joined = "&" if "?" in address else "?"
    first = client.get(address)
    last = max([1, *(int(number) for number in re.findall(r"[?&]page=(\d+)", html.unescape(first.content.decode())))])
    return [first, *(client.get(f"{address}{joined}page={number}") for number in range(2, last + 1))]


def listed(client, address):
    return [employee for page in pages(client, address) for employee in rows(page)]


def names(employees):
    return sorted(employees.values_list("username", flat=True))


def everybody(crowd):
    return Employee.objects.filter(business_unit=crowd.acme).exclude(status="DELETED")


@pytest.mark.parametrize("key", ["name", "username", "email", "role", "team", "status"])
def test_the_pages_of_every_order_hold_everybody_once_and_backwards_the_same(crowd, key):
    client = crowd.client()
    forwards = listed(client, f"{LIST}?sort={key}")
    assert len(forwards) > 25
    assert sorted(forwards) == names(everybody(crowd))
    assert listed(client, f"{LIST}?sort=-{key}") == forwards[::-1]


def test_the_order_is_the_one_of_the_column_and_inside_it_by_name(crowd):
    found = {employee.username: employee for employee in everybody(crowd).select_related("team")}
    by_team = [found[username] for username in listed(crowd.client(), f"{LIST}?sort=team")]
    order = [(employee.team.name_key, employee.name_key, employee.pk) for employee in by_team]
    assert order == sorted(order)


def test_the_last_page_holds_the_rest_and_an_address_beyond_it_leads_there(crowd):
    client, total = crowd.client(), everybody(crowd).count()
    last = pages(client, LIST)[-1]
    assert len(rows(last)) == total - 25
    beyond = client.get(f"{LIST}?page=4000")
    assert rows(beyond) == rows(last)
    assert f"{total} employees" in visible(beyond)
    assert 'aria-label="Page 2" aria-current="page"' in re.sub(r"\s+", " ", beyond.content.decode())


def test_the_pages_of_a_search_hold_what_was_found_and_its_number(crowd):
    client, found = crowd.client(), everybody(crowd).filter(last_name="Doe")
    assert found.count() > 25
    for sort in ("", "&sort=-email", "&sort=status", "&sort=-team"):
        pages_found = pages(client, f"{LIST}?q=doe{sort}")
        assert sorted(employee for page in pages_found for employee in rows(page)) == names(found)
        assert all(f"{found.count()} employees" in visible(page) for page in pages_found)
    backwards = listed(client, f"{LIST}?q=doe&sort=-status")
    assert backwards == listed(client, f"{LIST}?q=doe&sort=status")[::-1]
    assert rows(client.get(f"{LIST}?q=nobody-is-called-so")) == []


def test_a_filter_leaves_what_it_says_on_every_page(crowd):
    client = crowd.client()
    for query, found in (
        ("status=DELETED", Employee.objects.filter(business_unit=crowd.acme, status="DELETED")),
        (f"team={crowd.other.pk}", everybody(crowd).filter(team=crowd.other)),
        ("status=ACTIVE&q=uma", everybody(crowd).filter(status="ACTIVE", first_name="Uma")),
    ):
        assert sorted(listed(client, f"{LIST}?{query}&sort=-username")) == names(found)


def test_the_members_of_a_group_are_counted_and_paged(crowd):
    members = everybody(crowd).exclude(pk=crowd.alice.pk)
    group = groups.create(
        {"name": "Crowd"}, actor=crowd.actor, members=dict.fromkeys(members.values_list("pk", flat=True))
    )
    groups.create({"name": "Another"}, actor=crowd.actor, members={crowd.bob.pk: None, crowd.alice.pk: None})
    client, address = crowd.client(), f"/admin/groups/{group.pk}/users/"
    assert sorted(listed(client, address)) == names(members)
    assert f"{members.count()} employees" in visible(client.get(address))
    assert listed(client, f"{address}?sort=-status") == listed(client, f"{address}?sort=status")[::-1]
    assert sorted(listed(client, f"{address}?q=uma")) == names(members.filter(first_name="Uma"))


def test_a_view_limits_the_number_of_members_as_well(crowd):
    members = everybody(crowd)
    group = groups.create(
        {"name": "Crowd"}, actor=crowd.actor, members=dict.fromkeys(members.values_list("pk", flat=True))
    )
    now = clock.now()
    view = View.objects.create(
        business_unit=crowd.acme, name="Zebras only", type=View.Type.USER_DATA, created_at=now, modified_at=now
    )
    view.teams.add(crowd.other)
    EmployeeView.objects.create(employee=crowd.alice, view=view)
    seen = members.filter(team=crowd.other) | members.filter(pk=crowd.alice.pk)
    page = crowd.client().get(f"/admin/groups/{group.pk}/users/")
    assert sorted(rows(page)) == names(seen)
    assert f"{seen.count()} employees" in visible(page)

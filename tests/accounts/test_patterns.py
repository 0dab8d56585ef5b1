"""Patterns that the present screens do not show: filters of several choices, fields that are not text."""

import re

import pytest
from django import forms
from django.http import QueryDict
from django.template.loader import render_to_string

from accounts import queries
from accounts.console.forms import ConsoleForm
from accounts.console.lists import Column, Filter, Listing, ListSpec
from accounts.models import Employee

STATUS = Filter(
    "status",
    "Status",
    tuple(Employee.Status.choices),
    lambda rows, chosen: rows.filter(status__in=chosen),
    several=True,
    default=("UNREGISTERED", "PENDING", "ACTIVE", "BLOCKED"),
)
SPEC = ListSpec(
    fragment="_table.html",
    columns=(Column("name", "Name", ("name_key",)),),
    counted=lambda n: f"{n} employees",
    empty="No employees yet",
    search=queries.search_employees,
    filters=(STATUS,),
)


def listing(world, query="") -> Listing:
    return Listing(SPEC, Employee.objects.filter(business_unit=world.acme), QueryDict(query), "/people/")


@pytest.fixture
def people(world):
    """Acme Administrator, Alice, Bob; Dana is Inactive, Dora Pending."""
    world.employee("Dana Doe", status="DELETED")
    world.employee("Dora Day", status="PENDING")
    return world


@pytest.mark.parametrize(
    ("query", "count", "is_set"),
    [
        ("", 4, False),
        ("status=DELETED", 1, True),
        ("status=DELETED&status=PENDING", 2, True),
        ("status=UNREGISTERED&status=PENDING&status=ACTIVE&status=BLOCKED", 4, False),
        ("status=nonsense", 4, False),
    ],
)
def test_a_filter_of_several_choices_has_a_default(people, query, count, is_set):
    found = listing(people, query)
    assert (found.count, found.filters[0].is_set, found.is_narrowed) == (count, is_set, is_set)


def test_its_choices_are_in_every_address_and_in_the_toolbar(people):
    found = listing(people, "status=DELETED&status=PENDING&q=d")
    assert found.url(sort="-name") == "/people/?q=d&status=PENDING&status=DELETED&sort=-name"
    toolbar = render_to_string("_toolbar.html", {"listing": found})
    ticked = [box for box in re.findall(r"(?s)<input type=\"checkbox\".*?>", toolbar) if "checked" in box]
    assert len(ticked) == 2


def test_a_search_that_finds_many_counts_and_pages_all_the_same(people, monkeypatch):
    monkeypatch.setattr("accounts.console.lists.FEW", 2)
    found = listing(people, "q=acme")
    assert (found.count, len(found.rows)) == (4, 4)
    assert (listing(people, "q=bob").count, listing(people, "q=nobody").rows) == (1, [])


class SomeForm(ConsoleForm):
    invite = forms.BooleanField(label="Invite", help_text="By e-mail.")
    method = forms.ChoiceField(label="Method", choices=[("a", "Email"), ("b", "Post")], widget=forms.RadioSelect)


def test_a_check_box_stands_before_its_label_and_a_choice_has_a_legend():
    form = SomeForm({})
    box = re.sub(r"\s+", " ", form["invite"].as_field_group())
    assert re.search(r'<label class="check" for="id_invite">\s?<input type="checkbox"[^>]*>\s?Invite</label>', box)
    assert 'id="id_invite_helptext">By e-mail.' in box
    assert "Invite is required." in box
    choice = re.sub(r"\s+", " ", form["method"].as_field_group())
    assert re.search(r"<legend>\s?Method\s?<span class=\"star\"", choice)
    assert choice.count('type="radio"') == 2
    assert "Method is required." in choice

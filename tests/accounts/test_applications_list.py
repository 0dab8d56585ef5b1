"""Applications: the list (screens §14.3)."""

import re
from datetime import timedelta

import pytest

from accounts.actions import applications
from accounts.actors import system
from accounts.models import Application
from cxadmin import clock
from tests.world import REGISTRATION, visible

VIEW, CREATE, EDIT, DELETE = (f"admin.applications.{action}" for action in ("view", "create", "edit", "delete"))
PAGE = "/admin/applications/"


def names(response) -> list[str]:
    """The first column, from top to bottom."""
    return [
        re.sub(r"<[^>]+>", "", cell).strip()
        for cell in re.findall(r'(?s)<th scope="row">(.*?)</th>', response.content.decode())
    ]


def actions(response) -> list[str]:
    """What the row menus offer."""
    menus = re.findall(r'(?s)class="menu-item[^>]*>(.*?)</a>', response.content.decode().split("<main")[1])
    return [visible_text(item) for item in menus]


def visible_text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


@pytest.fixture
def several(world):
    """Three applications of Acme: beta (public, Enabled), Gamma (back-end, Disabled), Okta (confidential, Enabled)."""
    world.application(name="Okta")
    world.application(name="beta", type="public", tenancy="all", auth_method="client_secret_basic")
    gamma = world.application(name="Gamma", type="backend", redirects=[])
    applications.disable(gamma, actor=world.actor)
    return world


def test_it_lists_the_applications_of_the_tenant_by_name(several):
    applications.register(REGISTRATION, unit=several.strange, actor=system(several.strange.pk))
    page = several.client().get(PAGE)
    assert names(page) == ["beta", "Gamma", "Okta"]
    assert "3 applications" in visible(page)


@pytest.mark.screen("14.3 list")
def test_a_row_shows_what_the_screen_promises(several):
    application = Application.objects.get(name="beta")
    row = visible(several.client().get(f"{PAGE}?q=beta"))
    columns = "Name Client ID Application type Authentication method Tenancy Status Created Last used Actions"
    assert columns in row
    shown = f"beta {str(application.pk)[:8]}… "
    assert shown in row
    today = clock.now().strftime("%Y-%m-%d")
    assert f"User, Public client_secret_basic Multiple Tenants Enabled {today} never" in row
    assert f'data-copy="{application.pk}"' in several.client().get(PAGE).content.decode()


def test_a_used_application_shows_when(several):
    Application.objects.filter(name="beta").update(last_used_at="2026-05-02T10:00:00Z")
    assert "2026-05-02" in visible(several.client().get(f"{PAGE}?q=beta"))


@pytest.mark.screen("14.3 list")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=OKT", ["Okta"]),
        ("q=%25", []),
        ("q=zzz", []),
        ("status=DISABLED", ["Gamma"]),
        ("status=ENABLED", ["beta", "Okta"]),
        ("type=backend", ["Gamma"]),
        ("type=public&status=DISABLED", []),
        ("sort=-name", ["Okta", "Gamma", "beta"]),
        ("sort=type", ["Gamma", "Okta", "beta"]),
        ("sort=-created", ["Gamma", "beta", "Okta"]),
    ],
)
def test_it_searches_filters_and_sorts(several, query, found):
    assert names(several.client().get(f"{PAGE}?{query}")) == found


def test_it_finds_client_ids_with_and_without_hyphens(several):
    application = Application.objects.get(name="Okta")
    whole = str(application.pk)
    for words in (whole, whole.upper(), whole.replace("-", ""), whole[-12:], whole[20:28]):
        assert names(several.client().get(PAGE, {"q": words})) == ["Okta"], words


@pytest.mark.screen("14.3 list")
def test_an_empty_list_offers_the_form(world):
    page = world.client().get(PAGE)
    assert "No applications registered New Application" in visible(page)
    assert 'href="/developer/register/"' in page.content.decode()


@pytest.mark.screen("14.3 list")
def test_buttons_and_row_menus_need_their_permissions(several):
    assert actions(several.bob_may(VIEW).get(f"{PAGE}?q=okta")) == []
    assert "New Application" not in visible(several.bob_may(VIEW).get(PAGE))
    assert "New Application" in visible(several.bob_may(VIEW, CREATE).get(PAGE))
    assert actions(several.bob_may(VIEW, CREATE).get(f"{PAGE}?q=okta")) == ["Copy to new form"]
    assert actions(several.bob_may(VIEW, EDIT).get(f"{PAGE}?q=okta")) == ["Disable", "New secret"]
    assert actions(several.bob_may(VIEW, DELETE).get(f"{PAGE}?q=okta")) == ["Delete"]


@pytest.mark.screen("14.3 transitions")
@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("SUBMITTED", ["Approve", "Reject", "Copy to new form"]),
        ("ENABLED", ["Disable", "New secret", "Copy to new form", "Delete"]),
        ("DISABLED", ["Enable", "New secret", "Copy to new form", "Delete"]),
        ("SCHEDULED", ["Copy to new form", "Cancel deletion"]),
        ("REJECTED", ["Copy to new form"]),
    ],
)
def test_a_row_menu_offers_what_the_state_allows(several, status, offered):
    later = clock.now() + timedelta(days=1) if status == "SCHEDULED" else None
    Application.objects.filter(name="Okta").update(status=status, scheduled_deletion_at=later)
    assert actions(several.client().get(f"{PAGE}?q=okta")) == offered


def test_it_costs_the_same_number_of_queries_however_long_it_is(several, django_assert_max_num_queries):
    client = several.client()
    client.get(PAGE)
    with django_assert_max_num_queries(8):
        client.get(PAGE)

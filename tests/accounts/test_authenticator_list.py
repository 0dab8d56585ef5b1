"""Login Authenticators: the list and its row menu (screens §9)."""

import re

import pytest

from accounts.actions import authenticators, employees
from accounts.models import LoginAuthenticator
from tests.accounts.test_role_list import names
from tests.world import history_of, visible

LIST = "/admin/login-authenticators/"
VIEW, SEARCH, CREATE, EDIT = (f"admin.login_authenticator.{action}" for action in ("view", "search", "create", "edit"))
PASSWORDS = "admin.can_manage_passwords.on"
HTMX = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": f"http://testserver{LIST}?q=x"}


def fresh(authenticator):
    return LoginAuthenticator.objects.get(pk=authenticator.pk)


@pytest.fixture
def several(world):
    """Three in all: System Default, Corporate SAML (Active) and Strict (System with MFA, Inactive)."""
    world.external_authenticator()
    strict = authenticators.create({"name": "Strict", "mfa_required": True, "mfa_type": "HOTP"}, actor=world.actor)
    authenticators.deactivate(strict, actor=world.actor)
    return world


@pytest.mark.rule("R-LA-1")
def test_every_tenant_has_the_default_one_and_sees_its_own_alone(several):
    assert names(several.client().get(LIST)) == ["Corporate SAML", "Strict", "System Default\n      \n        Default"]
    strangers = several.client(several.charlie).get(LIST)
    assert "1 login authenticator" in visible(strangers)
    assert "Corporate SAML" not in visible(strangers)


@pytest.mark.screen("9 list")
def test_a_row_shows_type_mfa_employees_status_and_last_change(several):
    page = visible(several.client().get(LIST))
    assert "Name Authentication Type MFA Employees Status Last Modified Actions" in page
    assert re.search(r"System Default Default System – 3 Active \d{4}-\d\d-\d\d", page)
    assert re.search(r"Strict System HOTP 0 Inactive \d{4}-\d\d-\d\d", page)
    assert re.search(r"Corporate SAML SAML 2.0 – 0 Active \d{4}-\d\d-\d\d", page)


def test_inactive_employees_are_not_counted(several):
    employees.deactivate(several.bob, actor=several.actor)
    assert re.search(r"System Default Default System – 2 Active", visible(several.client().get(LIST)))


@pytest.mark.screen("9 list")
@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("sort=name", "Corporate"),
        ("sort=-name", "System"),
        ("sort=type", "Corporate"),
        ("sort=-mfa", "Strict"),
        ("sort=-users", "System"),
        ("sort=-status", "Strict"),
        ("sort=-modified", "Strict"),
        ("sort=nonsense", "Corporate"),
    ],
)
def test_every_column_but_actions_sorts(several, query, first):
    assert names(several.client().get(f"{LIST}?{query}"))[0].startswith(first)


@pytest.mark.screen("9 list")
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("type=SAML2", 1),
        ("type=SYSTEM", 2),
        ("type=OIDC", 0),
        ("status=ACTIVE", 2),
        ("status=INACTIVE", 1),
        ("type=SYSTEM&status=ACTIVE", 1),
        ("type=nonsense", 3),
    ],
)
def test_the_filters(several, query, shown):
    assert len(names(several.client().get(f"{LIST}?{query}"))) == shown


@pytest.mark.screen("9 list")
def test_the_search_needs_its_permission(several):
    page = several.bob_may(VIEW).get(f"{LIST}?q=STRICT")
    assert len(names(page)) == 3
    toolbar = page.content.decode().partition('id="list-form"')[2].partition("</form>")[0]
    assert 'name="type"' in toolbar
    assert 'name="q"' not in toolbar
    assert names(several.bob_may(VIEW, SEARCH).get(f"{LIST}?q=STRICT")) == ["Strict"]


def items(page) -> set[str]:
    """What the row menus offer."""
    return set(re.findall(r'(?s)role="menuitem".*?</svg>\s*([\w ]+?)\s*</a>', page.content.decode()))


@pytest.mark.screen("9 list")
@pytest.mark.parametrize(
    ("granted", "offered"),
    [
        ((), set()),
        ((EDIT,), {"Deactivate"}),  # of the SAML one alone
        ((EDIT, PASSWORDS), {"Activate", "Deactivate", "Set as default"}),
    ],
)
def test_the_row_menu_follows_the_permissions(several, granted, offered):
    authenticators.create({"name": "Second"}, actor=several.actor)
    assert items(several.bob_may(VIEW, *granted).get(LIST)) == offered


def test_the_default_one_says_why_it_stays(several):
    assert "Deactivate Make another one the default first." in visible(several.client().get(f"{LIST}?q=default"))


def test_the_button_needs_create(several):
    assert "New Login Authenticator" not in visible(several.bob_may(VIEW).get(LIST))
    assert "New Login Authenticator" in visible(several.bob_may(VIEW, CREATE).get(LIST))


def test_a_longer_list_costs_no_more_statements(world, django_assert_max_num_queries):
    client = world.client()
    with django_assert_max_num_queries(10) as few:
        client.get(f"{LIST}?per=100")
    for number in range(30):
        made = authenticators.create({"name": f"Number {number}"}, actor=world.actor)
        world.employee(f"Dana{number} Doe", login_authenticator=made)
    with django_assert_max_num_queries(len(few)):
        page = client.get(f"{LIST}?per=100")
    assert len(names(page)) == 31


# Status


def press(world, authenticator, verb, client=None, **given):
    return (client or world.client()).post(f"{LIST}{authenticator.pk}/{verb}/", **given)


def test_deactivating_and_activating_leads_back_to_the_list_as_it_was(several):
    saml = LoginAuthenticator.objects.get(name="Corporate SAML")
    client = several.client()
    asked = client.get(f"{LIST}{saml.pk}/deactivate/", headers=HTMX)
    assert "Deactivate Corporate SAML? It can no longer be given to employees. Cancel Deactivate" in visible(asked)
    assert fresh(saml).status == "ACTIVE"
    answer = client.post(f"{LIST}{saml.pk}/deactivate/", {"next": f"{LIST}?q=x"}, headers=HTMX)
    assert answer["HX-Redirect"] == f"{LIST}?q=x"
    assert "Login authenticator deactivated" in visible(client.get(LIST))
    assert press(several, saml, "activate").status_code == 302
    assert [change for change in history_of(saml) if change[0].endswith("status")] == [
        ("LoginAuthenticator.status", "ACTIVE", "INACTIVE"),
        ("LoginAuthenticator.status", "INACTIVE", "ACTIVE"),
    ]


@pytest.mark.screen("9 transitions")
@pytest.mark.rule("R-LA-5")
def test_the_default_one_cannot_be_deactivated(world):
    answer = press(world, world.authenticator, "deactivate")
    assert answer.status_code == 422
    assert "The default authenticator cannot be deactivated." in visible(answer)
    assert world.authenticator.status == "ACTIVE"


@pytest.mark.screen("9 transitions")
@pytest.mark.rule("R-LA-5")
def test_one_that_employees_use_cannot_be_deactivated(several):
    saml = LoginAuthenticator.objects.get(name="Corporate SAML")
    for name in ("Dana Doe", "Dora Day"):
        several.employee(name, login_authenticator=saml)
    answer = press(several, saml, "deactivate")
    assert (answer.status_code, fresh(saml).status) == (422, "ACTIVE")
    assert "2 employees use this authenticator." in visible(answer)


@pytest.mark.rule("R-LA-5")
def test_inactive_employees_do_not_keep_it(several):
    saml = LoginAuthenticator.objects.get(name="Corporate SAML")
    employees.deactivate(several.employee(login_authenticator=saml), actor=several.actor)
    assert press(several, saml, "deactivate").status_code == 302


@pytest.mark.screen("9 transitions")
def test_another_one_becomes_the_default(world):
    second, first = authenticators.create({"name": "Second"}, actor=world.actor), world.authenticator
    client = world.client()
    assert press(world, second, "default", client).status_code == 302
    assert world.authenticator == second
    assert "Second is the default now" in visible(client.get(LIST))
    assert ("LoginAuthenticator.isDefault", "On", "Off") in history_of(first)
    assert ("LoginAuthenticator.isDefault", "Off", "On") in history_of(second)
    assert press(world, first, "deactivate").status_code == 422  # three people use it
    before = history_of(second)
    assert press(world, second, "default").status_code == 302
    assert history_of(second) == before


def test_only_an_active_system_one_can_be_the_default(several):
    for name in ("Corporate SAML", "Strict"):
        found = LoginAuthenticator.objects.get(name=name)
        answer = press(several, found, "default")
        assert answer.status_code == 422
        assert "Only an active authenticator of the type System can be the default." in visible(answer)
    assert several.authenticator.name == "System Default"


def test_an_external_one_takes_edit_alone(several):
    saml = LoginAuthenticator.objects.get(name="Corporate SAML")
    assert press(several, saml, "deactivate", several.bob_may(VIEW)).status_code == 403
    assert press(several, saml, "deactivate", several.bob_may(VIEW, EDIT)).status_code == 302


def test_nothing_deletes_an_authenticator(several):
    assert "Delete" not in visible(several.client().get(LIST))
    assert several.client().delete(f"{LIST}{several.authenticator.pk}/").status_code == 405

"""Business Unit details and the Developer Portal (screens §14.1, §15)."""

import re

import pytest

from accounts.actions import business_units
from accounts.actors import system
from accounts.models import BusinessUnit
from tests.world import history_of, visible

VIEW, EDIT = (f"admin.external_business_unit.{action}" for action in ("view", "edit"))
PAGE = "/acd/business-unit/"


def fresh(unit):
    return BusinessUnit.objects.get(pk=unit.pk)


def save(client, unit, **given):
    """Press Save; what is not given stays as the page shows it."""
    shown = {"name": unit.name, "time_zone": unit.time_zone, "version": unit.version}
    return client.post(PAGE, shown | given)


@pytest.mark.screen("15 values")
def test_it_shows_everything_a_client_is_configured_with(world):
    page = visible(world.client().get(PAGE))
    assert "1000001" in page
    assert f"Tenant ID {world.acme.pk}" in page
    assert "Tenant name acme" in page
    assert "Area NA1 – North America" in page
    assert "Cluster C01" in page
    assert "FedRAMP No" in page
    assert "Licensed applications Admin, ACD, QM Tools" in page


@pytest.mark.screen("15 values")
def test_every_address_stands_beside_the_one_of_the_original(world, settings):
    settings.PUBLIC_URL = "https://emulator.example"
    page = visible(world.client().get(PAGE))
    for row in (
        "Portal https://emulator.example https://na1.nice-incontact.com",
        "API https://emulator.example https://api-na1.niceincontact.com",
        "Authorization endpoint https://emulator.example/auth/authorize?scope=openid https://cxone.niceincontact.com/",
        "Token endpoint https://emulator.example/auth/token https://cxone.niceincontact.com/auth/token",
        "SCIM with access token https://emulator.example/scim/v2 https://na1.nice-incontact.com/scim/v2",
        "SCIM with SCIM token https://emulator.example/oauth/scim/v2 https://na1.nice-incontact.com/oauth/scim/v2",
        "SCIM with access key https://emulator.example/basic-auth/scim/v2 https://na1.nice-incontact.com/basic-auth/",
    ):
        assert row in page


def test_a_fedramp_tenant_has_the_government_issuer(world):
    BusinessUnit.objects.filter(pk=world.acme.pk).update(is_fedramp=True, area="na2")
    page = visible(world.client().get(PAGE))
    assert "https://cxone-gov.niceincontact.com/auth/token" in page
    assert "https://na2.nice-incontact.com/scim/v2" in page
    assert "Area NA2 – US FedRAMP" in page
    assert "FedRAMP Yes" in page


@pytest.mark.screen("15 values")
@pytest.mark.parametrize(
    "value", ["1000001", "acme", "na1", "C01", "No", "https://na1.nice-incontact.com/oauth/scim/v2"]
)
def test_values_can_be_copied(world, value):
    assert f'data-copy="{value}"' in world.client().get(PAGE).content.decode()


@pytest.mark.screen("15 edit and audit")
def test_name_and_time_zone_can_be_edited_and_the_history_says_so(world):
    client = world.client()
    answer = save(client, world.acme, name="Acme Europe", time_zone="Europe/Berlin")
    assert answer.url == PAGE
    assert "Business unit saved" in visible(client.get(PAGE))
    unit = fresh(world.acme)
    assert (unit.name, unit.time_zone) == ("Acme Europe", "Europe/Berlin")
    assert sorted(history_of(unit)) == [
        ("BusinessUnit.name", "Acme", "Acme Europe"),
        ("BusinessUnit.timeZone", "America/New_York", "Europe/Berlin"),
    ]
    assert "BusinessUnit.timeZone" in visible(client.get(f"{PAGE}history/"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": ""}, "Name is required."),
        ({"name": "x" * 101}, "Name can have at most 100 characters."),
        ({"name": "a\x01b"}, "Name must not contain control characters."),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus is not a time zone."),
        ({"time_zone": ""}, "Time Zone is required."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(world, given, message):
    answer = save(world.client(), world.acme, **given)
    assert answer.status_code == 422
    assert message in visible(answer)
    assert (fresh(world.acme).name, fresh(world.acme).time_zone) == ("Acme", "America/New_York")
    assert history_of(world.acme) == []


def test_a_field_is_checked_on_leaving_it(world):
    answer = world.client().post(f"{PAGE}?check=name", {"name": "", "time_zone": "Europe/Berlin"})
    assert answer.status_code == 200
    assert "Name is required." in visible(answer)
    assert fresh(world.acme).time_zone == "America/New_York"


def test_of_two_edits_of_one_state_the_second_is_refused(world):
    client, before = world.client(), fresh(world.acme)
    save(client, before, name="First")
    answer = save(client, before, name="Second")
    assert answer.status_code == 422
    assert "This record was changed by Alice Archer. Reload to continue." in visible(answer)
    assert fresh(world.acme).name == "First"


@pytest.mark.screen("15 edit and audit")
def test_without_edit_it_is_read_only(world):
    client = world.bob_may(VIEW)
    page = client.get(PAGE)
    assert "Name Acme" in visible(page)
    assert "Time Zone America/New_York" in visible(page)
    assert "unit-form" not in page.content.decode()
    assert save(client, world.acme, name="Mine").status_code == 403
    assert fresh(world.acme).name == "Acme"


def test_other_fields_cannot_be_smuggled_in(world):
    save(world.client(), world.acme, number="7", area="eu1", is_fedramp="on", tenant_name="other")
    unit = fresh(world.acme)
    assert (unit.number, unit.area, unit.is_fedramp, unit.tenant_name) == (1000001, "na1", False, "acme")


def test_it_is_listed_under_acd_for_whoever_may_see_it_in_a_licensed_tenant(world):
    assert "ACD Configuration Business Units" in visible(world.bob_may(VIEW).get(PAGE))
    assert "ACD Configuration" not in visible(world.bob_may().get("/me/"))


def test_each_tenant_sees_its_own(world):
    business_units.update(world.strange, {"name": "Secret strangers"}, actor=system(world.strange.pk))
    page = world.client().get(PAGE).content.decode()
    assert "Secret strangers" not in page
    assert str(world.strange.pk) not in page
    assert "Secret strangers" in visible(world.client(world.charlie).get(PAGE))


# Developer Portal


@pytest.mark.screen("14.1 portal")
def test_the_developer_portal_shows_the_business_unit_id_in_a_badge_first(world):
    page = world.bob_may().get("/developer/")
    main = page.content.decode().split("<main")[1]
    assert re.search(r'class="badge"[^>]*>.*?1000001', main, re.DOTALL).start() < main.index("<h1>")
    text = visible(page)
    assert f"Tenant ID {world.acme.pk}" in text
    assert "Area NA1 – North America" in text
    assert "https://na1.nice-incontact.com/scim/v2" in text


@pytest.mark.screen("1.2 app selector")
def test_the_app_selector_lists_the_developer_portal_for_everybody(world):
    assert "Developer Developer Portal" in visible(world.bob_may().get("/me/"))

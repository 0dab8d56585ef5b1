"""Account Settings: what Save stores, refuses and records (screens §12)."""

from datetime import timedelta

import pytest
import time_machine

from accounts.actions import account_settings
from accounts.models import AccountSettings, Employee
from cxadmin import clock
from tests.pages import form_in
from tests.world import history_of, visible

PAGE = "/admin/account-settings/"
IDLE = "The idle timeout must be between 5 minutes and 8 hours. Switch it off for no limit."
DAYS = "Inactive Days Before User Can Be Locked must be between 7 and 90."


def save(client, without=(), **given):
    """Press Save; what is not given stays as the page shows it."""
    shown = form_in(client.get(PAGE), "settings-form")
    return client.post(PAGE, {name: value for name, value in (shown | given).items() if name not in without})


def stored(world) -> AccountSettings:
    return AccountSettings.objects.get(pk=world.acme.pk)


@pytest.mark.screen("12.5 SCIM")
def test_save_stores_every_setting_and_says_so(world):
    role = world.draft("Newcomer", activate=True)
    client = world.client()
    answer = save(
        client,
        idle_timeout_hours="1",
        idle_timeout_minutes="30",
        lock_on="on",
        lock_days="45",
        custom_host_name=" Login.Acme.Example ",
        banner_on="on",
        banner_html="<p>Hello</p>",
        banner_bg="#112233",
        banner_fg="#FFFFFF",
        scim_fields=["team", "display_name"],
        scim_default_role=str(role.pk),
        scim_access_rule="any",
        scim_profile="documented",
        scim_auto_invite="on",
        scim_any_username="on",
        without=["scim_tolerances"],
    )
    assert answer.url == PAGE
    assert "Account settings saved" in visible(client.get(PAGE))
    found = stored(world)
    assert (found.idle_timeout_on, found.idle_timeout_minutes) == (True, 90)
    assert (found.lock_on, found.lock_days) == (True, 45)
    assert found.custom_host_name == "login.acme.example"
    assert (found.banner_on, found.banner_html, found.banner_bg, found.banner_fg) == (
        True,
        "<p>Hello</p>",
        "#112233",
        "#FFFFFF",
    )
    assert found.scim_fields == ["display_name", "team"]
    assert (found.scim_default_role, found.scim_access_rule, found.scim_profile) == (role, "any", "documented")
    assert (found.scim_tolerances, found.scim_auto_invite, found.scim_any_username) == (False, True, True)


@pytest.mark.screen("12 audit")
@pytest.mark.rule("R-AUD-1", "R-AUD-2", "R-AUD-3")
def test_the_history_holds_one_entry_per_changed_setting(world):
    save(world.client(), idle_timeout_minutes="30", scim_fields=["team"])
    assert sorted(history_of(world.acme)) == [
        ("AccountSettings.idleTimeoutMinutes", "20", "30"),
        ("AccountSettings.scimFields", "", "team"),
    ]
    page = visible(world.client().get(f"{PAGE}history/"))
    assert "Alice Archer UI" in page


def test_saving_without_a_change_leaves_no_trace(world):
    before = stored(world).version
    assert save(world.client()).status_code == 302
    # Browsers write colours in small letters.
    assert save(world.client(), banner_bg=stored(world).banner_bg.lower()).status_code == 302
    assert (history_of(world.acme), stored(world).version) == ([], before)


@pytest.mark.screen("12.1 idle timeout")
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"idle_timeout_hours": "0", "idle_timeout_minutes": "4"}, IDLE),
        ({"idle_timeout_hours": "8", "idle_timeout_minutes": "1"}, IDLE),
        ({"idle_timeout_hours": "", "idle_timeout_minutes": ""}, IDLE),
        ({"idle_timeout_hours": "-1", "idle_timeout_minutes": "300"}, IDLE),
        ({"idle_timeout_hours": "9" * 400}, IDLE),
        ({"idle_timeout_minutes": "soon"}, IDLE),
        ({"lock_on": "on", "lock_days": "6"}, DAYS),
        ({"lock_on": "on", "lock_days": "91"}, DAYS),
        ({"lock_on": "on", "lock_days": ""}, DAYS),
        ({"lock_on": "on", "lock_days": "x"}, DAYS),
        ({"lock_on": "on", "lock_days": "99999999999999999999"}, DAYS),
        ({"custom_host_name": "localhost"}, "Enter a host name such as login.example.com."),
        ({"custom_host_name": "https://login.example.com/"}, "Enter a host name such as login.example.com."),
        ({"custom_host_name": "a." * 130 + "example"}, "Custom Host Name can have at most 253 characters."),
        ({"custom_host_name": "a\x00.example"}, "Null characters are not allowed."),
        ({"banner_html": "x" * 5_001}, "Login Banner can have at most 5000 characters."),
        ({"banner_bg": "red"}, "Enter a colour in the form #1C2430."),
        ({"banner_fg": ""}, "Text colour is required."),
        ({"scim_fields": ["password"]}, "Choose one of the values offered."),
        ({"scim_default_role": "nobody"}, "Choose an active role."),
        ({"scim_access_rule": "always"}, "Choose one of the values offered."),
        ({"scim_profile": "draft"}, "Choose one of the values offered."),
        ({"scim_profile": ""}, "Profile is required."),
    ],
)
def test_what_a_rule_forbids_is_said_and_nothing_is_stored(world, given, message):
    answer = save(world.client(), scim_auto_invite="on", **given)
    assert answer.status_code == 422
    assert message in visible(answer)
    assert stored(world).scim_auto_invite is False
    assert history_of(world.acme) == []


@pytest.mark.screen("12 page")
def test_all_messages_come_at_once_and_the_entries_stay(world):
    answer = save(
        world.client(),
        idle_timeout_hours="x",
        idle_timeout_minutes="2",
        lock_on="on",
        lock_days="1000",
        custom_host_name="nonsense",
        banner_html="y" * 6_000,
        banner_bg="blue",
        banner_fg="white",
        scim_fields=["shoe_size"],
        scim_default_role="x",
        scim_access_rule="x",
        scim_profile="x",
    )
    text = visible(answer)
    for message in (
        IDLE,
        DAYS,
        "Enter a host name such as login.example.com.",
        "Login Banner can have at most 5000 characters.",
        "Enter a colour in the form #1C2430.",
        "Choose an active role.",
    ):
        assert text.count(message) >= 2, message
    assert text.count("Choose one of the values offered.") == 6  # of three fields, on top and under each
    assert form_in(answer, "settings-form")["custom_host_name"] == ["nonsense"]


def test_another_tenants_role_is_no_choice(world):
    answer = save(world.client(), scim_default_role=str(world.charlie.primary_role_id))
    assert "Choose an active role." in visible(answer)


@pytest.mark.screen("12.3 host name")
def test_a_host_name_belongs_to_one_tenant_whatever_its_case(world):
    account_settings.update(world.strange.settings, {"custom_host_name": "sso.example.com"}, actor=world.strange_actor)
    answer = save(world.client(), custom_host_name="SSO.example.com", idle_timeout_minutes="33")
    assert answer.status_code == 422
    assert "Custom Host Name is already in use." in visible(answer)
    both = visible(save(world.client(), custom_host_name="SSO.example.com", idle_timeout_minutes="1"))
    assert "Custom Host Name is already in use." in both
    assert "The idle timeout must be between 5 minutes and 8 hours." in both
    assert stored(world).idle_timeout_minutes == 20


def test_an_empty_host_name_is_none_for_any_number_of_tenants(world):
    save(world.client(), custom_host_name="sso.example.com")
    assert save(world.client(), custom_host_name="").status_code == 302
    assert stored(world).custom_host_name is None


def test_who_was_overtaken_reads_by_whom_and_nothing_is_written(world):
    client = world.client()
    shown = form_in(client.get(PAGE), "settings-form")
    account_settings.update(world.acme.settings, {"idle_timeout_minutes": 60}, actor=world.actor)
    answer = client.post(PAGE, shown | {"idle_timeout_minutes": "10"})
    assert answer.status_code == 422
    assert "This record was changed by Alice Archer. Reload to continue." in visible(answer)
    assert stored(world).idle_timeout_minutes == 60


def test_leaving_a_field_checks_it_and_stores_nothing(world):
    client = world.client()
    shown = form_in(client.get(PAGE), "settings-form")
    answer = client.post(f"{PAGE}?check=custom_host_name", shown | {"custom_host_name": "x"})
    assert visible(answer) == "Enter a host name such as login.example.com."
    assert visible(client.post(f"{PAGE}?check=custom_host_name", shown | {"custom_host_name": "a.example"})) == ""
    assert stored(world).custom_host_name is None


# Idle Timeout


@pytest.mark.screen("12.1 idle timeout")
@pytest.mark.rule("R-AUTH-6")
def test_the_idle_timeout_counts_from_the_next_request(world):
    client = world.client()
    save(client, idle_timeout_minutes="5")
    assert 'data-idle-seconds="300"' in client.get(PAGE).content.decode()
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert client.get(PAGE).url.startswith("/login/")


def test_the_number_behind_a_switch_that_is_off_is_kept_as_it_was(world):
    client = world.client()
    answer = save(client, without=["idle_timeout_on"], idle_timeout_minutes="9999", lock_days="9000")
    assert answer.status_code == 302
    found = stored(world)
    assert (found.idle_timeout_on, found.idle_timeout_minutes, found.lock_days) == (False, 20, 90)
    assert 'data-idle-seconds="0"' in client.get(PAGE).content.decode()


# User inactivity lock


@pytest.fixture
def sleeper(world):
    """Somebody who has not been here for 60 days."""
    dana = world.employee()
    Employee.objects.filter(pk=dana.pk).update(last_activity_at=clock.ago(days=60))
    return dana


def status_of(employee) -> str:
    return Employee.objects.get(pk=employee.pk).status


@pytest.mark.screen("12.2 inactivity lock")
@pytest.mark.rule("R-LOCK-4")
def test_switching_the_lock_on_asks_before_it_locks_and_then_locks_at_once(world, sleeper):
    client = world.client()
    page = save(client, lock_on="on", lock_days="30", idle_timeout_minutes="25")
    assert page.status_code == 200
    assert "1 employee will be locked now. Continue?" in page.content.decode()
    assert (stored(world).lock_on, status_of(sleeper)) == (False, "ACTIVE")
    answer = client.post(PAGE, form_in(page, "settings-form") | {"lock_confirmed": "true"})
    assert answer.status_code == 302
    assert "1 employee was locked." in visible(client.get(PAGE))
    assert (stored(world).lock_on, stored(world).idle_timeout_minutes, status_of(sleeper)) == (True, 25, "BLOCKED")


@pytest.mark.screen("12.2 inactivity lock")
@pytest.mark.rule("R-LOCK-4")
def test_lowering_the_days_asks_raising_and_switching_off_do_not(world, sleeper):
    client = world.client()
    assert save(client, lock_on="on", lock_days="90").status_code == 302
    assert "1 employee will be locked now." in save(client, lock_days="59").content.decode()
    assert save(client, lock_days="59", lock_confirmed="true").status_code == 302
    assert status_of(sleeper) == "BLOCKED"
    assert save(client, lock_days="70").status_code == 302
    assert save(client, without=["lock_on"]).status_code == 302
    assert status_of(sleeper) == "BLOCKED"


def test_a_wrong_entry_elsewhere_is_said_before_the_question(world, sleeper):
    page = save(world.client(), lock_on="on", lock_days="30", custom_host_name="x")
    assert page.status_code == 422
    assert "will be locked now" not in page.content.decode()


def test_other_tenants_people_are_not_counted_nor_locked(world):
    Employee.objects.filter(pk=world.charlie.pk).update(last_activity_at=clock.ago(days=60))
    assert save(world.client(), lock_on="on", lock_days="30").status_code == 302
    assert status_of(world.charlie) == "ACTIVE"


# Login Banner


@pytest.mark.screen("12.4 banner")
def test_the_banner_is_shown_at_sign_in_right_after_save_in_its_colours(world, client):
    save(world.client(), custom_host_name="login.acme.example", banner_on="on", banner_html="<p>For <b>us</b></p>")
    save(world.client(), banner_bg="#0a0b0c", banner_fg="#fafbfc")
    page = client.get("/login/?domain=login.acme.example")
    assert "<p>For <b>us</b></p>" in page.content.decode()
    style = client.get(f"/login/banner/{world.acme.pk}.css").content.decode()
    assert "background: #0A0B0C; color: #FAFBFC" in style
    save(world.client(), without=["banner_on"])
    assert "For us" not in visible(client.get("/login/?domain=login.acme.example"))


@pytest.mark.screen("12.4 banner")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("<p>Hi<script>alert(1)</script></p>", "<p>Hi</p>"),
        ('<img src=x onerror="alert(1)">Hi', "Hi"),
        ('<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer">x</a>'),
        ('<p style="color:red" onclick="x()">Hi</p>', "<p>Hi</p>"),
        ("<iframe src='https://x.example'></iframe><b>ok</b>", "<b>ok</b>"),
        (
            '<ul><li><big>a</big></li></ul><a href="https://x.example">b</a>',
            '<ul><li><big>a</big></li></ul><a href="https://x.example" rel="noopener noreferrer">b</a>',
        ),
    ],
)
def test_the_banner_is_cleaned_on_saving(world, typed, kept):
    save(world.client(), banner_html=typed)
    assert stored(world).banner_html == kept


@pytest.mark.screen("12.4 banner")
def test_colours_that_are_hard_to_read_together_are_saved_with_a_warning(world):
    warning = "These colours are hard to read together: their contrast is below 4.5:1."
    client = world.client()
    assert f"hidden>{warning}" not in client.get(PAGE).content.decode()
    assert save(client, banner_bg="#777777", banner_fg="#888888").status_code == 302
    note = client.get(PAGE).content.decode().split("data-hard-to-read")[1].split(">")[0]
    assert "hidden" not in note
    save(client, banner_bg="#000000", banner_fg="#FFFFFF")
    note = client.get(PAGE).content.decode().split("data-hard-to-read")[1].split(">")[0]
    assert "hidden" in note

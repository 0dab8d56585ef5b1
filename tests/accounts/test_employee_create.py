"""Create Employee (screens §5.2)."""

import re

import pytest

from accounts import queries
from accounts.actions import roles
from accounts.models import AccountSettings, Employee, Group, LoginAuthenticator, OutboxMail
from cxadmin import clock
from tests.world import MFA_SECRET, history_of, visible

NEW = "/admin/employees/new/"
TO_CREATE = (
    "admin.employees.create",
    "admin.can_manage_passwords.on",
    "admin.role_management.user_assignment",
)


def given(world, **values):
    """The form as it opens, with the required fields filled in."""
    return {
        "first_name": "Dana",
        "last_name": "Doe",
        "email": "dana@acme.example",
        "username": "dana@acme.example",
        "primary_role": world.role.pk,
        "team": queries.default_team(world.acme.pk).pk,
        "time_zone": world.acme.time_zone,
        "attributes": ["voice", "screen", "digital", "bi_reports"],
    } | values


def create(world, client=None, **values):
    return (client or world.client()).post(NEW, given(world, **values))


def dana():
    return Employee.objects.get(username="dana@acme.example")


@pytest.fixture
def group(world):
    now = clock.now()
    return Group.objects.create(business_unit=world.acme, name="Night", created_at=now, modified_at=now)


@pytest.mark.screen("5.2 fields")
@pytest.mark.rule("R-EMP-5", "R-EMP-11")
def test_the_form_opens_with_the_documented_defaults(world):
    page = world.client().get(NEW)
    html = page.content.decode()
    team = queries.default_team(world.acme.pk)
    assert re.search(rf'<option value="{team.pk}"\s+selected', html)
    assert re.search(r'<option value="America/New_York"\s+selected', html)
    assert len(re.findall(r'(?s)name="attributes"[^>]*checked', html)) == 4
    assert re.search(r'(?s)name="login_authenticator".*?<option value=""\s+selected>None', html)
    assert "Save the employee first" in visible(page)
    assert "Cancel Create Create & Invite" in visible(page)


@pytest.mark.rule("R-LA-1")
@pytest.mark.parametrize("who", ["alice", "charlie"])
def test_every_tenant_offers_the_authenticator_system_default(world, who):
    employee = getattr(world, who)
    own = queries.default_authenticator(employee.business_unit_id)
    options = re.findall(
        r'<option value="([0-9a-f-]+)"[^>]*>\s*(System Default)', world.client(employee).get(NEW).content.decode()
    )
    assert options == [(str(own.pk), "System Default")]


@pytest.mark.screen("5.2 buttons")
def test_create_stores_without_mail_and_returns_to_the_list_with_the_new_row_marked(world):
    client = world.client()
    answer = create(world, client)
    assert answer.url == f"/admin/employees/?new={dana().pk}"
    page = client.get(answer.url)
    assert "Employee created" in visible(page)
    assert re.search(r'(?s)<tr class="is-new">.*?Dana Doe', page.content.decode())
    assert (dana().status, dana().source, dana().team.is_default) == ("UNREGISTERED", "UI", True)
    assert not OutboxMail.objects.exists()


def test_the_list_opens_on_the_page_of_the_new_row(world):
    for number in range(26):
        world.employee(f"Anna{number} Example")
    answer = create(world)
    assert answer.url == f"/admin/employees/?page=2&new={dana().pk}"
    assert "Dana Doe" in visible(world.client().get(answer.url))


@pytest.mark.screen("5.2 buttons")
def test_create_and_invite_mails_the_link(world):
    client = world.client()
    answer = create(world, client, invite="true")
    assert "Employee created – Invitation sent to dana@acme.example" in visible(client.get(answer.url))
    assert dana().status == "PENDING"
    assert OutboxMail.objects.get().to == "dana@acme.example"


@pytest.mark.screen("5.2 buttons")
def test_create_and_invite_needs_invite(world):
    client = world.bob_may(*TO_CREATE)
    assert "Create & Invite" not in visible(client.get(NEW))
    assert create(world, client, invite="true").status_code == 403
    assert not Employee.objects.filter(first_name="Dana").exists()
    assert create(world, client).status_code == 302


@pytest.mark.rule("R-EMP-2")
def test_without_a_username_the_address_is_taken(world):
    create(world, username="  ")
    assert dana().email == "dana@acme.example"


@pytest.mark.screen("5.2 username")
@pytest.mark.rule("R-EMP-1")
def test_a_username_is_unique_whatever_the_case_and_an_address_may_repeat(world):
    answer = create(world, username="BOB@acme.EXAMPLE")
    assert (answer.status_code, "Username is already in use." in visible(answer)) == (422, True)
    assert create(world, email="bob@acme.example").status_code == 302
    assert dana().email == "bob@acme.example"


@pytest.mark.screen("5.2 attributes")
@pytest.mark.rule("R-EMP-6")
def test_without_attributes_nobody_is_billed(world):
    create(world, attributes=[])
    assert not dana().is_billed


@pytest.mark.screen("5.2 fields")
def test_everything_that_can_be_entered_is_stored(world, group):
    world.acme.licences = [*world.acme.licences, "wfm"]
    world.acme.save()
    AccountSettings.objects.filter(pk=world.acme.pk).update(lock_on=True)
    second = world.draft("Second", activate=True)
    more = {
        "middle_name": "D.",
        "display_name": "Dee",
        "mobile_number": "+49 (30) 12-3.4",
        "hire_date": "2026-05-02",
        "rank": "7",
        "type": "Temp",
        "time_zone": "Europe/Berlin",
        "groups": [group.pk],
        "login_authenticator": world.authenticator.pk,
        "secondary_roles": [second.pk],
        "inactivity_lock": "days",
        "inactivity_days": "30",
    }
    assert create(world, **more).status_code == 302
    found = dana()
    assert (found.middle_name, found.display_name, found.mobile_number) == ("D.", "Dee", "+49 (30) 12-3.4")
    assert (str(found.hire_date), found.rank, found.type) == ("2026-05-02", 7, "Temp")
    assert (found.time_zone, found.inactivity_override) == ("Europe/Berlin", 30)
    assert list(found.groups.all()) == [group]
    assert list(found.secondary_roles.all()) == [second]
    assert found.login_authenticator == world.authenticator
    assert {("User.rank", "", "7"), ("User.secondaryRoles", "", "Second"), ("User", "", "created")} <= set(
        history_of(found)
    )


@pytest.mark.screen("5.2 fields")
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"first_name": ""}, "First Name is required."),
        ({"last_name": " "}, "Last Name is required."),
        ({"email": "", "username": "x@y.example"}, "Email Address is required."),
        ({"primary_role": ""}, "Primary Role is required."),
        ({"team": ""}, "Team is required."),
        ({"first_name": "x" * 101}, "First Name can have at most 100 characters."),
        ({"display_name": "x" * 10_000}, "Display Name can have at most 200 characters."),
        ({"email": "nobody"}, "Enter an address in the form name@example.com."),
        ({"username": "nobody"}, "Enter an address in the form name@example.com."),
        ({"mobile_number": "call me"}, "Mobile Number can contain digits, spaces and + - ( ) . only."),
        ({"hire_date": "yesterday"}, "Enter a date as in 2026-05-02."),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus is not a time zone."),
        ({"primary_role": "nonsense"}, "Choose an active role."),
        ({"team": "\x00"}, "Choose an active team."),
        ({"login_authenticator": "00000000-0000-0000-0000-000000000000"}, "Choose an active login authenticator."),
        ({"secondary_roles": ["nonsense"]}, "Choose an active role."),
        ({"groups": ["00000000-0000-0000-0000-000000000000"]}, "Choose an active group."),
        ({"attributes": ["flying"]}, "Choose one of the values offered."),
        ({"first_name": "a\x00b"}, "Null characters are not allowed."),
        ({"type": "a\x07b"}, "Type must not contain control characters."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(world, wrong, message):
    before = Employee.objects.count()
    answer = create(world, **wrong)
    assert (answer.status_code, message in visible(answer)) == (422, True)
    assert Employee.objects.count() == before


@pytest.mark.parametrize(
    ("of", "message"),
    [("role", "Choose an active role."), ("team", "Choose an active team.")],
)
def test_what_belongs_to_another_tenant_cannot_be_chosen(world, of, message):
    field, pk = {"role": ("primary_role", world.charlie.primary_role_id), "team": ("team", world.charlie.team_id)}[of]
    assert message in visible(create(world, **{field: pk}))


@pytest.mark.rule("R-ROLE-7")
def test_only_active_roles_can_be_chosen(world):
    draft = world.draft("Only a draft")
    assert "Only a draft" not in world.client().get(NEW).content.decode()
    assert "Choose an active role." in visible(create(world, primary_role=draft.pk))
    assert "Choose an active role." in visible(create(world, secondary_roles=[draft.pk]))


@pytest.mark.screen("5.2 fields")
@pytest.mark.rule("R-ROLE-9")
def test_at_most_ten_secondary_roles_and_not_the_primary_one(world):
    many = [world.draft(f"Role {number}", activate=True).pk for number in range(11)]
    assert "Choose at most 10 secondary roles." in visible(create(world, secondary_roles=many))
    both = create(world, secondary_roles=[world.role.pk])
    assert "The primary role cannot also be a secondary role." in visible(both)
    assert create(world, secondary_roles=many[:10]).status_code == 302


def test_all_messages_come_at_once_and_what_was_typed_stays(world):
    answer = create(
        world,
        first_name="",
        last_name="x" * 101,
        email="nope",
        username="BOB@acme.example",
        mobile_number="abc",
        hire_date="never",
        type="T" * 101,
        primary_role="",
        secondary_roles=[world.role.pk],
        attributes=["screen"],
    )
    text, html = visible(answer), answer.content.decode()
    for message in (
        "First Name is required.",
        "Last Name can have at most 100 characters.",
        "Email Address: Enter an address in the form name@example.com.",
        "Username is already in use.",
        "Mobile Number can contain",
        "Enter a date as in",
        "Type can have at most 100 characters.",
        "Primary Role is required.",
    ):
        assert message in text
    for kept in ('value="nope"', 'value="BOB@acme.example"', 'value="abc"', 'value="never"', "T" * 101):
        assert kept in html
    assert re.search(rf'(?s)name="secondary_roles"\s+value="{world.role.pk}"\s+checked', html)
    assert re.findall(r'(?s)name="attributes"\s+value="(\w+)"\s+checked', html) == ["screen"]
    assert 'data-dirty="true"' in html


LIMITS = {
    "first_name": ("First Name", 100),
    "middle_name": ("Middle Name", 100),
    "last_name": ("Last Name", 100),
    "display_name": ("Display Name", 200),
    "email": ("Email Address", 254),
    "username": ("Username", 254),
    "mobile_number": ("Mobile Number", 30),
    "type": ("Type", 100),
}


def filled(field: str, length: int) -> str:
    if field in ("email", "username"):
        return "@acme.example".rjust(length, "x")
    return ("1" if field == "mobile_number" else "x") * length


@pytest.mark.screen("5.2 fields")
def test_each_text_has_its_limit_and_may_be_that_long(world):
    text = visible(create(world, **{field: filled(field, limit + 1) for field, (_label, limit) in LIMITS.items()}))
    for label, limit in LIMITS.values():
        assert f"{label} can have at most {limit} characters." in text
    longest = {field: filled(field, limit) for field, (_label, limit) in LIMITS.items()}
    assert create(world, **longest).status_code == 302
    assert Employee.objects.filter(**longest).exists()


def test_an_error_on_the_second_tab_opens_it(world):
    page = create(world, login_authenticator="nonsense").content.decode()
    assert re.search(r'class="tab-panel card card-body is-open"\s+id="security"', page)


def test_leaving_a_field_checks_it_and_stores_nothing(world):
    answer = world.client().post(f"{NEW}?check=username", {"username": "BOB@acme.example"})
    assert visible(answer) == "Username is already in use."
    assert visible(world.client().post(f"{NEW}?check=rank", given(world))) == ""
    assert not Employee.objects.filter(first_name="Dana").exists()


@pytest.mark.screen("1.4 form twice")
def test_the_same_twice_is_refused_the_second_time(world):
    assert create(world).status_code == 302
    assert "Username is already in use." in visible(create(world))


@pytest.mark.screen("5.2 inactivity lock")
def test_rank_needs_the_licence_and_the_lock_its_setting(world):
    page = world.client().get(NEW).content.decode()
    assert ('name="rank"' in page, "User inactivity lock" in page) == (False, False)
    AccountSettings.objects.filter(pk=world.acme.pk).update(lock_on=True)
    assert "User inactivity lock" in visible(world.client().get(NEW))
    create(world, rank="7")
    assert dana().rank is None


@pytest.mark.screen("5.2 inactivity lock")
@pytest.mark.parametrize("days", ["6", "91", "", "x", "-1"])
def test_the_days_of_the_inactivity_lock_have_limits(world, days):
    AccountSettings.objects.filter(pk=world.acme.pk).update(lock_on=True)
    answer = create(world, inactivity_lock="days", inactivity_days=days)
    assert answer.status_code == 422
    assert "Days must be between 7 and 90." in visible(answer) or "Enter a whole number." in visible(answer)


@pytest.mark.screen("5.2 inactivity lock")
def test_never_lock_is_kept(world):
    AccountSettings.objects.filter(pk=world.acme.pk).update(lock_on=True)
    create(world, inactivity_lock="never")
    assert dana().inactivity_override == Employee.NEVER_LOCK


# MFA


@pytest.mark.screen("5.2 MFA secret")
def test_an_mfa_secret_is_made_stored_and_never_shown_again(world):
    world.change_authenticator(mfa_required=True)
    client = world.client()
    form = given(world, login_authenticator=world.authenticator.pk)
    answer = client.post(NEW, form | {"generate_mfa_secret": "true"})
    assert not Employee.objects.filter(first_name="Dana").exists()
    secret = re.search(r'name="mfa_secret"\s+value="([A-Z2-7]{32})"', answer.content.decode())[1]
    assert create(world, client, **form, mfa_secret=secret).status_code == 302
    assert dana().mfa_secret == secret
    page = client.get(f"/admin/employees/{dana().pk}/?tab=security").content.decode()
    assert secret not in page
    assert "A secret is stored." in page
    assert secret not in str(history_of(dana()))


def test_generate_answers_htmx_with_the_field_alone(world):
    form = given(world) | {"generate_mfa_secret": "true"}
    answer = world.client().post(NEW, form, headers={"HX-Request": "true"})
    assert re.search(r'value="[A-Z2-7]{32}"', answer.content.decode())
    assert "<html" not in answer.content.decode()


@pytest.mark.screen("5.2 MFA secret")
@pytest.mark.parametrize("secret", ["short", MFA_SECRET + "1", "1" * 16])
def test_an_mfa_secret_has_a_form(world, secret):
    world.change_authenticator(mfa_required=True)
    answer = create(world, login_authenticator=world.authenticator.pk, mfa_secret=secret)
    assert "Enter 16, 26 or 32 characters from A–Z and 2–7." in visible(answer)


def test_without_mfa_a_secret_is_not_kept(world):
    create(world, login_authenticator=world.authenticator.pk, mfa_secret=MFA_SECRET)
    assert dana().mfa_secret == ""


def test_only_active_authenticators_can_be_chosen(world):
    corporate = world.external_authenticator()
    assert "Corporate SAML" in world.client().get(NEW).content.decode()
    LoginAuthenticator.objects.filter(pk=corporate.pk).update(status="INACTIVE")
    assert "Corporate SAML" not in world.client().get(NEW).content.decode()
    assert "Choose an active login authenticator." in visible(create(world, login_authenticator=corporate.pk))


def test_a_deactivated_role_is_refused_at_once(world):
    role = world.draft("Short-lived", activate=True)
    roles.deactivate(role, actor=world.actor)
    assert "Choose an active role." in visible(create(world, primary_role=role.pk))

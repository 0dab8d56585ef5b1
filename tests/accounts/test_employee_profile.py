"""The profile of an employee: General, Security, Change History and what its header offers (screens §5.3)."""

import re

import pytest

from accounts.actions import employees, locks
from accounts.actors import Channel, system
from accounts.models import AccountSettings, Employee, OutboxMail
from cxadmin import clock
from tests.world import PASSWORD, history_of, link_in_mail, visible

VIEW, EDIT, DELETE, INVITE = (f"admin.employees.{action}" for action in ("view", "edit", "delete", "invite"))
ASSIGN = "admin.role_management.user_assignment"


def address(employee):
    return f"/admin/employees/{employee.pk}/"


def fresh(employee):
    return Employee.objects.get(pk=employee.pk)


def shown(employee) -> dict:
    """What the form holds when the page opens."""
    names = "first_name middle_name last_name display_name email username time_zone mobile_number type version"
    found = {name: getattr(employee, name) for name in names.split()}
    found |= {"primary_role": employee.primary_role_id, "team": employee.team_id, "attributes": employee.attributes}
    found["login_authenticator"] = employee.login_authenticator_id or ""
    found["secondary_roles"] = [role.pk for role in employee.secondary_roles.all()]
    return found


def save(client, employee, **given):
    """Press Save; what is not given stays as the page shows it."""
    return client.post(address(employee), shown(fresh(employee)) | given)


def managed(world):
    employees.update(world.bob, {"display_name": "B"}, actor=system(world.acme.pk, Channel.SCIM))
    world.bob = fresh(world.bob)
    return world.bob


@pytest.mark.screen("5.3 head")
def test_the_head_names_person_role_team_and_status(world):
    text = visible(world.client().get(address(world.bob)))
    assert "Bob Brown Active Bob's role – Default Team" in text
    assert "General Security Change History" in text
    assert "Managed by identity provider" not in text


def test_saving_stores_what_changed_and_stays_on_the_tab(world):
    client = world.client()
    answer = save(client, world.bob, first_name="Robert", type="Temp", tab="security")
    assert answer.url == f"{address(world.bob)}?tab=security"
    assert "Employee saved" in visible(client.get(answer.url))
    assert history_of(world.bob)[-2:] == [("User.firstName", "Bob", "Robert"), ("User.type", "", "Temp")]


def test_saving_without_a_change_leaves_no_trace(world):
    before = history_of(world.bob)
    assert save(world.client(), world.bob).status_code == 302
    assert history_of(world.bob) == before


@pytest.mark.screen("1.4 form overtaken")
def test_who_was_overtaken_reads_by_whom_and_nothing_is_written(world):
    stale = shown(world.bob)
    employees.update(fresh(world.bob), {"type": "Mine"}, actor=world.actor)
    answer = world.client().post(address(world.bob), stale | {"type": "Yours"})
    assert answer.status_code == 422
    assert "This record was changed by Alice Archer. Reload to continue." in visible(answer)
    assert fresh(world.bob).type == "Mine"


def test_what_is_wrong_keeps_what_was_typed_and_the_head_keeps_what_is_stored(world):
    answer = save(world.client(), world.bob, first_name="", last_name="x" * 101, mobile_number="abc")
    text = visible(answer)
    assert answer.status_code == 422
    assert "Bob Brown Active" in text
    for message in ("First Name is required.", "Last Name can have at most", "Mobile Number can contain"):
        assert text.count(message) == 2
    assert 'value="abc"' in answer.content.decode()


@pytest.mark.rule("R-EMP-1")
def test_a_username_in_use_is_refused(world):
    assert "Username is already in use." in visible(save(world.client(), world.bob, username="ALICE@acme.example"))


@pytest.mark.screen("5.3 username")
@pytest.mark.rule("R-EMP-3")
def test_a_changed_username_ends_the_sessions(world):
    theirs = world.client(world.bob)
    assert theirs.get("/me/").status_code == 200
    save(world.client(), world.bob, username="robert@acme.example")
    assert theirs.get("/me/").status_code == 302


@pytest.mark.screen("5.3 username")
@pytest.mark.rule("R-EMP-3")
@pytest.mark.parametrize(
    ("case", "why"),
    [
        ("oneself", "You cannot change your own username."),
        ("pending", "Wait until the account is activated."),
        ("managed", "Change this in your identity provider."),
    ],
)
def test_a_username_can_be_read_only(world, case, why):
    if case == "pending":
        world.bob = world.employee("Pia Pending", status="UNREGISTERED")
        employees.invite(world.bob, actor=world.actor)
    who = {"oneself": world.alice, "pending": world.bob, "managed": world.bob}[case]
    if case == "managed":
        who = managed(world)
    page = world.client().get(address(who))
    assert why in visible(page)
    assert re.search(r'(?s)<input[^>]*name="username"[^>]*disabled', page.content.decode())
    save(world.client(), who, username="new@acme.example")
    assert fresh(who).username == who.username


@pytest.mark.screen("5.3 managed")
@pytest.mark.rule("R-SCIM-9")
def test_of_a_managed_employee_identity_is_read_only_and_the_rest_is_not(world):
    bob = managed(world)
    AccountSettings.objects.filter(pk=world.acme.pk).update(scim_fields=["mobile_number", "primary_role"])
    page = world.client().get(address(bob))
    text = visible(page)
    assert "Managed by identity provider" in text
    assert text.count("Change this in your identity provider.") == 4
    assert text.count("Also set by your identity provider; the next update may overwrite it.") == 2
    other = world.draft("Other", activate=True)
    forged = {"first_name": "Eve", "last_name": "Evil", "email": "eve@x.example", "username": "eve@x.example"}
    assert save(world.client(), bob, **forged, mobile_number="123", primary_role=other.pk).status_code == 302
    bob = fresh(bob)
    assert (bob.full_name, bob.email, bob.username) == ("Bob Brown", "bob@acme.example", "bob@acme.example")
    assert (bob.mobile_number, bob.primary_role) == ("123", other)


# The primary role


@pytest.mark.screen("5.3 role")
def test_roles_need_user_assignment(world):
    other = world.draft("Other", activate=True)
    client = world.bob_may(VIEW, EDIT)
    dana = world.employee()
    assert "This needs the permission Role Management: User Assignment." in visible(client.get(address(dana)))
    save(client, dana, primary_role=other.pk, secondary_roles=[other.pk], type="Temp")
    assert (fresh(dana).primary_role, fresh(dana).type) == (world.role, "Temp")
    assert not dana.secondary_roles.exists()
    save(world.bob_may(VIEW, EDIT, ASSIGN), dana, primary_role=other.pk)
    assert fresh(dana).primary_role == other


@pytest.mark.screen("5.3 role")
def test_the_own_primary_role_is_read_only(world):
    assert "You cannot change your own primary role." in visible(world.client().get(address(world.alice)))
    save(world.client(), world.alice, primary_role=world.role.pk)
    assert fresh(world.alice).primary_role == world.alice.primary_role


def test_an_inactive_role_stays_until_another_one_is_chosen(world):
    role = world.draft("Leaving", activate=True)
    dana = world.employee(primary_role=role)
    role.status = "INACTIVE"
    role.save()
    assert "Leaving" in visible(world.client().get(address(dana)))
    assert save(world.client(), dana, type="Temp").status_code == 302


@pytest.mark.rule("R-ROLE-12")
def test_the_last_role_editor_keeps_the_role(world):
    Employee.objects.filter(username="admin@acme.example").update(status="DELETED")
    world.draft("Other", activate=True)
    client = world.bob_may(VIEW, EDIT, ASSIGN)
    answer = save(client, world.alice, primary_role=world.role.pk)
    assert "At least one active employee must be able to edit roles." in visible(answer)
    assert fresh(world.alice).primary_role == world.alice.primary_role


# The e-mail address


@pytest.mark.screen("5.3 address")
@pytest.mark.rule("R-EMP-4")
def test_a_new_address_counts_once_it_is_confirmed(world):
    client = world.client()
    save(client, world.bob, email="new@acme.example")
    bob = fresh(world.bob)
    assert (bob.email, bob.email_to_be_verified) == ("bob@acme.example", "new@acme.example")
    assert "To be verified: new@acme.example Resend Discard" in visible(client.get(address(bob)))
    old = link_in_mail("confirm-email")
    answer = client.post(f"{address(bob)}email/resend/")
    assert "Confirmation sent to new@acme.example" in visible(client.get(answer.url))
    assert client.get(old).status_code == 410
    client.post(link_in_mail("confirm-email"))
    client.get(link_in_mail("confirm-email"))
    assert fresh(bob).email == "new@acme.example"


@pytest.mark.screen("5.3 address")
@pytest.mark.rule("R-EMP-4")
def test_a_new_address_can_be_discarded(world):
    client = world.client()
    save(client, world.bob, email="new@acme.example")
    client.post(f"{address(world.bob)}email/discard/")
    assert fresh(world.bob).email_to_be_verified == ""
    assert client.get(link_in_mail("confirm-email")).status_code == 410
    again = client.post(f"{address(world.bob)}email/discard/", HTTP_REFERER="http://testserver/admin/employees/")
    assert "No new address waits for confirmation." in visible(client.get(again.url))


@pytest.mark.screen("5.3 address")
@pytest.mark.rule("R-EMP-4")
def test_before_activation_the_address_changes_at_once(world):
    dana = world.employee(status="UNREGISTERED")
    save(world.client(), dana, email="new@acme.example")
    assert (fresh(dana).email, OutboxMail.objects.count()) == ("new@acme.example", 0)


# What the header offers


def test_without_edit_the_page_is_read_only(world):
    client = world.bob_may(VIEW)
    page = client.get(address(world.alice))
    assert "Save</button>" not in page.content.decode()
    assert re.search(r'(?s)<fieldset class="fields fields-employee" disabled', page.content.decode())
    assert save(client, world.alice, first_name="Eve").status_code == 403
    assert fresh(world.alice).first_name == "Alice"


@pytest.mark.screen("5.1 invite")
def test_inviting_sends_a_new_link_and_kills_the_old_one(world):
    dana = world.employee(status="UNREGISTERED")
    client = world.client()
    client.post(f"{address(dana)}invite/")
    assert fresh(dana).status == "PENDING"
    old = link_in_mail("activate")
    answer = client.post(f"{address(dana)}invite/", HTTP_REFERER=f"http://testserver{address(dana)}")
    assert answer.url.endswith(address(dana))
    assert "Invitation sent to dana@acme.example" in visible(client.get(answer.url))
    assert client.get(old).status_code == 410
    assert client.get(link_in_mail("activate")).status_code == 200
    assert history_of(dana)[-1] == ("User.invitation", "", "dana@acme.example")
    assert ("User.status", "UNREGISTERED", "PENDING") in history_of(dana)


@pytest.mark.screen("5.1 invite")
def test_who_does_not_wait_for_an_invitation_gets_none(world):
    client = world.client()
    assert "/invite/" not in client.get(address(world.bob)).content.decode()
    answer = client.post(f"{address(world.bob)}invite/")
    assert "Bob Brown does not wait for an invitation." in visible(client.get(answer.url))
    assert not OutboxMail.objects.exists()


@pytest.mark.screen("5.1 transitions")
@pytest.mark.rule("R-EMP-8", "R-EMP-9", "R-EMP-13")
def test_deactivating_asks_ends_the_session_and_can_be_undone(world):
    theirs, client = world.client(world.bob), world.client()
    question = "Deactivate Bob Brown? The employee can no longer sign in and the access keys stop working."
    assert question in visible(client.get(f"{address(world.bob)}deactivate/"))
    client.post(f"{address(world.bob)}deactivate/")
    assert fresh(world.bob).status == "DELETED"
    assert history_of(world.bob)[-1] == ("User.status", "ACTIVE", "DELETED")
    assert theirs.get("/me/").status_code == 302
    assert "Reactivate Bob Brown?" in visible(client.get(f"{address(world.bob)}reactivate/"))
    client.post(f"{address(world.bob)}reactivate/")
    assert fresh(world.bob).status == "ACTIVE"
    own = client.post(f"{address(world.alice)}deactivate/")
    assert (own.status_code, "You cannot deactivate your own account." in visible(own)) == (422, True)


@pytest.mark.screen("5.1 transitions")
@pytest.mark.rule("R-ROLE-12")
def test_the_last_who_can_edit_roles_is_not_deactivated(world):
    Employee.objects.filter(username="admin@acme.example").update(status="DELETED")
    answer = world.bob_may(VIEW, DELETE).post(f"{address(world.alice)}deactivate/")
    said = "At least one active employee must be able to edit roles." in visible(answer)
    assert (answer.status_code, said, fresh(world.alice).status) == (422, True, "ACTIVE")


@pytest.mark.screen("5.1 transitions")
def test_who_was_never_activated_comes_back_not_invited(world):
    dana = world.employee(status="UNREGISTERED", ever_activated=False)
    client = world.client()
    client.post(f"{address(dana)}deactivate/")
    client.post(f"{address(dana)}reactivate/")
    assert fresh(dana).status == "UNREGISTERED"


@pytest.mark.screen("5.1 transitions")
@pytest.mark.rule("R-EMP-12")
def test_coming_back_takes_an_active_role(world):
    role = world.draft("Leaving", activate=True)
    dana = world.employee(primary_role=role)
    employees.deactivate(dana, actor=world.actor)
    role.status = "INACTIVE"
    role.save()
    answer = world.client().post(f"{address(dana)}reactivate/")
    assert (answer.status_code, "Choose an active role." in visible(answer)) == (422, True)
    assert fresh(dana).status == "DELETED"


@pytest.mark.screen("5.1 row menu")
@pytest.mark.rule("R-PWD-5")
def test_reset_pw_makes_the_next_sign_in_ask_for_a_new_password(world, client):
    asked = world.client().get(f"{address(world.bob)}reset-password/")
    assert "Force Bob Brown to set a new password at next sign-in?" in visible(asked)
    world.client().post(f"{address(world.bob)}reset-password/")
    client.post("/login/", {"username": "bob@acme.example"})
    client.post("/login/", {"username": "bob@acme.example", "password": PASSWORD})
    assert client.get("/me/").url == "/me/password/"


def test_nobody_without_a_password_here_gets_reset(world):
    for values in ({"login_authenticator": None}, {"login_authenticator": world.external_authenticator()}):
        employees.update(world.bob, values, actor=world.actor)
        assert "Reset P/W" not in visible(world.client().get(address(world.bob)))
        answer = world.client().post(f"{address(world.bob)}reset-password/")
        assert "Bob Brown has no password that could be reset." in visible(answer)


@pytest.mark.screen("5.1 row menu")
@pytest.mark.rule("R-LOCK-3", "R-LOCK-5")
def test_unlocking_lets_in_for_two_days(world):
    locks.lock_for_inactivity(world.bob)
    client = world.client()
    answer = client.post(f"{address(world.bob)}unlock/")
    assert "Bob Brown unlocked; must sign in within 2 days." in visible(client.get(answer.url))
    bob = fresh(world.bob)
    assert bob.status == "ACTIVE"
    assert round((bob.relock_at - clock.now()).total_seconds() / 3600) == 48
    assert history_of(bob)[-1] == ("User.lock", "Locked", "Unlocked")
    again = client.post(f"{address(world.bob)}unlock/")
    assert "Bob Brown is not locked." in visible(client.get(again.url))


# Change History


@pytest.mark.screen("5.3 audit")
def test_the_history_shows_changes_without_secrets(world):
    save(world.client(), world.bob, first_name="Robert")
    page = visible(world.client().get(f"{address(world.bob)}history/"))
    assert re.search(r"User.firstName Bob Robert Alice Archer UI", page)
    assert PASSWORD not in page

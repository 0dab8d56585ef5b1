"""The Access Keys table in an employee's profile (screens §5.4)."""

import re

import pytest

from accounts.actions import access_keys
from accounts.actors import system
from accounts.crypto import matches
from accounts.models import AccessKey, Employee
from tests.accounts.test_employee_profile import save
from tests.world import history_of, visible

VIEW, CREATE, EDIT, DELETE = (f"admin.access_key.{action}" for action in ("view", "create", "edit", "delete"))
OWN = tuple(f"admin.my_access_key.{action}" for action in ("view", "create", "edit", "delete"))
SEE, CHANGE = "admin.employees.view", "admin.employees.edit"
TAB = "?tab=security"


def a_key(employee, actor, state="on"):
    """A saved key and its secret."""
    key, secret = access_keys.draft(employee, actor=actor)
    access_keys.save(employee, {key.pk: state}, actor=actor)
    return AccessKey.objects.get(pk=key.pk), secret


def page_of(client, employee):
    return client.get(f"/admin/employees/{employee.pk}/{TAB}")


def fields(response) -> dict[str, list[str]]:
    """What the table would send."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r'(?s)<input[^>]*name="access_key[^>]*>', response.content.decode()):
        name, value = re.search(r'name="([^"]+)"', tag)[1], re.search(r'value="([^"]+)"', tag)[1]
        if 'type="checkbox"' not in tag or "checked" in tag:
            found.setdefault(name, []).append(value)
    return found


def add(client, employee, **more):
    """Press Add access key, without JavaScript."""
    return save(client, employee, add_access_key="true", **more)


def secret_in(response) -> str:
    return re.search(r'name="access_key_secret_[0-9a-f-]+"\s+value="([A-Z2-7]{52}====)"', response.content.decode())[1]


@pytest.mark.screen("5.4 add")
@pytest.mark.rule("R-KEY-1", "R-KEY-2", "R-KEY-3")
def test_a_key_is_shown_once_and_works_only_after_save(world):
    client = world.client()
    answer = add(client, world.bob)
    key = AccessKey.objects.get()
    assert (answer.status_code, key.saved_at) == (200, None)
    secret = secret_in(answer)
    assert matches(secret, key.secret_hash)
    assert "(SHOW SECRET KEY)" in visible(answer)
    assert re.fullmatch(r"[A-Z2-7]{52}====", key.access_key_id)
    saved = save(client, world.bob, **fields(answer))
    assert saved.status_code == 302
    key.refresh_from_db()
    assert (key.saved_at is not None, key.is_active) == (True, True)
    page = page_of(client, world.bob)
    assert key.access_key_id in visible(page)
    assert "(SHOW SECRET KEY)" not in visible(page)
    assert secret not in page.content.decode()
    assert history_of(world.bob)[-1] == ("User.accessKey", "", f"{key.access_key_id} created")
    assert secret not in str(history_of(world.bob))


@pytest.mark.screen("5.4 columns")
def test_a_saved_key_is_listed_with_its_last_use_and_without_its_secret(world):
    key, secret = a_key(world.bob, world.actor)
    client = world.client()
    page = page_of(client, world.bob)
    assert "ACCESS KEY ID SECRET ACCESS KEY STATE LAST USED" in visible(page)
    assert f"{key.access_key_id} •••• Off On never" in re.sub(r"Copy ", "", visible(page))
    assert (secret in page.content.decode(), "(SHOW SECRET KEY)" in visible(page)) == (False, False)
    AccessKey.objects.update(last_used_at="2026-05-02T10:00:00Z")
    assert "•••• Off On 2026-05-02 10:00:00" in visible(page_of(client, world.bob))


def test_htmx_gets_the_table_with_everything_it_held(world):
    key, _ = a_key(world.bob, world.actor)
    form = {"access_key": [key.pk], "access_key_was_on": [key.pk], "add_access_key": "true"}
    answer = world.client().post(f"/admin/employees/{world.bob.pk}/", form, headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    sent = fields(answer)
    assert sent["access_key_was_on"][0] == str(key.pk)
    assert sent["access_key_on"] == [sent["access_key"][1]]


@pytest.mark.screen("5.4 add")
@pytest.mark.rule("R-KEY-2")
def test_leaving_without_save_discards_the_key(world):
    client = world.client()
    add(client, world.bob)
    assert "No access keys" in visible(page_of(client, world.bob))
    save(client, world.bob)
    assert not AccessKey.objects.exists()


def test_adding_keeps_what_was_typed_and_stores_nothing_of_it(world):
    answer = add(world.client(), world.bob, first_name="Robert", middle_name="T.")
    assert 'value="Robert"' in answer.content.decode()
    assert Employee.objects.get(pk=world.bob.pk).first_name == "Bob"


def test_a_refused_save_keeps_the_new_key_and_its_secret_on_the_page(world):
    client = world.client()
    answer = add(client, world.bob)
    refused = save(client, world.bob, **fields(answer), first_name="")
    assert refused.status_code == 422
    assert secret_in(refused) == secret_in(answer)
    assert AccessKey.objects.get().saved_at is None
    assert save(client, world.bob, **fields(refused)).status_code == 302
    assert AccessKey.objects.get().saved_at is not None


@pytest.mark.screen("5.4 state and delete")
@pytest.mark.rule("R-KEY-3")
def test_the_toggle_takes_effect_on_save_and_is_audited(world):
    key, _ = a_key(world.bob, world.actor)
    client = world.client()
    for is_on, word in ((False, "disabled"), (True, "enabled")):
        sent = fields(page_of(client, world.bob)) | {"access_key_on": [str(key.pk)] if is_on else []}
        save(client, world.bob, **sent)
        key.refresh_from_db()
        assert key.is_active == is_on
        assert history_of(world.bob)[-1] == ("User.accessKey", key.access_key_id, f"{key.access_key_id} {word}")


def test_who_did_not_move_a_toggle_does_not_undo_anothers_work(world):
    key, _ = a_key(world.bob, world.actor)
    client = world.client()
    stale = fields(page_of(client, world.bob))
    access_keys.save(world.bob, {key.pk: "off"}, actor=world.actor)
    save(client, world.bob, **stale, middle_name="T.")
    key.refresh_from_db()
    assert not key.is_active


@pytest.mark.screen("5.4 state and delete")
@pytest.mark.rule("R-KEY-7")
def test_deleting_takes_effect_on_save(world):
    key, _ = a_key(world.bob, world.actor)
    client = world.client()
    sent = fields(page_of(client, world.bob)) | {"access_key_delete": [str(key.pk)]}
    save(client, world.bob, **sent)
    assert not AccessKey.objects.exists()
    assert history_of(world.bob)[-1] == ("User.accessKey", key.access_key_id, "deleted")


@pytest.mark.screen("5.4 add")
@pytest.mark.rule("R-KEY-6")
def test_five_keys_are_the_limit_unsaved_ones_included(world):
    client = world.client()
    for _ in range(4):
        a_key(world.bob, world.actor)
    fifth = add(client, world.bob, **fields(page_of(client, world.bob)))
    sixth = add(client, world.bob, **fields(fifth))
    assert "This employee already has 5 access keys." in visible(sixth)
    assert len(fields(sixth)["access_key"]) == 5
    assert save(client, world.bob, **fields(sixth)).status_code == 302
    assert world.bob.access_keys.count() == 5


@pytest.mark.rule("R-KEY-6")
def test_a_limit_met_meanwhile_stores_neither_key_nor_fields(world):
    client = world.client()
    answer = add(client, world.bob)
    for _ in range(5):
        a_key(world.bob, system(world.acme.pk))
    refused = save(client, world.bob, **fields(answer), middle_name="T.")
    assert (refused.status_code, "This employee already has 5 access keys." in visible(refused)) == (422, True)
    assert Employee.objects.get(pk=world.bob.pk).middle_name == ""
    assert world.bob.access_keys.filter(saved_at__isnull=False).count() == 5


# Permissions


@pytest.mark.screen("5.4 permissions")
@pytest.mark.rule("R-KEY-9")
def test_others_keys_need_access_key_and_own_ones_my_access_key(world):
    for employee in (world.bob, world.alice):
        a_key(employee, world.actor)
    for held, sees_own, sees_others in (((), False, False), (OWN[:1], True, False), ((VIEW,), False, True)):
        client = world.bob_may(SEE, *held)
        assert ("ACCESS KEY ID" in visible(page_of(client, world.bob))) == sees_own
        assert ("ACCESS KEY ID" in visible(page_of(client, world.alice))) == sees_others


@pytest.mark.screen("5.4 permissions")
def test_each_control_needs_its_permission(world):
    a_key(world.alice, world.actor)
    page = page_of(world.bob_may(SEE, VIEW), world.alice).content.decode()
    for control in ("add_access_key", 'name="access_key_delete"', "Save</button>"):
        assert control not in page
    assert re.search(r'(?s)name="access_key_on".*?disabled', page)
    assert "add_access_key" in page_of(world.bob_may(SEE, VIEW, CREATE), world.alice).content.decode()
    assert 'name="access_key_delete"' in page_of(world.bob_may(SEE, VIEW, DELETE), world.alice).content.decode()
    assert "Save</button>" in page_of(world.bob_may(SEE, VIEW, EDIT), world.alice).content.decode()


def test_the_server_checks_again(world):
    key, _ = a_key(world.alice, world.actor)
    sent = {"access_key": [key.pk], "access_key_was_on": [key.pk], "access_key_delete": [key.pk]}
    assert save(world.bob_may(SEE, VIEW), world.alice, **sent).status_code == 403
    assert add(world.bob_may(SEE, CHANGE, VIEW), world.alice).status_code == 403
    save(world.bob_may(SEE, CHANGE, VIEW), world.alice, **sent)
    save(world.bob_may(SEE, CHANGE, VIEW, CREATE), world.alice, **sent)
    key.refresh_from_db()
    assert key.is_active


def test_keys_can_be_changed_without_edit_of_employees_and_nothing_else(world):
    key, _ = a_key(world.alice, world.actor)
    client = world.bob_may(SEE, VIEW, EDIT)
    sent = fields(page_of(client, world.alice)) | {"access_key_on": []}
    assert save(client, world.alice, **sent, first_name="Eve").status_code == 302
    key.refresh_from_db()
    assert (key.is_active, Employee.objects.get(pk=world.alice.pk).first_name) == (False, "Alice")


def test_a_foreign_key_or_a_wrong_secret_is_not_taken(world):
    key, _ = a_key(world.alice, world.actor)
    client = world.client()
    answer = add(client, world.bob)
    draft = AccessKey.objects.get(employee=world.bob)
    forged = {"access_key": [key.pk, draft.pk], "access_key_delete": [key.pk], "access_key_on": [draft.pk]}
    save(client, world.bob, **forged, **{f"access_key_secret_{draft.pk}": "guess"})
    assert AccessKey.objects.filter(pk=key.pk).exists()
    assert not AccessKey.objects.filter(employee=world.bob).exists()
    assert answer.status_code == 200


@pytest.mark.screen("5.4 managed")
def test_managed_employees_may_have_keys(world):
    Employee.objects.filter(pk=world.bob.pk).update(scim_managed=True)
    bob = Employee.objects.get(pk=world.bob.pk)
    client = world.client()
    save(client, bob, **fields(add(client, bob)))
    assert bob.access_keys.filter(saved_at__isnull=False).count() == 1


def test_somebody_of_the_same_name_and_a_program_leave_an_unsaved_key_alone(world):
    twin = world.employee("Alice Archer", username="alice.two@acme.example", email="alice.two@acme.example")
    Employee.objects.filter(pk=twin.pk).update(primary_role=world.alice.primary_role)
    answer = add(world.client(), world.bob)
    page = page_of(world.client(twin), world.bob)
    assert save(world.client(twin), world.bob, **fields(page)).status_code == 302
    access_keys.create(world.bob, actor=world.actor)
    saved = save(world.client(), world.bob, **fields(answer))
    assert saved.status_code == 302
    assert AccessKey.objects.filter(employee=world.bob, saved_at__isnull=False).count() == 2

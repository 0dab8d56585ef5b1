"""A recorded request is sent again: with whose rights, what comes of it, and when nothing is sent at all."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import credentials
from accounts.ids import new_id
from accounts.models import AuditEvent, Employee, ScimToken
from cxadmin import clock
from cxadmin.lab import access
from cxadmin.lab.models import Exchange
from tests.scim.client import ScimClient, bearer, replace, user
from tests.scim.conftest import acme, scim, stranger  # noqa: F401  # fixtures
from tests.world import visible

pytestmark = pytest.mark.usefixtures("journal")


@pytest.fixture
def operator(acme):  # noqa: F811
    Employee.objects.filter(pk=acme.robot.pk).update(is_lab_operator=True)
    browser = Client()
    browser.force_login(acme.robot)
    return browser


def page_of(exchange: Exchange) -> str:
    return f"/lab/requests/{exchange.pk}/replay/"


def as_shown(browser, exchange: Exchange) -> dict:
    """The form as the dialog shows it."""
    shown = browser.get(page_of(exchange)).content.decode()
    chosen = [line for line in shown.split("<option") if "selected" in line]
    return {"credential": chosen[0].split('value="')[1].split('"')[0]}


def api(exchange_id: int, expected: int = 200, **given) -> dict:
    headers = {"Authorization": f"Bearer {access.control_key()}"}
    found = Client().post(f"/_lab/requests/{exchange_id}/replay", given, "application/json", headers=headers)
    assert found.status_code == expected, found.content
    return found.json()


def test_a_creation_sent_again_is_refused_now_and_both_answers_are_shown(journal, operator, scim):  # noqa: F811
    scim.user("ada")
    old = journal.last()
    shown = operator.get(page_of(old))
    assert "changes it" in visible_dialog(shown)
    answer = operator.post(page_of(old), as_shown(operator, old))
    new = journal.last()
    assert answer.url == f"/lab/requests/{old.pk}/compare/{new.pk}/"
    assert (new.status, new.path, new.username, new.credential) == (409, old.path, old.username, old.credential)
    page = operator.get(answer.url)
    text = visible(page)
    assert "The answers differ" in text
    assert "201" in text
    assert "409" in text
    assert f'href="/lab/requests/{new.pk}/"' in page.content.decode()
    assert "<ins>" in page.content.decode()
    assert f"Request {old.pk}" in visible(operator.get(f"/lab/requests/{new.pk}/"))


def visible_dialog(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_what_only_reads_says_so_and_an_unchanged_answer_is_called_the_same(journal, operator, scim):  # noqa: F811
    scim.get("/Users", filter='userName eq "nobody"')
    old = journal.last()
    assert "It reads only" in visible_dialog(operator.get(page_of(old)))
    answer = operator.post(page_of(old), as_shown(operator, old))
    assert "The answer is the same" in visible(operator.get(answer.url))


def test_the_rights_of_now_count(journal, acme, scim):  # noqa: F811
    scim.get("/Users")
    old = journal.last()
    acme.may()
    found = api(old.pk)
    assert found["status"] == {"before": 200, "now": 403}
    assert found["is_same"] is False
    assert found["request"]["username"] == acme.robot.username
    assert "+ 403" in found["differences"]


def test_a_patch_writes_and_leaves_its_trail(journal, acme, scim):  # noqa: F811
    made = scim.user("ada")
    scim.patch(f"/Users/{made['id']}", replace("name.familyName", "Byron"))
    old = journal.last()
    scim.patch(f"/Users/{made['id']}", replace("name.familyName", "King"))
    found = api(old.pk)
    assert scim.read(made)["name"]["familyName"] == "Byron"
    event = AuditEvent.objects.filter(request_id=found["request"]["request_id"]).get()
    assert ["User.lastName", "King", "Byron"] in [list(change) for change in event.changes]
    assert ["X-Replay-Of", str(old.pk)] in found["request"]["request"]["headers"]
    assert ["X-Replayed-By", "control key"] in found["request"]["request"]["headers"]


def test_an_access_key_and_a_session_need_no_secret_either(journal, acme):  # noqa: F811
    acme.by_key().get("/Users", count=0)
    assert api(journal.last().pk)["status"] == {"before": 200, "now": 200}
    pair = {"accessKeyId": acme.seed.secrets.access_key_id, "accessKeySecret": acme.seed.secrets.access_key_secret}
    token = Client().post("/authentication/v1/token/access-key", pair, "application/json").json()["access_token"]
    ScimClient(bearer(token), "/scim/v2").get("/Users", count=0)
    found = api(journal.last().pk)
    assert found["status"] == {"before": 200, "now": 200}
    assert "eyJ" not in json.dumps(found)


def test_a_lent_secret_opens_nothing_afterwards(acme):  # noqa: F811
    token = ScimToken.objects.get(employee=acme.robot)
    with credentials.lend(token) as secret:
        assert acme.by_token().get("/Users", count=0).status_code == 200
        assert ScimClient(bearer(secret)).get("/Users", count=0).status_code == 200
    assert ScimClient(bearer(secret)).get("/Users", count=0).status_code == 401


def test_with_a_secret_that_is_handed_over(journal, acme, db):  # noqa: F811
    ScimClient(None).get("/Users", count=0)
    old = journal.last()
    assert old.business_unit_id is None
    assert api(old.pk)["status"]["now"] == 401
    found = api(old.pk, secret=acme.seed.secrets.scim_token)
    assert found["status"]["now"] == 200
    assert acme.seed.secrets.scim_token not in json.dumps(found)
    assert api(old.pk, secret=f"Bearer {acme.seed.secrets.scim_token}")["status"]["now"] == 200


def test_masked_places_have_to_be_filled(journal, operator, scim):  # noqa: F811
    scim.post("/Users", user("ada", password="Hush-Hush-1"))
    old = journal.last()
    before = Employee.objects.count()
    assert "Put the secrets back" in api(old.pk, 409)["detail"]
    shown = operator.get(page_of(old))
    assert "masks secrets" in visible_dialog(shown)
    chosen = as_shown(operator, old)
    assert operator.post(page_of(old), chosen | {"body": old.request_body}).status_code == 422
    assert journal.last().pk == old.pk
    body = old.request_body.replace("••••", "Hush-Hush-1").replace("ada@", "eve@")
    assert operator.post(page_of(old), chosen | {"body": body}).status_code == 302
    assert journal.last().status == 201
    assert "Hush" not in journal.last().request_body
    assert Employee.objects.count() == before + 1


def test_nothing_is_sent_where_it_cannot_be_as_it_was(journal, operator, acme, scim):  # noqa: F811
    scim.post("/Users", user("ada", displayName="x" * 50_000))
    cut = journal.last()
    scim.get("/Users")
    gone = journal.last()
    Exchange.objects.filter(pk=gone.pk).update(business_unit_id="00000000-0000-7000-8000-000000000000")
    for exchange, words in ((cut, "first 16384 of"), (gone, "does not exist any more")):
        assert words in api(exchange.pk, 409)["detail"]
        shown = operator.get(page_of(exchange))
        assert shown.status_code == 422
        assert words in visible_dialog(shown)
        assert operator.post(page_of(exchange), {"credential": "none"}).status_code == 422
    assert len(journal.all()) == 2
    assert api(999999, 404)
    assert operator.get("/lab/requests/999999/replay/").status_code == 404


def test_a_credential_that_is_gone_or_not_let_in_sends_nothing(journal, operator, acme, stranger, scim):  # noqa: F811
    scim.user("ada")
    old = journal.last()
    chosen = as_shown(operator, old)
    acme.robot.scim_tokens.update(deleted_at=clock.now())
    assert "The SCIM token was deleted" in api(old.pk, 409)["detail"]
    assert "The SCIM token was deleted" in visible_dialog(operator.post(page_of(old), chosen))
    ScimToken.objects.filter(employee=acme.robot).delete()
    assert "recorded credential is gone" in api(old.pk, 409)["detail"]
    assert operator.post(page_of(old), chosen).status_code == 422
    assert "another tenant" in api(old.pk, 409, secret=stranger.seed.secrets.scim_token)["detail"]
    assert "does not know" in api(old.pk, 409, secret="cxs_unknown")["detail"]
    assert "secret of a credential" in api(old.pk, 409, secret=" ")["detail"]
    assert "does not exist any more" in api(old.pk, 409, credential="token:x")["detail"]
    theirs = ScimToken.objects.get(employee=stranger.robot)
    assert "does not exist any more" in api(old.pk, 409, credential=f"token:{theirs.pk}")["detail"]
    assert len(journal.all()) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"body": 1}', "must be texts"),
        ('{"bdy": "x"}', "no member bdy"),
    ],
)
def test_a_call_that_is_misspelt_is_refused(journal, scim, content, words):  # noqa: F811
    scim.get("/Users")
    headers = {"Authorization": f"Bearer {access.control_key()}"}
    address = f"/_lab/requests/{journal.last().pk}/replay"
    answer = Client().post(address, content, "application/json", headers=headers)
    assert (answer.status_code, words in answer.json()["detail"]) == (400, True)
    assert len(journal.all()) == 1


def test_scripts_can_ask_whose_rights_there_are(journal, acme, scim):  # noqa: F811
    scim.get("/Users")
    headers = {"Authorization": f"Bearer {access.control_key()}"}
    found = Client().get(f"/_lab/requests/{journal.last().pk}/replay", headers=headers).json()
    assert found["trouble"] is None
    assert [one["is_recorded"] for one in found["credentials"]] == [True]
    assert acme.robot.username in found["credentials"][0]["label"]


def test_many_credentials_cost_no_more(journal, operator, acme, scim, django_assert_max_num_queries):  # noqa: F811
    scim.get("/Users")
    token = ScimToken.objects.get(employee=acme.robot)
    for number in range(30):
        token.pk, token.token_hash = new_id(), f"{number}"
        token.save(force_insert=True)
    address = page_of(journal.last())
    operator.get(address)
    with django_assert_max_num_queries(10):
        operator.get(address)


def test_pages_for_people_are_not_sent(journal, client, acme):  # noqa: F811
    client.get("/auth/authorize?client_id=x")
    assert "a page for people" in api(journal.last().pk, 409)["detail"]


def test_a_journal_that_is_off_has_nothing_to_show(journal, settings, scim):  # noqa: F811
    scim.get("/Users")
    number = journal.last().pk
    settings.JOURNAL_ENTRIES = 0
    assert "journal is off" in api(number, 409)["detail"]


def test_the_language_of_the_page_stays(journal, operator, client, acme):  # noqa: F811
    client.get("/scim/v1/Users")
    old = journal.last()
    operator.post("/language/", {"language": "de"})
    answer = operator.post(page_of(old), {"credential": "none"})
    assert answer.status_code == 302
    assert answer["Content-Language"] == "de"


def test_the_command_says_how_the_answers_differ(journal, acme, scim):  # noqa: F811
    scim.user("ada")
    old, out = journal.last(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("replay", str(old.pk), stdout=out)
    assert ended.value.code == 3
    assert "201 before, 409 now" in out.getvalue()
    with pytest.raises(CommandError, match="does not hold"):
        call_command("replay", "999999")
    scim.get("/Users", count=0)
    out = StringIO()
    call_command("replay", str(journal.last().pk), json=True, stdout=out)
    assert json.loads(out.getvalue())["is_same"] is True


def test_the_command_takes_another_query_body_and_rights(journal, acme, scim, tmp_path):  # noqa: F811
    scim.user("ada")
    old, out, file = journal.last(), StringIO(), tmp_path / "bob.json"
    call_command("replay", str(old.pk), list=True, stdout=out)
    assert out.getvalue().count(" (recorded)\n") == 1
    assert acme.robot.username in out.getvalue()
    assert len(journal.all()) == 1
    file.write_text(json.dumps(user("bob")))
    with pytest.raises(SystemExit):  # another person, so another answer
        call_command("replay", str(old.pk), body=file, stdout=out)
    assert journal.last().status == 201
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("replay", str(old.pk), body=tmp_path)
    scim.get("/Users", count=0)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("replay", str(journal.last().pk), query="count=1", json=True, stdout=out)
    assert journal.last().query == "count=1"
    out = StringIO()
    call_command("replay", str(old.pk), list=True, json=True, stdout=out)
    assert json.loads(out.getvalue())["credentials"][0]["is_recorded"] is True

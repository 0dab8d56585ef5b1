"""The journal keeps every exchange of a program, without its secrets."""

import json
import time
from datetime import timedelta
from threading import Event
from unittest import mock

import pytest
from django.db import DataError, OperationalError

from accounts.models import Application
from cxadmin import clock
from cxadmin.lab import access, journal_entries, journal_pieces, journal_table, masking, seeds
from cxadmin.lab import journal as journals
from cxadmin.lab.models import Exchange
from tests.scim.client import ScimClient, bearer, user
from tests.scim.conftest import acme, scim  # noqa: F401  # fixtures

SECRETS = ("Hush-Hush-1", "cxs_", "eyJ", "====")


def kept(exchange: Exchange) -> str:
    return " ".join(str(getattr(exchange, field.attname)) for field in Exchange._meta.concrete_fields)


def test_an_exchange_is_kept_with_who_and_what(journal, acme, scim):  # noqa: F811
    created = scim.post("/Users", user("ada"), **{"User-Agent": "Okta SCIM Client 1.0.0", "X-Request-Id": "my-id-1"})
    found = journal.last()
    assert (found.request_id, found.door, found.method, found.status) == ("my-id-1", "scim", "POST", 201)
    assert (found.path, found.client) == ("/oauth/scim/v2/Users", "Okta")
    assert found.business_unit_id == acme.unit.pk
    assert found.employee_id == acme.robot.pk
    assert found.username == acme.robot.username
    assert found.credential.startswith("SCIM token …")
    assert json.loads(found.answer_body) == created.json()
    assert json.loads(found.request_body)["userName"] == "ada@acme.example"
    assert found.answer_size == len(created.content)
    assert found.duration_us > 0
    assert dict(found.request_headers)["Authorization"] == "Bearer cxs_••••"
    assert dict(found.answer_headers)["Location"] == created["Location"]
    assert "admin.employees.create" in found.context["rights"]


def test_a_patch_is_kept_with_the_resource_before_it(journal, scim):  # noqa: F811
    made = scim.user("ada")
    scim.patch(f"/Users/{made['id']}", {"op": "replace", "path": "name.familyName", "value": "Byron"})
    found = journal.last()
    assert found.before["name"]["familyName"] == made["name"]["familyName"]
    assert json.loads(found.answer_body)["name"]["familyName"] == "Byron"


def test_whose_refused_credential_it_was_is_kept(journal, acme, scim):  # noqa: F811
    acme.robot.scim_tokens.update(deleted_at=clock.now())
    assert scim.get("/Users").status_code == 401
    found = journal.last()
    assert (found.status, found.business_unit_id, found.username) == (401, acme.unit.pk, acme.robot.username)


def test_a_stranger_belongs_to_nobody(journal, db):
    assert ScimClient(bearer("cxs_" + "x" * 43)).get("/Users").status_code == 401
    found = journal.last()
    assert (found.business_unit_id, found.username, found.credential) == (None, "", "")


def test_what_misses_the_address_is_kept_and_other_pages_are_not(journal, client, db):
    client.get("/scim/v1/Users?filter=x")
    client.get("/login/")
    client.get("/nothing/here/")
    assert [(found.door, found.target) for found in journal.all()] == [("other", "/scim/v1/Users?filter=x")]


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ('{"password": "Hush-Hush-1", "userName": "ada"}', "application/scim+json"),
        ('{"Operations": [{"op": "replace", "path": "password", "value": "Hush-Hush-1"}]}', "application/json"),
        ('{"Operations": [{"op": "replace", "value": {"password": "Hush-Hush-1"}}]}', "application/json"),
        ('{"deep": [{"client_secret": {"nested": ["Hush-Hush-1"]}}]}', "application/json"),
        ('{"password": "Hush-Hush-1", "broken": ', "application/json"),
        ('{"path": "password", "value": "Hush-Hush-1", ', "application/json"),
        ('{"Operations":[{"op":"add","value":{"password":"Hush-Hush-1"}},', "application/json"),
        ('{"a":["x",{"password":["Hush-Hush-1"', "application/json"),
        ("{'userName': 'ada', 'password': 'Hush-Hush-1'}", "application/json"),
        ("{'path': 'password', 'value': 'Hush-Hush-1'}", "application/json"),
        ("{password: Hush-Hush-1}", "application/json"),
        ('{"urn:x:User:password": "Hush-Hush-1", ', "application/json"),
        ("grant_type=password&password=Hush-Hush-1", "application/x-www-form-urlencoded"),
        ("client_secret=Hush-Hush-1&x=1", ""),
        ("code=Hush-Hush-1&grant_type=authorization_code", "application/x-www-form-urlencoded"),
        ('{"userName": "cxs_IR05W_jmEeIlnOi4SwH9q4E8gtl5yN3URkGzQc1xjJo"}', "application/json"),
        ('"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln"', "application/json"),
        ("cxs_IR05W_jmEeIlnOi4SwH9q4E8gtl5yN3URkGzQc1xjJo", "text/plain"),
        ('{"password": "Hush-Hush-1", "password": null}', "application/json"),
        ('{"a": {"password": "Hush-Hush-1"}, "a": 1}', "application/json"),
        ('{"filter": "userName eq \\"a\\" and password eq \\"Hush-Hush-1\\""}', "application/json"),
        ('{"filter": "password eq \\"Hush-Hush-1\\", ', "application/json"),
        ("<user><password>Hush-Hush-1</password></user>", "application/xml"),
        ("<u><ns:Password type='text'>Hush-Hush-1</ns:Password></u>", "text/xml"),
        ("<u><password><![CDATA[Hush-Hush-1]]></password></u>", "text/xml"),
        ("<u><password><value>Hush-Hush-1</value></password><b/></u>", "text/xml"),
        ("<u><password>Hush-Hush-1", "text/xml"),
        ("<u client_secret = 'Hush-Hush-1' name='b'/>", "text/xml"),
    ],
)
def test_secrets_in_bodies_are_masked(body, media_type):
    masked = masking.body(body, media_type)
    assert not any(secret in masked for secret in SECRETS)
    assert masking.MASK in masked


@pytest.mark.parametrize(
    "body",
    [
        '{"code": "V-UNIQ", "details": "taken"}',
        '{"token_type": "Bearer", "token_endpoint": "http://x/auth/token", "expires_in": 3600}',
        '{"postalCode": "10115", "password": null}',
        "grant_type=refresh_token&client_id=1",
        '{"name": "Secretary Tokens"}',
        '{"a": 1, "a": 2, "name": "Secretary Tokens"}',
        '<u><password/><password></password><name a="b">Secretary</name></u>',
        '{"filter": "userName eq \\"password eq\\" and active eq true"}',
    ],
)
def test_what_is_no_secret_stays_as_it_was_sent(body):
    assert masking.body(body, "application/json") == body


@pytest.mark.parametrize(
    ("name", "value", "kept_value"),
    [
        ("Authorization", "Bearer abc.def", "Bearer ••••"),
        ("authorization", "Basic YTpi", "Basic ••••"),
        ("Authorization", "cxs_abc", "cxs_••••"),
        ("Authorization", "Bearer cxs_abc", "Bearer cxs_••••"),
        ("Cookie", "cxadmin_session=1; x=2", "••••"),
        ("X-Api-Token", "abc", "••••"),
        ("Location", "https://x.example/cb?code=abc&state=1", "https://x.example/cb?code=••••&state=1"),
        ("User-Agent", "Okta SCIM Client 1.0.0", "Okta SCIM Client 1.0.0"),
    ],
)
def test_secrets_in_headers_are_masked(name, value, kept_value):
    assert masking.header(name, value) == kept_value


def test_a_query_is_masked_and_otherwise_as_sent():
    assert masking.query("filter=userName%20eq%20%22a%22&count=2") == "filter=userName%20eq%20%22a%22&count=2"
    assert "abc" not in masking.query("access_token=abc&x=1&id_token_hint=abc")


@pytest.mark.parametrize(
    "sent",
    [
        'password eq "xyzzy"',
        'userName eq "me" and urn:ietf:params:scim:schemas:core:2.0:User:password sw "xyzzy"',
        "(password eq xyzzy)",
        'not(Password EQ "a\\"xyzzy")',
        'password eq "xyzzy',
    ],
)
def test_what_a_filter_compares_a_password_with_is_masked(journal, scim, sent):  # noqa: F811
    scim.get("/Users", filter=sent)
    found = journal.last()
    assert "xyzzy" not in kept(found)
    assert masking.MASK in found.readable


def test_masking_takes_no_longer_than_a_body_deserves():
    began = time.perf_counter()
    for filler in ("a.", "a ", "<a ", "<password>", "a eq ", 'x="', "(", '{"password": '):
        masking.body(
            ("<" if "<" in filler else '{"token') + filler * (journal_entries.BODY_BYTES // len(filler)), "text/xml"
        )
        masking.query("filter=token " + filler * (4_000 // len(filler)))
    assert time.perf_counter() - began < 10


def test_the_token_endpoint_leaves_no_secret(journal, client, db):
    unit = seeds.plant(seeds.SEEDS[0])
    known = seeds.SEEDS[0].secrets
    form = {"grant_type": "password", "username": known.access_key_id, "password": known.access_key_secret}
    assert client.post("/auth/token", form).status_code == 400  # multipart
    answer = client.post(
        "/auth/token", "&".join(f"{k}={v}" for k, v in form.items()), "application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    key = {"accessKeyId": known.access_key_id, "accessKeySecret": known.access_key_secret}
    assert client.post("/authentication/v1/token/access-key", key, "application/json").status_code == 200
    client.get("/auth/userinfo", headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
    wrong = {"grant_type": "refresh_token", "client_id": str(seeds.SEEDS[0].client_id), "client_secret": "wrong-one"}
    client.post("/auth/token", "&".join(f"{k}={v}" for k, v in wrong.items()), "application/x-www-form-urlencoded")
    found = journal.all()
    assert [exchange.door for exchange in found] == ["oauth"] * 5
    for exchange in found:
        assert known.access_key_secret not in kept(exchange)
        assert "eyJ" not in kept(exchange)
        assert "wrong-one" not in kept(exchange)
    assert [exchange.business_unit_id for exchange in found[1:]] == [unit.pk] * 4
    assert found[1].credential == f"access key {known.access_key_id}"
    assert found[4].credential == f"application {Application.objects.get().name}"


def test_the_journal_forgets_by_count_and_by_age(journal, settings, scim):  # noqa: F811
    for _ in range(5):
        scim.get("/Users")
    assert len(journal.all()) == 5
    settings.JOURNAL_ENTRIES = 2
    journal_table.prune()
    assert len(journal.all()) == 2
    Exchange.objects.update(at=clock.now() - settings.JOURNAL_AGE - timedelta(minutes=1))
    journal_table.prune()
    assert journal.all() == []


def test_what_is_in_the_way_is_no_trouble_to_the_client(journal, scim):  # noqa: F811
    scim.post("/Users", b"\xff\xfe not json", media_type="application/json")
    scim.post("/Users", '{"userName": "\x00"}')
    scim.get("/Users", filter="\x00")
    found = journal.all()
    assert [exchange.status for exchange in found] == [400, 400, 400]
    assert all("\x00" not in kept(exchange) for exchange in found)


def test_a_long_body_is_cut(journal, scim):  # noqa: F811
    scim.post("/Users", user("ada", displayName="x" * 50_000))
    found = journal.last()
    assert len(found.request_body) == journal_entries.BODY_BYTES
    assert found.request_size > 50_000


def test_nothing_is_kept_with_the_journal_off(journal, settings, acme):  # noqa: F811
    settings.JOURNAL_ENTRIES = 0
    acme.by_token().get("/Users")
    assert journal.all() == []


def test_trouble_with_the_database_does_not_stop_the_journal(journal, monkeypatch, scim):  # noqa: F811
    def locked() -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(journal_table, "prune", locked)
    scim.get("/Users")
    assert len(journal.all()) == 1
    with monkeypatch.context() as broken:
        broken.setattr(journal_table, "insert", mock.Mock(side_effect=DataError("out of range")))
        scim.get("/Users")
        journals.recorder.flush()
    scim.get("/Groups")
    assert [exchange.path for exchange in journal.all()] == ["/oauth/scim/v2/Users", "/oauth/scim/v2/Groups"]


def test_its_thread_outlives_any_trouble(monkeypatch):
    recorder = journals.Recorder()
    flushed = Event()
    troubles = iter([RuntimeError("broken")])

    def flush() -> None:
        for trouble in troubles:
            raise trouble
        flushed.set()

    monkeypatch.setattr(journals, "Finalize", mock.Mock())  # nothing to write at the end of the tests
    monkeypatch.setattr(journals, "WRITTEN_EVERY", 0.01)
    monkeypatch.setattr(recorder, "flush", flush)
    monkeypatch.setattr(recorder, "put_aside", flush)
    recorder.note(mock.Mock())
    while not flushed.wait(0.05):
        recorder.note(mock.Mock())
        assert len(recorder.waiting) < 200
    recorder.close()


def test_of_what_waits_only_as_much_is_held_as_is_kept(journal, scim):  # noqa: F811
    scim.post("/Users", user("ada", displayName="x" * 50_000))
    (waiting,) = journals.recorder.waiting
    assert (len(waiting.body), waiting.body_size > 50_000) == (journal_entries.BODY_BYTES, True)


def test_where_the_writer_cannot_follow_the_oldest_are_left_out(journal, monkeypatch, scim):  # noqa: F811
    monkeypatch.setattr(journals, "MOST_WAITING", 2)
    monkeypatch.setattr(journals, "WAITS_FOR_ROOM", 0.01)
    for number in range(4):
        scim.get("/Users", startIndex=number + 1)
    assert [exchange.query for exchange in journal.all()] == ["startIndex=3", "startIndex=4"]


def test_what_was_put_aside_is_there_for_whoever_looks(journal, acme, scim, client):  # noqa: F811
    for number in range(journals.MANY):
        scim.get("/Users", startIndex=number + 1)
    journals.recorder.put_aside()
    (piece,) = journal_pieces.found()
    assert (Exchange.objects.count(), piece.number) == (0, journals.MANY)
    assert b"/oauth/scim/v2/Users" in piece.path.read_bytes()
    assert acme.seed.secrets.scim_token.encode() not in piece.path.read_bytes()
    scim.get("/Groups")
    found = client.get("/_lab/requests", headers={"Authorization": bearer(access.control_key())}).json()["requests"]
    assert [each["path"] for each in found] == ["/oauth/scim/v2/Groups", *["/oauth/scim/v2/Users"] * journals.MANY]
    assert found[1]["query"] == f"startIndex={journals.MANY}"
    assert not journal_pieces.found()


def test_of_what_was_put_aside_no_more_is_kept_than_of_the_rest(journal, settings, scim):  # noqa: F811
    settings.JOURNAL_ENTRIES = 3
    for number in range(6):
        scim.get("/Users", startIndex=number + 1)
        journals.recorder.put_aside()
    abandoned = settings.JOURNAL_FOLDER / f"{1:020}-1-1.begun"
    abandoned.touch()
    journal_pieces.prune()
    assert len(journal_pieces.found()) == 3
    assert not abandoned.exists()
    assert [exchange.query for exchange in journal.all()] == [f"startIndex={number}" for number in (4, 5, 6)]


def test_a_piece_the_database_does_not_take_is_not_in_the_way_of_the_next(journal, monkeypatch, scim):  # noqa: F811
    scim.get("/Users")
    journals.recorder.put_aside()
    with monkeypatch.context() as broken:
        broken.setattr(journal_table, "insert", mock.Mock(side_effect=DataError("out of range")))
        journals.recorder.flush()
    scim.get("/Groups")
    assert [exchange.path for exchange in journal.all()] == ["/oauth/scim/v2/Groups"]


def test_a_damaged_piece_is_not_in_the_way_of_the_next(journal, scim):  # noqa: F811
    scim.get("/Users")
    journals.recorder.put_aside()
    (piece,) = journal_pieces.found()
    piece.path.write_bytes(piece.path.read_bytes()[:100])
    scim.get("/Groups")
    journals.recorder.put_aside()
    assert [exchange.path for exchange in journal.all()] == ["/oauth/scim/v2/Groups"]


def test_a_piece_that_another_process_has_thrown_away_is_no_trouble(journal, monkeypatch, scim, caplog):  # noqa: F811
    scim.get("/Users")
    journals.recorder.put_aside()
    listed = journal_pieces.found()
    listed[0].path.unlink()
    answers = iter([listed, listed])
    monkeypatch.setattr(journal_pieces, "found", lambda: next(answers, []))
    assert journal_table.settle()
    assert (journal.all(), caplog.text) == ([], "")


def test_where_nothing_can_be_put_aside_the_table_gets_it_at_once(journal, settings, scim):  # noqa: F811
    settings.JOURNAL_FOLDER.write_text("no folder")
    scim.get("/Users")
    journals.recorder.put_aside()
    assert [exchange.path for exchange in Exchange.objects.all()] == ["/oauth/scim/v2/Users"]
    scim.get("/Groups")
    assert journal.last().path == "/oauth/scim/v2/Groups"


def test_the_thread_puts_aside_while_clients_are_many_and_settles_when_they_have_left(monkeypatch):
    recorder, done, settled = journals.Recorder(), [], Event()

    def noted(name):
        def note(*_given):
            done.append(name)
            recorder.waiting.clear()
            if name == "settle":
                settled.set()
            return True

        return note

    monkeypatch.setattr(journals, "Finalize", mock.Mock())
    monkeypatch.setattr(journals, "WRITTEN_EVERY", 0.2)
    monkeypatch.setattr(journals, "QUIET_AFTER", 0.05)
    monkeypatch.setattr(journal_entries, "masked", list)
    monkeypatch.setattr(journal_pieces, "write", noted("write"))
    for name in ("insert", "settle", "prune"):
        monkeypatch.setattr(journal_table, name, noted(name))
    for _ in range(journals.MANY):
        recorder.note(mock.Mock())
    assert settled.wait(10)
    assert [name for name in done if name != "prune"] == ["write", "settle"]
    recorder.close()

"""The mails for test suites: filters, waiting for one, and an invitation followed as a test would."""

import json
import time
import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import emails
from accounts.actions import employees
from accounts.models import OutboxMail
from cxadmin.lab import access, control_mail


@pytest.fixture
def api(client):
    def get(path, expected=200, **query):
        answer = client.get(f"/_lab/{path}", query, headers={"Authorization": f"Bearer {access.control_key()}"})
        assert answer.status_code == expected, answer.content
        return answer.json()

    return get


@pytest.fixture
def three(world):
    file = {"name": "a.txt", "media_type": "text/plain", "content": "A"}
    sent = []
    for unit, to, subject, text, files in (
        (world.acme, "one@acme.example", "Welcome", "See http://x.example/1.", []),
        (world.acme, "two@acme.example", "Welcome back", "Text", [file]),
        (world.strange, "one@acme.example", "Other", "Text", []),
    ):
        sent.append(emails.send(unit.pk, to, subject, text, files))
        time.sleep(0.002)  # ids are in the order of the milliseconds
    return sent


def test_an_invitation_is_followed_by_a_test(world, api):
    dana = world.employee("Dana Doe", status="UNREGISTERED", ever_activated=False, password="")
    employees.invite(dana, actor=world.actor)
    mail = api("mail/latest", to="DANA@acme.example", subject="activate", tenant="acme")
    assert mail["links"] == [link for link in mail["links"] if "/activate/" in link]
    assert len(mail["links"]) == 1
    assert mail["links"][0] in mail["html"]
    assert mail["links"][0] in mail["text"]
    page = mail["links"][0].removeprefix(emails.settings.PUBLIC_URL)
    values = {"new_password": "Correct-Horse-7", "confirm_password": "Correct-Horse-7"}
    assert Client().post(page, values).status_code == 302
    dana.refresh_from_db()
    assert dana.status == "ACTIVE"


def test_filters_narrow(api, three):
    def found(**query):
        return [mail["subject"] for mail in api("mail", **query)["mails"]]

    assert found() == ["Other", "Welcome back", "Welcome"]
    assert found(tenant="acme") == ["Welcome back", "Welcome"]
    assert found(to="one@acme.example") == ["Other", "Welcome"]
    assert found(to="one@acme") == []
    assert found(subject="welcome", limit=1) == ["Welcome back"]
    assert found(q="x.example") == ["Welcome"]
    assert found(after=three[1].pk) == ["Other"]
    assert found(since="5m") == found()
    assert found(since="2099-01-01T00:00:00Z") == []
    assert found(since="2020-01-01T00:00:00+00:00") == found()
    assert api("mail", q="Text")["mails"][1]["attachments"] == ["a.txt"]


def test_one_mail_tells_all(api, three):
    mail = api(f"mail/{three[1].pk}")
    assert mail["attachments"] == [{"name": "a.txt", "media_type": "text/plain", "content": "A"}]
    assert mail["text"] == "Text"
    assert "<p>Text</p>" in mail["html"]
    assert api("mail/latest", to="one@acme.example")["subject"] == "Other"
    assert "no mail" in api("mail/00000000-0000-7000-8000-000000000000", 404)["detail"]


@pytest.mark.parametrize(
    ("query", "words"),
    [({"too": "x"}, "no parameter too"), ({"tenant": "nobody"}, "no tenant"), ({"since": "soon"}, "since must be"),
     ({"after": "x"}, "id of a mail"), ({"limit": "x"}, "whole number")],
)  # fmt: skip
def test_a_filter_that_is_misspelt_is_refused(api, three, query, words):
    assert words in api("mail", 400, **query)["detail"]


def test_latest_says_that_there_is_none_and_waits_no_longer_than_asked(api, three, monkeypatch):
    assert "no mail that matches." in api("mail/latest", 404, to="nobody@acme.example")["detail"]
    slept, now = [], [0.0]
    monkeypatch.setattr(control_mail.time, "sleep", lambda seconds: slept.append(seconds))
    monkeypatch.setattr(control_mail.time, "monotonic", lambda: now.__setitem__(0, now[0] + 1) or now[0])
    assert "within 30 s" in api("mail/latest", 404, to="nobody@acme.example", wait=999)["detail"]
    assert len(slept) <= 30
    assert "whole number" in api("mail/latest", 400, wait="long")["detail"]


def test_latest_answers_as_soon_as_the_mail_comes(world, api, monkeypatch):
    def arrives(_seconds):
        emails.send(world.acme.pk, "late@acme.example", "Late", "Text")

    monkeypatch.setattr(control_mail.time, "sleep", arrives)
    assert api("mail/latest", to="late@acme.example", wait=5)["subject"] == "Late"
    assert OutboxMail.objects.count() == 1


def printed(**options) -> str:
    out = StringIO()
    call_command("mail", stdout=out, **options)
    return out.getvalue()


def test_the_command_lists_and_reads(three):
    assert [line.split()[-1] for line in printed(tenant="acme").splitlines()] == ["back", "Welcome"]
    assert "Link: http://x.example/1" in printed(latest=True, subject="Welcome", q="x.example")
    assert json.loads(printed(json=True, limit=1))["mails"][0]["subject"] == "Other"
    assert json.loads(printed(json=True, latest=True))["text"] == "Text"
    with pytest.raises(CommandError, match="no mail"):
        printed(latest=True, to="nobody@acme.example")
    assert "Attachment: a.txt" in printed(id=three[1].pk)
    assert json.loads(printed(id=three[0].pk, json=True))["links"] == ["http://x.example/1"]
    with pytest.raises(CommandError, match="There is no mail"):
        printed(id=uuid.uuid4())
    with pytest.raises(CommandError, match="no tenant"):
        printed(tenant="nobody")

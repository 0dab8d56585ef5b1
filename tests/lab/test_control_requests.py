"""The journal for scripts and on the command line."""

import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cxadmin.lab import access
from cxadmin.lab import journal as journals
from cxadmin.lab.management.commands import tail as tails
from tests.scim.client import ScimClient, replace
from tests.scim.conftest import acme, scim  # noqa: F401  # fixtures


@pytest.fixture
def api(client):
    def get(path, expected=200, **query):
        answer = client.get(f"/_lab/{path}", query, headers={"Authorization": f"Bearer {access.control_key()}"})
        assert answer.status_code == expected, answer.content
        return answer.json()

    return get


@pytest.fixture
def three(journal, acme, scim):  # noqa: F811
    """A creation, a PATCH, and a stranger."""
    made = scim.user("ada")
    scim.patch(f"/Users/{made['id']}", replace("name.familyName", "Byron"))
    ScimClient(None).get("/Users")
    return journal.all()


def test_the_same_entries_and_filters_as_on_the_page(api, three):
    newest = api("requests")["requests"]
    assert [(one["method"], one["status"]) for one in newest] == [("GET", 401), ("PATCH", 200), ("POST", 201)]
    assert newest[1]["tenant"] == "acme"
    assert "no Authorization header" in newest[0]["cause"]
    assert len(api("requests", tenant="acme")["requests"]) == 2
    assert len(api("requests", tenant="none")["requests"]) == 1
    assert len(api("requests", status="failed")["requests"]) == 1
    assert len(api("requests", q="Byron")["requests"]) == 1
    assert len(api("requests", limit=1)["requests"]) == 1
    since = api("requests", after=three[0].pk)["requests"]
    assert [one["method"] for one in since] == ["PATCH", "GET"]
    assert [one["method"] for one in api("requests", before=three[1].pk)["requests"]] == ["POST"]


def test_one_exchange_tells_all(api, three):
    found = api(f"requests/{three[1].pk}")
    assert "Byron" in found["answer"]["body"]
    assert ["Authorization", "Bearer cxs_••••"] in found["request"]["headers"]
    assert found["changes"][0]["changes"][0][0] == "User.lastName"
    assert any("Byron" in line for line in found["operations"][0]["difference"])
    assert api(f"requests/{three[2].pk}")["diagnosis"][0]["sources"]
    assert "does not hold" in api("requests/999999", 404)["detail"]


@pytest.mark.parametrize(
    ("query", "words"),
    [({"statsu": "2"}, "no parameter statsu"), ({"status": "9"}, "not '9'"), ({"limit": "x"}, "whole number"),
     ({"tenant": "nobody"}, "acme")],
)  # fmt: skip
def test_a_filter_that_is_misspelt_is_refused(api, three, query, words):
    assert words in api("requests", 400, **query)["detail"]


def tail(**options) -> str:
    out = StringIO()
    call_command("tail", no_follow=True, stdout=out, **options)
    return out.getvalue()


def test_tail_prints_a_line_each_and_why_not(three):
    printed = tail()
    assert [line.split()[1:3] for line in printed.splitlines() if line[0] != " "] == [
        ["201", "POST"],
        ["200", "PATCH"],
        ["401", "GET"],
    ]
    assert "no Authorization header" in printed
    assert "\x1b[" not in printed
    assert len(tail(lines=1).splitlines()) == 2
    assert "PATCH" not in tail(method="POST")


def test_tail_follows_in_colour(three, scim, monkeypatch):  # noqa: F811
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    naps = []

    def nap(_seconds):
        naps.append(None)
        if len(naps) > 2:
            raise KeyboardInterrupt
        scim.get("/Users/nobody")
        journals.recorder.flush()

    monkeypatch.setattr(tails.time, "sleep", nap)
    monkeypatch.setattr(tails.sys, "stderr", StringIO())
    out = Terminal()
    call_command("tail", lines=1, status="failed", stdout=out)
    lines = [line for line in out.getvalue().splitlines() if line[0] != " "]
    assert [re.sub("\x1b\\[[0-9]*m", "", line).split()[1] for line in lines] == ["401", "404", "404"]
    assert "\x1b[33m404\x1b[0m" in lines[-1]


def test_tail_does_not_let_a_client_command_the_terminal(journal, client, db):
    client.get("/scim/v2/%1b[2J%0aUsers")
    assert journal.last().path == "/scim/v2/\x1b[2J\nUsers"
    printed = tail()
    assert "\x1b" not in printed
    assert "/scim/v2/\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}Users" in printed


def test_tail_tells_all_of_one(three):
    told = tail(id=three[1].pk)
    assert "Bearer cxs_••••" in told
    assert '+   "familyName": "Byron",' in told.replace('+     "', '+   "')
    assert "  User.lastName: Lovelace -> Byron" in told
    assert "Fix: " in tail(id=three[2].pk)
    assert json.loads(tail(id=three[1].pk, json=True))["request"]["headers"]
    with pytest.raises(CommandError, match="does not hold"):
        tail(id=999999)


def test_tail_filters_like_the_page(three):
    assert [json.loads(line)["method"] for line in tail(json=True, credential="none").splitlines()] == ["GET"]
    assert len(tail(json=True, since="5m").splitlines()) == 3
    with pytest.raises(CommandError, match="since can be"):
        tail(since="2y")


def test_tail_prints_json_and_refuses_what_it_does_not_know(three):
    found = [json.loads(line) for line in tail(json=True, tenant="acme").splitlines()]
    assert [one["method"] for one in found] == ["POST", "PATCH"]
    with pytest.raises(CommandError, match="door can be"):
        tail(door="window")

"""Simulations taken in by the page and the control API, before a worker plays them."""

import json
import re
import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import workers
from accounts.models import ScimToken
from cxadmin import clock
from cxadmin.lab import access, clocks, seeds, tenants
from cxadmin.lab.models import Simulation
from cxadmin.lab.simulator import jobs, targets
from tests.world import visible


@pytest.fixture
def operator(world):
    """The browser of a lab operator."""
    world.alice.is_lab_operator = True
    world.alice.save()
    return world.client()


@pytest.fixture
def demo(db):
    return seeds.plant(seeds.SEEDS[0])


def api(client, path="", expected=200, method="get", body=None):
    answer = getattr(client, method)(
        f"/_lab/simulations{path}",
        body if isinstance(body, str) else json.dumps(body) if body is not None else None,
        content_type="application/json",
        headers={"Authorization": f"Bearer {access.control_key()}"},
    )
    assert answer.status_code == expected, answer.content
    return answer.json()


def printed(*arguments, **options) -> str:
    out = StringIO()
    call_command("simulate", *arguments, stdout=out, **options)
    return out.getvalue()


def entered(**changed):
    """What a browser sends of the form."""
    return {
        "client": "entra/plain",
        "steps": ["connect", "create"],
        "people": "5",
        "groups": "1",
        "share": "100",
        "seed": "1",
        "rate": "0",
        "connections": "2",
        "credential": "",
        "token": "cxs_mine",
    } | changed


def test_the_form_starts_a_simulation_and_its_page_says_what_waits(operator, world):
    answer = operator.post("/lab/simulator/new/", entered(tenant=str(world.acme.pk)))
    assert answer.status_code == 302
    page = visible(operator.get(answer.url))
    for words in ("Entra ID", "Waiting", "acme", "Connect", "Create people", "Waiting for the worker"):
        assert words in page
    assert "Import" not in page
    workers.beat("one")
    assert "Waiting for the worker" not in visible(operator.get(answer.url))
    assert "Entra ID" in visible(operator.get("/lab/simulator/"))
    assert "No simulations yet" not in visible(operator.get("/lab/simulator/"))


def test_secrets_are_sealed_and_shown_nowhere(operator, world, client):
    url = operator.post("/lab/simulator/new/", entered(tenant=str(world.acme.pk))).url
    simulation = Simulation.objects.get()
    assert "cxs_mine" not in simulation.sealed_secrets + json.dumps(simulation.plan)
    shown = operator.get(url).content.decode() + json.dumps(api(client)) + json.dumps(api(client, f"/{simulation.pk}"))
    assert "cxs_mine" not in shown
    assert simulation.sealed_secrets not in shown


def test_stopping_one_that_nobody_plays_ends_it(operator, world):
    url = operator.post("/lab/simulator/new/", entered(tenant=str(world.acme.pk))).url
    assert "people who are there are found" in visible(operator.get(f"{url}stop/"))
    assert operator.post(f"{url}stop/").status_code == 302
    simulation = Simulation.objects.get()
    assert (simulation.status, simulation.sealed_secrets) == ("STOPPED", "")
    assert "Stopped" in visible(operator.get(url))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"people": "0"}, "greater than or equal to 1"),
        ({"people": "many"}, "whole number"),
        ({"people": "100001"}, "less than or equal to 100000"),
        ({"rate": "-1"}, "greater than or equal to 0"),
        ({"client": "okta/nothing"}, "Choose one of the values offered."),
        ({"tenant": "00000000-0000-0000-0000-000000000000"}, "Choose one of the values offered."),
        ({"steps": []}, "Steps is required."),
        ({"steps": ["import"]}, "Choose a step that this identity provider knows."),
        ({"token": ""}, "only hashes are kept"),
        ({"credential": "key", "token": ""}, "only hashes are kept"),
        ({"client": "okta/wizard", "credential": "oauth", "token": ""}, "only hashes are kept"),
        ({"credential": "key", "token": "", "key_id": "only"}, "Enter both the access key ID and its secret."),
        ({"rate": "nan"}, "Enter a number"),
    ],
)
def test_what_cannot_be_played_is_said_and_nothing_is_stored(operator, world, changed, words):
    answer = operator.post("/lab/simulator/new/", entered(tenant=str(world.acme.pk)) | changed)
    assert answer.status_code == 422
    assert words in visible(answer), visible(answer)
    assert not Simulation.objects.exists()


def test_the_control_api_takes_one_in(client, demo):
    made = api(client, expected=202, method="post", body={"provider": "okta", "people": 7, "steps": ["create"]})
    assert (made["tenant"], made["status"], made["credential"]) == ("demo", "waiting", "oauth")
    assert made["plan"]["people"] == 7
    assert api(client)["simulations"][0]["id"] == made["id"]
    assert api(client, f"/{made['id']}")["report"] is None
    stopped = api(client, f"/{made['id']}/stop", 202, "post")
    assert stopped["status"] == "stopped"
    assert api(client, f"/{made['id']}/stop", 202, "post")["status"] == "stopped"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("{", 400, "The body is not JSON"),
        ([], 400, "The body is not a JSON object"),
        ({}, 400, "provider must be okta or entra"),
        ({"provider": "okta", "tenant": "nobody"}, 404, "There is no tenant 'nobody'"),
        ({"provider": "okta", "tenant": 5}, 400, "tenant must be a text"),
        ({"provider": "okta", "token": ["x"]}, 400, "token must be a text"),
        ({"provider": "okta", "people": 0}, 400, "people must be a whole number"),
        ({"provider": "okta", "peopel": 5}, 400, "There is no peopel"),
        ({"provider": "okta", "scim_url": "http://127.0.0.1/"}, 400, "There is no scim_url"),
        ({"provider": "okta", "credential": "magic"}, 400, "credential can be"),
    ],
)
def test_a_bad_call_is_refused_with_nothing_stored(client, demo, body, status, words):
    assert words in api(client, expected=status, method="post", body=body)["detail"]
    assert not Simulation.objects.exists()


def test_one_that_is_not_there(client, operator):
    nobody = "00000000-0000-0000-0000-000000000000"
    assert "no simulation" in api(client, f"/{nobody}", 404)["detail"]
    assert "no simulation" in api(client, f"/{nobody}/stop", 404, "post")["detail"]
    assert operator.get(f"/lab/simulator/{nobody}/").status_code == 404


def test_a_tenant_that_is_gone_ends_it_with_the_reason(client, demo):
    made = api(client, expected=202, method="post", body={"provider": "okta"})
    simulation = Simulation.objects.get(pk=made["id"])
    Simulation.objects.update(business_unit_id=made["id"])
    simulation.refresh_from_db()
    jobs.play(simulation)
    ended = api(client, f"/{made['id']}")
    assert (ended["status"], ended["report"]["reason"]) == ("failed", "The tenant demo is gone.")


@pytest.mark.parametrize("credential", ["oauth", "token", "key"])
def test_a_disposable_tenant_needs_no_secrets_either(client, db, credential):
    unit = tenants.create("ci")
    made = api(client, "", 202, "post", {"provider": "okta", "tenant": "ci", "credential": credential})
    assert made["credential"] == credential
    assert targets.of_tenant(unit, "okta", credential, {}).authorization.kind == credential
    ScimToken.objects.all().delete()
    if credential == "token":
        refused = api(client, "", 400, "post", {"provider": "okta", "tenant": "ci", "credential": credential})
        assert "only hashes are kept" in refused["detail"]


def test_the_clock_of_the_tenant_is_not_that_of_the_worker(operator, world, client):
    operator.post("/lab/simulator/new/", entered(tenant=str(world.acme.pk)))
    clocks.change(world.acme, {"shift": "30d"})
    assert jobs._claim(jobs.Q()) is not None
    simulation = Simulation.objects.get()
    world.client().post(f"/lab/simulator/{simulation.pk}/stop/")  # signed in under the moved clock
    simulation.refresh_from_db()
    assert (simulation.status, simulation.is_stop_asked) == ("PLAYING", True)  # its worker is alive and ends it


def test_old_ones_are_forgotten_open_ones_are_not(client, demo, monkeypatch):
    monkeypatch.setattr(jobs, "KEPT", 2)
    first = api(client, expected=202, method="post", body={"provider": "okta"})["id"]
    for _ in range(3):
        Simulation.objects.exclude(pk=first).update(status="COMPLETE")
        api(client, expected=202, method="post", body={"provider": "okta"})
    assert Simulation.objects.count() == 3
    assert Simulation.objects.filter(pk=first).exists()


def test_two_workers_do_not_take_the_same_one_nor_two_of_a_tenant(client, demo):
    for _ in range(2):
        api(client, expected=202, method="post", body={"provider": "okta"})
    everything = jobs.Q()
    assert jobs._claim(everything) is not None
    assert jobs._claim(everything) is None
    Simulation.objects.filter(status="PLAYING").update(beat_at=clock.ago(seconds=60))
    assert jobs._claim(everything) is not None


def test_a_list_of_many_asks_as_often_as_a_list_of_one(operator, world, django_assert_max_num_queries):
    for count in (1, 5):
        for _ in range(count):
            operator.post("/lab/simulator/new/", entered(tenant=str(world.acme.pk)))
        with django_assert_max_num_queries(9):
            assert re.search("Entra ID", visible(operator.get("/lab/simulator/")))


def test_the_command_lists_shows_and_stops_what_workers_play(client, demo):
    made = api(client, "", 202, "post", {"provider": "entra", "people": 3, "token": "cxs_mine"})
    assert f"{made['id']}  {made['submitted_at'][:19]}  waiting   demo" in printed("list")
    assert json.loads(printed("list", json=True))["simulations"][0]["id"] == made["id"]
    assert "entra, 3 people" in printed("show", made["id"])
    assert json.loads(printed("stop", made["id"], json=True))["status"] == "stopped"
    assert "stopped" in printed("show", made["id"])
    for arguments, said in (
        (("show",), "Which one"),
        (("list", made["id"]), "takes no ID"),
        (("okta", made["id"]), "not to okta"),
        (("show", str(uuid.uuid4())), "There is no simulation"),
    ):
        with pytest.raises(CommandError, match=said):
            printed(*arguments)


def test_the_report_says_what_was_refused_and_leads_to_the_requests(operator, world):
    url = operator.post("/lab/simulator/new/", entered(tenant=str(world.acme.pk))).url
    Simulation.objects.update(status="COMPLETE", report=REPORT)
    page = operator.get(url)
    said = visible(page)
    for words in (
        "Finished",
        "3 of 5 people are as expected.",
        "409",
        "The name <is> taken.",
        "2 times",
        "ada@x.example",
        "3 created",
    ):
        assert words in said, words
    assert 'href="/lab/requests/id/r-1/"' in page.content.decode()
    assert "every 1s" not in page.content.decode().partition('id="simulation"')[2]
    assert "2" in visible(operator.get("/lab/simulator/"))
    Simulation.objects.update(status="FAILED", report=REPORT | {"reason": "connect was refused (401)."})
    assert "connect was refused (401)." in visible(operator.get(url))


REPORT = {
    "state": "complete",
    "reason": "",
    "requests": 12,
    "refused": 2,
    "employees": {"expected": 5, "as_expected": 3},
    "first_request_id": "r-1",
    "last_request_id": "r-1",
    "steps": [
        {
            "step": "create",
            "total": 5,
            "done": 5,
            "ok": 3,
            "refused": 2,
            "requests": 10,
            "outcomes": {"created": 3},
            "seconds": 0.4,
            "milliseconds": {"median": 1.5, "p95": 2.5, "most": 3.5},
            "refusals": [
                {
                    "status": 409,
                    "said": "The name <is> taken.",
                    "times": 2,
                    "first": {"who": "ada@x.example", "request_id": "r-1"},
                }
            ],
        }
    ],
}

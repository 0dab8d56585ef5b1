"""The sequence picture: what stands in it, which span it shows, and how it copes with odd content."""

import re
from datetime import timedelta

import pytest

from accounts.models import Employee
from cxadmin import clock
from cxadmin.lab import seeds, sequence
from cxadmin.lab.models import Exchange
from tests.world import visible


def an_exchange(**given) -> Exchange:
    values = {
        "at": clock.now(),
        "request_id": "r",
        "door": "scim",
        "method": "GET",
        "path": "/scim/v2/Users",
        "status": 200,
        "duration_us": 1500,
        "request_size": 0,
        "answer_size": 0,
        "request_headers_json": "[]",
        "answer_headers_json": "[]",
    }
    return Exchange.objects.create(**values | given)


@pytest.fixture
def operator(world):
    """The browser of a lab operator."""
    world.alice.is_lab_operator = True
    world.alice.save()
    return world.client()


def pictures(answer) -> list[str]:
    return re.findall(r"<svg class=?.*?</svg>|<svg viewBox.*?</svg>", answer.content.decode(), re.DOTALL)


def drawn(answer) -> str:
    return " ".join(svg for svg in pictures(answer) if "sequence" in svg)


def test_a_flow_is_drawn_between_its_participants(operator):
    an_exchange(client="Browser", door="oauth", path="/auth/authorize", status=302)
    an_exchange(client="Okta", door="oauth", method="POST", path="/auth/token")
    an_exchange(client="Okta", query="startIndex=1&count=2", credential="application X")
    an_exchange(client="", credential="application X", method="POST", status=403, duration_us=12_340)
    answer = operator.get("/lab/requests/sequence/")
    picture = drawn(answer)
    assert re.findall(r'class="sequence-name"[^>]*>([^<]*)<', picture) == [
        "Browser",
        "Okta",
        "cxadmin OAuth",
        "cxadmin SCIM",
    ]
    assert re.findall(r'class="sequence-text"[^>]*>([^<]*)<', picture) == [
        "GET /auth/authorize", "POST /auth/token", "GET /scim/v2/Users?startIndex=1&amp;count=2", "POST /scim/v2/Users",
    ]  # fmt: skip
    assert re.findall(r'class="sequence-answer-text"[^>]*>([^<]*)<', picture) == [
        "302 · 1.5 ms", "200 · 1.5 ms", "200 · 1.5 ms", "403 · 12.3 ms",
    ]  # fmt: skip
    assert picture.count('<g class="sequence-refused"') == 1
    assert 'role="img"' in picture
    assert "the table below holds the same" in picture


def test_the_table_says_the_same_and_why(client, journal):
    seeds.plant(seeds.SEEDS[0])
    client.get("/oauth/scim/v2/Users", headers={"Authorization": f"Bearer {seeds.SEEDS[0].secrets.scim_token}"})
    client.get("/oauth/scim/v2/Users")
    journal.all()
    client.force_login(Employee.objects.get(username="admin@demo.example"))
    said = visible(client.get("/lab/requests/sequence/"))
    for words in ("As a table", "GET /oauth/scim/v2/Users", "200", "401", "no Authorization header"):
        assert words in said, words


def test_a_span_is_chosen_by_its_ends_and_the_filters_of_the_list(operator, world):
    made = [an_exchange(path=f"/scim/v2/Users/{n}", status=200 if n % 2 else 404) for n in range(6)]
    made[3].business_unit_id = world.acme.pk
    made[3].save()

    def shown(query):
        return re.findall(
            r'sequence-text"[^>]*>GET /scim/v2/Users/(\d)<', drawn(operator.get(f"/lab/requests/sequence/?{query}"))
        )

    assert shown("") == list("012345")
    assert shown(f"first={made[2].pk}&last={made[4].pk}") == list("234")
    assert shown(f"first={made[4].pk}") == list("45")
    assert shown(f"last={made[1].pk}") == list("01")
    assert shown("status=failed") == list("024")
    assert shown(f"tenant={world.acme.pk}") == ["3"]
    assert shown(f"status=failed&first={made[1].pk}") == list("24")
    assert shown("first=nonsense&last=-1&status=strange") == list("012345")
    assert shown(f"first={'9' * 30}") == list("012345")
    assert "No requests in this span." in visible(operator.get(f"/lab/requests/sequence/?first={made[5].pk + 1}"))


def test_the_list_leads_there_with_its_filters(operator):
    one = an_exchange(status=404)
    assert "/lab/requests/sequence/?status=failed" in operator.get("/lab/requests/?status=failed").content.decode()
    assert f"/lab/requests/sequence/?first={one.pk}" in operator.get(f"/lab/requests/{one.pk}/").content.decode()
    page = operator.get("/lab/requests/sequence/?status=failed").content.decode()
    assert f"status=failed&amp;first={one.pk}" in page or f"first={one.pk}&amp;status=failed" in page
    assert "/lab/requests/?status=failed" in page


def test_a_long_span_is_cut_into_pictures_and_pages(operator):
    made = [an_exchange() for _ in range(sequence.MOST + 5)]
    answer = operator.get("/lab/requests/sequence/")
    assert drawn(answer).count("sequence-request") == sequence.MOST
    assert drawn(answer).count('role="img"') == sequence.MOST // sequence.CHUNK
    assert f"last={made[5].pk}" in answer.content.decode()
    forward = operator.get(f"/lab/requests/sequence/?first={made[0].pk}")
    assert f"first={made[sequence.MOST - 1].pk}" in forward.content.decode()
    assert "The picture holds 60 requests." in visible(forward)


def test_pauses_many_clients_and_odd_content(operator):
    an_exchange(client="Okta", at=clock.ago(hours=5, minutes=5), path="/scim/v2/<script>alert(1)</script>" + "x" * 900)
    an_exchange(client="Entra ID", at=clock.ago(seconds=300))
    for client in ("Ping", "curl", "JumpCloud"):
        an_exchange(client=client, at=clock.now() - timedelta(seconds=1), door="rest", method="PATCH")
    answer = operator.get("/lab/requests/sequence/")
    picture = drawn(answer)
    assert "5 h later" in picture
    assert "5 min later" in picture
    assert ">Others<" in picture
    assert "<script>alert" not in answer.content.decode()
    assert "…<" in picture


def test_a_span_costs_the_same_however_long_it_is(operator, settings, django_assert_max_num_queries):
    an_exchange(status=404)
    for _ in range(2):
        with django_assert_max_num_queries(12, using=settings.JOURNAL_DATABASE):
            operator.get("/lab/requests/sequence/")
        for number in range(30):
            an_exchange(status=404 if number % 2 else 200)

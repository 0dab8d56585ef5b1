"""The audit reports (screens §16): what they show, how they are narrowed, and their CSV files."""

import csv
import importlib
import io
import pkgutil
from datetime import timedelta

import pytest
import time_machine

from accounts import actions, audit, spreadsheets
from accounts.actions import contact_centre, roles
from accounts.actors import Channel, system
from accounts.models import ActivityEvent, AuditEvent
from accounts.views import reports
from cxadmin import clock
from tests.world import hire, visible

CHANGES, ACTIVITY = "/reporting/change-audit/", "/reporting/activity-audit/"
REPORTS = [CHANGES, ACTIVITY]
SUCCESS, FAILURE = ActivityEvent.Result.SUCCESS, ActivityEvent.Result.FAILURE


def table(response) -> str:
    """What stands below the heads of the columns."""
    page = response.content.decode()
    response.content = page.partition("</thead>")[2].partition("</table>")[0].encode()
    return visible(response)


def rows_of(response) -> list[dict[str, str]]:
    """The lines of a CSV file by the names of its columns."""
    text = b"".join(response.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def happened(world, activity="Log in", *, by="Bob Brown", entity="Session", result=SUCCESS, address="192.0.2.7"):
    audit.activity(
        world.acme.pk,
        by=by,
        entity=entity,
        instance="bob@acme.example",
        activity=activity,
        result=result,
        address=address,
    )


@pytest.fixture
def several(world):
    """Alice renames a role, SCIM changes Dana, and the system hires her."""
    roles.update(world.role, {"name": "Watch", "description": "Wakes"}, actor=world.actor)
    world.dana = world.employee()
    scim = system(world.acme.pk, Channel.SCIM)
    audit.record(scim, "User", world.dana.pk, "Dana Doe", [("User.type", "", "Sabbatical")])
    AuditEvent.objects.exclude(changes_json__regex="Wakes|Sabbatical|dana@").delete()
    return world


def test_all_changes_of_the_tenant_are_there_newest_first(several):
    lines = table(several.client().get(CHANGES))
    assert lines.index("User Dana Doe User.type – Sabbatical System SCIM") < lines.index("User Dana Doe User – created")
    assert lines.index("User – created") < lines.index("Role Watch Role.name Bob's role Watch Alice Archer UI")
    assert "Admin" in lines
    assert "Role.description – Wakes" in lines
    assert "Strangers" not in lines


@pytest.mark.screen("16 changes")
def test_the_columns_are_those_of_the_original(several):
    shown = "Application Modified Time (UTC) Entity Attribute Previous Value Changed Value Triggered By Channel"
    assert shown in visible(several.client().get(CHANGES))
    happened(several)
    shown = "Event Time (UTC) Event ID Triggered By Entity Instance Activity Result Address"
    assert shown in visible(several.client().get(ACTIVITY))


@pytest.mark.screen("16 changes")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("entity=Role", {"Wakes"}),
        ("entity=User", {"Sabbatical", "dana@"}),
        ("entity=nonsense", {"Wakes", "Sabbatical", "dana@"}),
        ("channel=SCIM", {"Sabbatical"}),
        ("channel=UI", {"Wakes"}),
        ("by=system", {"Sabbatical", "dana@"}),
        ("by=nonsense", {"Wakes", "Sabbatical", "dana@"}),
        ("entity=Role&channel=SCIM", set()),
        ("q=wakes", {"Wakes"}),
        ("q=alice", {"Wakes"}),
        ("q=zzz", set()),
    ],
)
def test_changes_are_filtered_and_searched(several, query, found):
    page = visible(several.client().get(f"{CHANGES}?{query}"))
    assert {word for word in ("Wakes", "Sabbatical", "dana@") if word in page} == found
    assert ("Nothing matches your search Clear filters" in page) == (not found)


def test_changes_are_filtered_by_whoever_made_them(several):
    client = several.client()
    page = client.get(f"{CHANGES}?by={several.alice.pk}")
    assert f'value="{several.alice.pk}" selected' in page.content.decode()
    assert "Wakes" in visible(page)
    assert "Sabbatical" not in visible(page)
    assert "Nothing matches" in visible(client.get(f"{CHANGES}?by={several.bob.pk}"))


def test_the_people_to_filter_by_are_the_tenants(several):
    client = several.client()
    found = {person["label"] for person in client.get(f"{CHANGES}people/").json()}
    assert {"System", "Alice Archer (alice@acme.example)", "Bob Brown (bob@acme.example)"} <= found
    assert not any("Charlie" in label for label in found)
    assert [person["value"] for person in client.get(f"{CHANGES}people/?q=bob").json()] == [str(several.bob.pk)]
    assert [person["value"] for person in client.get(f"{CHANGES}people/?q=SYST").json()] == ["system"]
    strange = client.get(f"{CHANGES}?by={several.charlie.pk}")
    assert "Charlie" not in strange.content.decode()


@pytest.mark.screen("16 changes")
@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("sort=by", ["Wakes", "Sabbatical"]),
        ("sort=-by", ["Sabbatical", "Wakes"]),
        ("sort=at", ["Wakes", "Sabbatical"]),
        ("sort=channel", ["Sabbatical", "Wakes"]),
    ],
)
def test_changes_are_sorted(several, query, order):
    lines = table(several.client().get(f"{CHANGES}?{query}"))
    assert sorted(order, key=lines.index) == order


@pytest.mark.screen("16 changes")
@pytest.mark.parametrize("report", REPORTS)
def test_the_last_seven_days_are_shown_unless_another_period_is_asked_for(several, report):
    happened(several, "Token granted: Sabbatical")
    with time_machine.travel(clock.now() + timedelta(days=8)):
        client = several.client()
        empty = "No changes in this period" if report == CHANGES else "No activity in this period"
        assert empty in visible(client.get(report))
        start = clock.ago(days=9).strftime("%Y-%m-%dT%H:%M")
        page = client.get(f"{report}?start={start}")
        assert "Sabbatical" in visible(page)
        assert f"start={start.replace(':', '%3A')}" in page.content.decode().split("<thead>")[1].split("</thead>")[0]
        assert len(rows_of(client.get(f"{report}export/?start={start}"))) > 0


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("start=2030-01-02T10:00&end=2030-01-01T10:00", "The period must start before it ends."),
        ("end=tomorrow", "Enter date and time as in 2026-05-02 14:30."),
    ],
)
def test_an_impossible_period_is_explained(several, report, query, message):
    client = several.client()
    assert message in visible(client.get(f"{report}?{query}"))
    answer = client.get(f"{report}export/?{query}", follow=True)
    assert message in visible(answer)


@pytest.mark.rule("R-AUD-4")
def test_more_details_of_a_change(several):
    client = several.client()
    event = AuditEvent.objects.get(changes_json__contains="Wakes")
    page = visible(client.get(f"{CHANGES}{event.pk}/"))
    assert "More Details" in page
    assert "Credential web session" in page
    strange = AuditEvent.objects.create(
        business_unit=several.strange, at=clock.now(), entity="User", entity_id=several.charlie.pk, entity_label="C",
        changes_json="[]", triggered_by_name="C", channel="UI",
    )  # fmt: skip
    assert client.get(f"{CHANGES}{strange.pk}/").status_code == 404


@pytest.mark.screen("16 activity")
def test_activity_shows_who_did_what_from_where(world):
    happened(world)
    happened(world, "Log in failed: wrong password", result=FAILURE, address="")
    audit.activity(world.strange.pk, by="C", entity="Session", instance="c", activity="Log in", result=SUCCESS)
    page = visible(world.client().get(ACTIVITY))
    assert "Bob Brown Session bob@ acme.example Log in Success 192.0.2.7" in page.replace("bob@acme", "bob@ acme")
    assert "Log in failed: wrong password Failure –" in page
    assert "2 events" in page


@pytest.mark.screen("16 activity")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("result=FAILURE", {"wrong"}),
        ("result=SUCCESS", {"granted"}),
        ("entity=Token", {"granted"}),
        ("entity=Page", set()),
        ("q=192.0.2", {"granted", "wrong"}),
        ("q=GRANTED", {"granted"}),
        ("q=bob%20brown", {"granted", "wrong"}),
        ("sort=result", {"granted", "wrong"}),
        ("q=%25", set()),
    ],
)
def test_activity_is_filtered_and_searched(world, query, found):
    happened(world, "Token granted", entity="Token")
    happened(world, "Wrong password".lower(), result=FAILURE)
    page = visible(world.client().get(f"{ACTIVITY}?{query}"))
    assert {word for word in ("granted", "wrong") if word in page} == found


@pytest.mark.screen("16 activity")
def test_a_sign_in_and_a_refusal_are_in_the_activity_report(world):
    world.bob_may().get("/admin/roles/")
    page = visible(world.client().get(ACTIVITY))
    assert "Bob Brown Page /admin/roles/ Refused: needs Admin > Role Management > View Failure 127.0.0.1" in page


@pytest.mark.screen("16 changes")
def test_the_file_of_changes_holds_what_the_page_shows(several):
    client = several.client()
    answer = client.get(f"{CHANGES}export/?entity=Role")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="change-audit-{clock.now():%Y-%m-%d}.csv"'
    lines = rows_of(answer)
    assert [(line["Attribute"], line["Previous Value"], line["Changed Value"]) for line in lines] == [
        ("Role.name", "Bob's role", "Watch"),
        ("Role.description", "", "Wakes"),
    ]
    assert {(line["Triggered By"], line["Channel"], line["Instance"]) for line in lines} == {
        ("Alice Archer", "UI", "Watch")
    }
    assert {line["Credential"] for line in lines} == {"web session"}
    assert "export/?entity=Role" in client.get(f"{CHANGES}?entity=Role&page=1").content.decode()


@pytest.mark.screen("16 activity")
def test_the_file_of_activity_holds_what_the_page_shows(world):
    happened(world)
    happened(world, "Other", result=FAILURE)
    (line,) = rows_of(world.client().get(f"{ACTIVITY}export/?result=SUCCESS"))
    assert (line["Triggered By"], line["Activity"], line["Result"]) == ("Bob Brown", "Log in", "Success")


def test_the_file_speaks_the_language_of_the_page(several):
    several.client().post("/language/", {"language": "de"})
    several.alice.refresh_from_db()
    answer = several.client().get(f"{CHANGES}export/?channel=SYSTEM")
    assert rows_of(answer)[0]["Attribut"] == "User"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(world, cell):
    assert list(csv.reader([spreadsheets.line([cell])])) == [[f"'{cell}"]]
    happened(world, cell)
    (line,) = rows_of(world.client().get(f"{ACTIVITY}export/"))
    assert line["Activity"] == f"'{cell}"


def test_a_file_is_bounded_and_says_so(world, monkeypatch):
    monkeypatch.setattr(reports, "MOST_EXPORTED", 2)
    for _ in range(3):
        happened(world)
    lines = rows_of(world.client().get(f"{ACTIVITY}export/"))
    assert [line["Activity"] for line in lines] == ["Log in", "Log in", None]
    assert lines[-1]["Event Time (UTC)"] == (
        "Only the first 2 events are in this file. Choose a shorter period for the others."
    )


@pytest.mark.parametrize("report", REPORTS)
def test_a_longer_report_costs_no_more_statements(world, django_assert_max_num_queries, report):
    client = world.client()
    happened(world)
    client.get(report)
    with django_assert_max_num_queries(10) as few:
        client.get(f"{report}?per=100")
    for number in range(40):
        happened(world)
        audit.record(world.actor, "Role", world.role.pk, "Role", [("Role.description", "", str(number))])
    with django_assert_max_num_queries(len(few)):
        assert visible(client.get(f"{report}?per=100")).count("Alice Archer" if report == CHANGES else "Log in") >= 40


def test_the_reports_page(world):
    for _ in range(30):
        happened(world)
    client = world.client()
    assert "30 events" in visible(client.get(ACTIVITY))
    assert table(client.get(f"{ACTIVITY}?page=2")).count("Log in") == 5


@pytest.mark.screen("1.2 app selector")
def test_reporting_is_in_the_app_selector_of_whoever_may_read_a_report(world):
    page = visible(world.bob_may("admin.activity_audit_report_access.on").get(ACTIVITY))
    assert "Reporting" in page
    assert "Change Audit Report" not in page
    assert "Reporting" not in visible(world.bob_may().get("/me/"))


def test_every_kind_of_object_that_is_changed_can_be_filtered_by():
    modules = (
        importlib.import_module(f"accounts.actions.{found.name}") for found in pkgutil.iter_modules(actions.__path__)
    )
    assert {module.ENTITY for module in modules if hasattr(module, "ENTITY")} <= set(audit.ENTITIES)


@pytest.mark.screen("16 read-only")
@pytest.mark.rule("R-AUD-6")
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_reports_are_read_only(world, method):
    for report in REPORTS:
        assert getattr(world.client(), method)(report).status_code == 405


def test_a_stranger_reads_his_own_report(several):
    hire(several.strange, "Cora Cole", several.charlie.primary_role)
    page = visible(several.client(several.charlie).get(CHANGES))
    assert "Cora Cole" in page
    assert "Dana" not in page


def test_what_is_changed_by_a_program_only_can_be_filtered_by_too(world):
    contact_centre.add_hiring_source("Job fair", actor=world.actor)
    assert "HiringSource Job fair HiringSource – created" in table(world.client().get(f"{CHANGES}?entity=HiringSource"))
    assert "Job fair" not in visible(world.client().get(f"{CHANGES}?entity=User"))

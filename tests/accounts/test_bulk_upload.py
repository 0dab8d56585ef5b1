"""Import Employees and the Bulk Upload Portal: what a file may be, and what its rows do (screens §5.5)."""

import io
import zipfile

import pytest

from accounts import spreadsheets
from accounts.actions import bulk_uploads, employees, groups, teams, views
from accounts.actors import Channel, system
from accounts.models import AuditEvent, BulkUpload, Employee, OutboxMail, SecondaryRole, Team
from cxadmin import clock
from cxadmin.middleware import MOST_BYTES
from tests.uploads import HEADER, IMPORT, downloaded, last, person, problems, sheet, stored, upload, work
from tests.world import history_of, visible

PORTAL = "/admin/bulk-upload/"
ACTIVITY = "/admin/bulk-upload/activity/"
REMOVE = "[!***REMOVE***!]"
MAY_IMPORT = "admin.employees.import"
MAY_USE_PORTAL = "admin.bulk_upload.on"
ASSIGN = "admin.role_management.user_assignment"


def named(first: str) -> Employee:
    return Employee.objects.get(first_name=first)


# Storing rows


@pytest.mark.screen("5.5 import page", "5.5 audit")
@pytest.mark.rule("R-EMP-1", "R-AUD-3")
def test_rows_become_employees(world):
    client = world.client()
    answer = upload(client, sheet(person("Dana Doe"), person("Eve Eden")))
    assert (answer.status_code, answer.url) == (302, ACTIVITY)
    assert not Employee.objects.filter(first_name="Dana").exists()
    work()
    dana = named("Dana")
    assert (dana.username, dana.status, dana.source) == ("dana@acme.example", "UNREGISTERED", "IMPORT")
    assert (dana.team.name, dana.primary_role, dana.time_zone) == ("Default Team", world.role, world.acme.time_zone)
    assert sorted(dana.attributes) == sorted(Employee.ATTRIBUTES)
    assert last().status == "COMPLETED"
    page = visible(client.get(ACTIVITY))
    assert "staff.csv Employees Alice Archer" in page
    assert "2/2 Completed" in page
    event = AuditEvent.objects.get(entity_id=dana.pk)
    assert (event.channel, event.triggered_by_name) == (Channel.IMPORT, "Alice Archer")
    assert str(last().pk) in event.credential


@pytest.mark.screen("5.5 employee columns")
def test_every_column_is_stored(world):
    groups.create({"name": "Night shift"}, actor=world.actor)
    groups.create({"name": "Day shift"}, actor=world.actor)
    world.draft("Second", activate=True)
    more = ",Middle Name,Display Name,Mobile Number,Hire Date,Time Zone,Rank,Type"
    more += ",Login Authenticator,Secondary Roles,Groups,Attributes"
    cells = ",Mid,Dana D.,+49 (30) 12,2026-05-02,Europe/Berlin,7,Agent"
    cells += ",System Default,Second,Night shift;Day shift,Digital Engagement"
    found = stored(world.client(), sheet(person("Dana Doe", cells), more=more))
    assert problems(found) == {}
    dana = named("Dana")
    assert (dana.middle_name, dana.display_name, dana.mobile_number) == ("Mid", "Dana D.", "+49 (30) 12")
    assert (str(dana.hire_date), dana.time_zone, dana.rank, dana.type) == ("2026-05-02", "Europe/Berlin", 7, "Agent")
    assert dana.login_authenticator == world.authenticator
    assert [role.name for role in dana.secondary_roles.all()] == ["Second"]
    assert sorted(group.name for group in dana.groups.all()) == ["Day shift", "Night shift"]
    assert dana.attributes == ["digital"]


@pytest.mark.screen("5.5 employee columns")
@pytest.mark.rule("R-BULK-1", "R-EMP-4")
def test_a_blank_cell_changes_nothing_and_remove_empties(world):
    dana = world.employee("Dana Doe", mobile_number="030", display_name="D.", middle_name="M")
    row = f"{dana.pk},,Diana,,new@acme.example,,,,{REMOVE},{REMOVE}"
    found = stored(world.client(), sheet(row, more=",Middle Name,Display Name,Attributes"))
    assert problems(found) == {}
    dana = Employee.objects.get(pk=dana.pk)
    assert (dana.first_name, dana.last_name, dana.middle_name, dana.display_name) == ("Diana", "Doe", "M", "")
    assert (dana.email, dana.email_to_be_verified, dana.username) == ("new@acme.example", "", "dana@acme.example")
    assert (dana.attributes, dana.status) == ([], "ACTIVE")
    assert ("User.firstName", "Dana", "Diana") in history_of(dana)


@pytest.mark.screen("5.5 employee columns")
@pytest.mark.rule("R-BULK-1")
def test_what_is_required_cannot_be_emptied(world):
    dana = world.employee("Dana Doe")
    found = stored(world.client(), sheet(f"{dana.pk},,{REMOVE},,,{REMOVE},"))
    assert problems(found) == {
        2: {"First Name": "First Name cannot be emptied.", "Role Name": "Role Name cannot be emptied."}
    }


@pytest.mark.screen("5.5 rows")
@pytest.mark.rule("R-BULK-1")
def test_the_status_cannot_be_uploaded(world):
    answer = upload(world.client(), sheet(person("Dana Doe", ",Active"), more=",Status"))
    assert "Unknown columns: Status." in visible(answer)


def test_a_row_that_says_nothing_new_leaves_no_trace(world):
    dana = world.employee("Dana Doe")
    before = len(history_of(dana))
    stored(world.client(), sheet(f"{dana.pk},dana@acme.example,Dana,Doe,dana@acme.example,Bob's role,Default Team"))
    assert len(history_of(dana)) == before
    assert last().status == "COMPLETED"


@pytest.mark.rule("R-BULK-3", "R-SCIM-9")
def test_of_a_managed_employee_the_identity_is_refused_and_the_rest_is_not(world):
    ida = world.employee("Ida Imp")
    employees.update(ida, {"display_name": "I."}, actor=system(world.acme.pk, Channel.SCIM))
    client = world.client()
    found = stored(client, sheet(f"{ida.pk},,Other,,,,,030", more=",Mobile Number"))
    assert problems(found) == {2: {"First Name": "Change this in your identity provider."}}
    assert Employee.objects.get(pk=ida.pk).mobile_number == ""
    assert problems(stored(client, sheet(f"{ida.pk},,Ida,Imp,,,,030", more=",Mobile Number"))) == {}
    assert Employee.objects.get(pk=ida.pk).mobile_number == "030"


@pytest.mark.screen("5.5 rows")
def test_good_rows_are_stored_and_bad_ones_reported(world):
    client = world.client()
    found = stored(
        client,
        sheet(
            person("Dana Doe"),
            ",no-mail,,Eden,eve@acme.example,Nobody,Default Team",
            person("Dana Again"),
            "6d0b3c1e-0000-7000-8000-000000000000,,X,,,,",
            "nonsense,,X,,,,",
            person("Finn Fox"),
        ),
    )
    assert (found.status, found.done, found.failed) == ("COMPLETED_WITH_ERRORS", 6, 4)
    assert problems(found) == {
        3: {
            "Username": "Enter an address in the form name@example.com.",
            "First Name": "First Name is required.",
            "Role Name": "There is no active role with this name.",
        },
        4: {"Username": "Username is already in use."},
        5: {"User ID": "There is no employee with this User ID."},
        6: {"User ID": "There is no employee with this User ID."},
    }
    assert {"Dana", "Finn"} <= set(Employee.objects.values_list("first_name", flat=True))
    page = visible(client.get(ACTIVITY))
    assert "2/6 Completed with errors Review Errors" in page


@pytest.mark.screen("5.5 review errors")
def test_the_wrong_cells_are_shown_with_the_reason(world):
    client = world.client()
    found = stored(client, sheet(",no-mail,Eve,Eden,eve@acme.example,Bob's role,Default Team"))
    page = client.get(f"{PORTAL}{found.pk}/")
    assert "no-mail Enter an address in the form name@example.com." in visible(page)
    assert page.content.decode().count('class="is-wrong"') == 1


@pytest.mark.screen("5.5 review errors")
def test_the_bad_rows_can_be_downloaded_corrected_and_uploaded_again(world):
    client = world.client()
    found = stored(client, sheet(person("Dana Doe"), ",no-mail,Eve,Eden,eve@acme.example,Bob's role,Default Team"))
    answer = client.get(f"{PORTAL}{found.pk}/errors/")
    assert answer["Content-Disposition"] == 'attachment; filename="errors.csv"'
    content = b"".join(answer.streaming_content).decode()
    assert "Username: Enter an address in the form name@example.com." in content
    again = stored(client, content.replace("no-mail", "eve@acme.example"))
    assert (again.status, named("Eve").username) == ("COMPLETED", "eve@acme.example")


@pytest.mark.screen("5.5 employee columns")
@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("Hire Date", "02.05.2026", "Enter a date as in 2026-05-02."),
        ("Rank", "many", "Enter a whole number."),
        ("Rank", "1000", "Rank must be between 1 and 999."),
        ("Time Zone", "Berlin", "Berlin is not a time zone. Use an IANA name such as Europe/Berlin."),
        ("Mobile Number", "call me", "Mobile Number can contain digits, spaces and + - ( ) . only."),
        ("Login Authenticator", "Nothing", "There is no active login authenticator with this name."),
        ("Secondary Roles", "Bob's role", "The primary role cannot also be a secondary role."),
        ("Groups", "Nobody;None", "There is no active group named Nobody, None."),
        ("Attributes", "Flying", "There is no active attribute named Flying."),
        ("Invite", "yes", "Enter True, or nothing."),
        ("Display Name", "=HYPERLINK(A1)", "Formulas are not calculated. Enter the value itself."),
        ("Type", "@SUM(1)", "Formulas are not calculated. Enter the value itself."),
    ],
)
def test_each_bad_cell_has_its_own_message(world, column, cell, said):
    found = stored(world.client(), sheet(person("Dana Doe", f",{cell}"), more=f",{column}"))
    assert problems(found) == {2: {column: said}}
    assert not Employee.objects.filter(first_name="Dana").exists()


def test_inactive_roles_and_teams_cannot_be_named(world):
    world.draft("Sleeping")
    teams.create({"name": "Gone", "status": "INACTIVE"}, actor=world.actor)
    row = ",d@acme.example,D,D,d@acme.example,Sleeping,Gone"
    assert problems(stored(world.client(), sheet(row))) == {
        2: {
            "Role Name": "There is no active role with this name.",
            "Team Name": "There is no active team with this name.",
        }
    }


def test_a_row_with_more_cells_than_the_header_is_refused(world):
    found = stored(world.client(), sheet(person("Dana Doe", ",one,two")))
    assert problems(found) == {2: {"": "The row has more cells than the header."}}


def test_one_employee_twice_in_a_file(world):
    dana = world.employee("Dana Doe")
    found = stored(
        world.client(),
        sheet(f"{dana.pk},,First,,,,", f"{dana.pk},bob@acme.example,Wrong,,,,", f"{dana.pk},,,Third,,,"),
    )
    assert problems(found) == {3: {"Username": "Username is already in use."}}
    assert Employee.objects.get(pk=dana.pk).full_name == "First Third"


# Invitations


@pytest.mark.screen("5.5 employee columns")
def test_invite_mails_new_and_not_invited_employees_only(world):
    dana = world.employee("Dana Doe", status="UNREGISTERED", ever_activated=False)
    bob = f"{world.bob.pk},,,,,,,True"
    found = stored(
        world.client(),
        sheet(person("Eve Eden", ",True"), f"{dana.pk},,,,,,,true", bob, person("Finn Fox", ","), more=",Invite"),
    )
    assert problems(found) == {}
    assert sorted(OutboxMail.objects.values_list("to", flat=True)) == ["dana@acme.example", "eve@acme.example"]
    statuses = {person.first_name: person.status for person in Employee.objects.all()}
    assert (statuses["Eve"], statuses["Dana"], statuses["Finn"]) == ("PENDING", "PENDING", "UNREGISTERED")
    assert ("User.invitation", "", "eve@acme.example") in history_of(named("Eve"))


def test_whoever_may_not_invite_or_give_roles_cannot_do_so_by_a_file(world):
    client = world.bob_may(MAY_IMPORT, ASSIGN)
    found = stored(client, sheet(person("Dana Doe", ",True"), more=",Invite"))
    assert problems(found) == {2: {"Invite": "You may not invite employees."}}
    client = world.bob_may(MAY_IMPORT)
    found = stored(client, sheet(person("Dana Doe")))
    assert problems(found) == {2: {"Role Name": "You may not assign roles to employees."}}
    assert not Employee.objects.filter(first_name="Dana").exists()


@pytest.mark.rule("R-EMP-10")
def test_whoever_may_not_give_roles_gives_no_secondary_ones_by_a_file_either(world):
    client = world.bob_may(MAY_IMPORT)
    world.draft("Second", activate=True)
    rows = [f"{person.pk},,,,,,,Second" for person in (world.bob, world.employee("Dana Doe"))]
    found = stored(client, sheet(*rows, more=",Secondary Roles"))
    refused = {"Secondary Roles": "You may not assign roles to employees."}
    assert problems(found) == {2: refused, 3: refused}
    assert not SecondaryRole.objects.exists()


def test_nobody_changes_the_own_role_by_a_file(world):
    row = f"{world.alice.pk},,,,,Bob's role,"
    assert problems(stored(world.client(), sheet(row))) == {
        2: {"Role Name": "You cannot change your own primary role."}
    }


@pytest.mark.rule("R-ROLE-12")
def test_the_last_who_can_edit_roles_stays(world):
    world.role.permissions.create(code=MAY_IMPORT)
    world.role.permissions.create(code=ASSIGN)
    rows = [
        f"{pk},,,,,Bob's role,"
        for pk in Employee.objects.filter(primary_role=world.alice.primary_role).values_list("pk", flat=True)
    ]
    found = stored(world.client(world.bob), sheet(*rows))
    assert found.failed == 1
    assert next(iter(problems(found).values()))[""] == "At least one active employee must be able to edit roles."


# Views


@pytest.fixture
def limited(world):
    """Bob may import, and sees the Blue Team alone, to which Dana belongs."""
    blue = teams.create({"name": "Blue"}, actor=world.actor)
    values = {"name": "Blue only", "type": "USER_DATA", "teams": [blue]}
    view = views.create(values, actor=world.actor)
    employees.update(world.bob, {"views": [view]}, actor=world.actor)
    world.dana = world.employee("Dana Doe", team=blue)
    world.eve = world.employee("Eve Eden")
    return world


@pytest.mark.rule("R-VIEW-1")
def test_whoever_is_limited_by_a_view_reaches_nobody_else_by_a_file(limited):
    client = limited.bob_may(MAY_IMPORT, ASSIGN)
    rows = downloaded(client.get("/admin/bulk-upload/employees/template/"))
    assert [row["First Name"] for row in rows] == ["Bob", "Dana"]
    found = stored(client, sheet(f"{limited.dana.pk},,Diana,,,,", f"{limited.eve.pk},,Evelyn,,,,"))
    assert problems(found) == {3: {"User ID": "There is no employee with this User ID."}}


def test_views_are_given_by_name_and_not_to_oneself(limited):
    client = limited.client()
    row = f"{limited.eve.pk},,,,,,,Blue only"
    assert problems(stored(client, sheet(row, more=",Views"))) == {}
    assert [view.name for view in Employee.objects.get(pk=limited.eve.pk).views.all()] == ["Blue only"]
    row = f"{limited.bob.pk},,,,,,,{REMOVE}"
    found = stored(limited.bob_may(MAY_IMPORT, ASSIGN), sheet(row, more=",Views"))
    assert problems(found) == {2: {"Views": "You cannot change your own views."}}


# Files that cannot be used


def workbook() -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return found.getvalue()


GOOD = sheet(person("Dana Müller"))


@pytest.mark.screen("5.5 rows")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b" \r\n", "The file is empty."),
        (GOOD.encode("cp1252"), "The file is not encoded in UTF-8. Save it as CSV UTF-8 in your spreadsheet program."),
        (bytes(range(256)) * 80_000, "The file is larger than 5 MB."),
        (bytes(range(256)), "The file is not encoded in UTF-8."),
        (b"\x00\x01\x02" * 100, "The file is not a CSV file."),
        (workbook(), "This is a workbook. Save it as CSV UTF-8 in your spreadsheet program."),
        (b"\xff\xfe\x00", "The file is not encoded in UTF-8."),
        (HEADER, "The file holds no row below its header."),
        (sheet(",,,,,,"), "The file holds no row below its header."),
        (sheet(*[person("Dana Doe")] * 1001), "Split the file: at most 1,000 rows."),
        (
            "Username,First Name\r\na@b.c,A\r\n",
            "Missing columns: User ID, Last Name, Email Address, Role Name, Team Name.",
        ),
        (sheet(person("Dana Doe", ",x,y"), more=",Shoe size,Status"), "Unknown columns: Shoe size, Status."),
        (sheet(person("Dana Doe", ",x"), more=",username"), "These columns are there more than once: Username."),
        (
            "Username,First Name,Shoe size,username\r\na@b.c,A,7,d@e.f\r\n",
            "Use the header of the template. These columns are there more than once: Username. Missing columns: User ID,",
        ),
        (sheet('"never closed'), "of the file is not valid CSV."),
        (sheet(person("Dana " + "x" * 200_000)), "of the file is not valid CSV."),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) and " " in value else "",
)
@pytest.mark.rule("R-BULK-2")
def test_a_file_that_cannot_be_used_stores_nothing(world, content, said):
    answer = upload(world.client(), content)
    assert answer.status_code == 422
    assert said in visible(answer)
    assert not BulkUpload.objects.exists()


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Rank," * 300_000 + "Rank", "These columns are there more than once: Rank."),
        ("x" + "," * 1_000_000, "Unknown columns: x"),
        ("x," * 50_000 + "x", "Unknown columns: x, x"),
    ],
    ids=("twice", "empty", "unknown"),
)
def test_a_header_of_any_length_is_read_at_once(world, header, said):
    """Columns are not compared with each other, nor short rows filled up to all of them: either would stop the server."""
    content = "\r\n".join([header, *["x"] * 900])
    assert sum(len(cells) for _line, cells in spreadsheets.read(content.encode()).rows) <= 900 * 100
    assert said in visible(upload(world.client(), content))


def test_no_file_at_all_is_said_so(world):
    answer = world.client().post(IMPORT, {"rows": "all"})
    assert (answer.status_code, "File is required." in visible(answer)) == (422, True)


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        GOOD.replace(",", ";").encode("utf-8-sig"),
        GOOD.replace(",", "\t").encode("utf-16"),
        GOOD.replace("\r\n", "\n").encode(),
        GOOD.replace("\r\n", "\r\n\r\n").encode(),
        GOOD.lower()
        .replace("müller", "Müller")
        .replace("dana,", "Dana,")
        .replace("bob's role,default team", "Bob's role,Default Team")
        .encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "semicolons", "tabs", "lf", "blank lines", "lower-case header"],
)
def test_what_spreadsheet_programs_write_is_read(world, content):
    assert problems(stored(world.client(), content)) == {}
    assert named("Dana").last_name == "Müller"


@pytest.mark.screen("5.5 import page")
def test_only_the_marked_rows_count_unless_all_are_wanted(world):
    content = sheet(person("Dana Doe", ",Y"), person("Eve Eden", ","), person("Finn Fox", ",y"), more=",Row Changed")
    client = world.client()
    found = stored(client, content, rows="changed")
    assert (found.total, Employee.objects.filter(first_name="Eve").exists()) == (2, False)
    answer = upload(client, sheet(person("Gus Green", ","), more=",Row Changed"), rows="changed")
    assert "No row has a Y in the column Row Changed. Mark the rows you changed, or choose All Rows." in visible(answer)
    assert "Missing columns: Row Changed." in visible(upload(client, GOOD, rows="changed"))
    assert stored(client, sheet(person("Eve Eden", ","), more=",Row Changed")).status == "COMPLETED"


# Templates


@pytest.mark.screen("5.5 template")
def test_the_template_holds_the_present_employees_and_comes_back_unchanged(world):
    dana = world.employee("Dana Doe", mobile_number="+49 30", display_name="=cmd()", hire_date=None)
    gone = world.employee("Gus Green")
    employees.deactivate(gone, actor=world.actor)
    client = world.client()
    answer = client.get("/admin/bulk-upload/employees/template/")
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbfUser ID,Username,")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = content.decode("utf-8-sig")
    assert "'+49 30" in text
    assert ",'=cmd()," in text
    assert "Gus" not in text
    assert "Charlie" not in text
    before = AuditEvent.objects.count()
    assert problems(stored(client, content)) == {}
    assert AuditEvent.objects.count() == before
    assert Employee.objects.get(pk=dana.pk).display_name == "=cmd()"


def test_the_template_costs_the_same_however_many_there_are(world, django_assert_max_num_queries):
    client = world.client()

    def cost() -> int:
        with django_assert_max_num_queries(30) as asked:
            assert downloaded(client.get("/admin/bulk-upload/employees/template/"))
        return len(asked)

    cost()
    few = cost()
    for number in range(30):
        world.employee(f"Person{number} Example")
    assert cost() == few


# Teams and team assignments


@pytest.mark.screen("5.5 teams")
def test_teams_are_created_and_changed(world):
    blue = teams.create({"name": "Blue", "description": "old", "lead": world.bob}, actor=world.actor)
    content = (
        "Team ID,Team Name,Description,Team Lead,Row Changed\r\n"
        ",Red,New one,ALICE@acme.example,Y\r\n"
        f"{blue.pk},Azure,{REMOVE},{REMOVE},Y\r\n"
        ",Azure,,,Y\r\n"
        ",Green,,nobody@acme.example,Y\r\n"
        ",,no name,,Y\r\n"
        f"{world.acme.pk},X,,,Y\r\n"
    )
    found = stored(world.client(), content, url=f"{PORTAL}teams/", rows="changed")
    red, blue = Team.objects.get(name="Red"), Team.objects.get(pk=blue.pk)
    assert (red.description, red.lead, red.status) == ("New one", world.alice, "ACTIVE")
    assert (blue.name, blue.description, blue.lead) == ("Azure", "", None)
    assert problems(found) == {
        4: {"Team Name": "Team Name is already in use."},
        5: {"Team Lead": "There is no active employee with this username."},
        6: {"Team Name": "Team Name is required."},
        7: {"Team ID": "There is no team with this Team ID."},
    }
    rows = downloaded(world.client().get(f"{PORTAL}teams/template/"))
    assert {
        "Team ID": str(red.pk),
        "Team Name": "Red",
        "Description": "New one",
        "Team Lead": "alice@acme.example",
        "Row Changed": "",
    } in rows


@pytest.mark.screen("5.5 teams")
@pytest.mark.rule("R-TEAM-1")
def test_employees_are_assigned_to_teams(world):
    blue = teams.create({"name": "Blue"}, actor=world.actor)
    teams.create({"name": "Gone", "status": "INACTIVE"}, actor=world.actor)
    gus = world.employee("Gus Green")
    employees.deactivate(gus, actor=world.actor)
    content = (
        "Username;Team Name\r\n"
        "BOB@acme.example;Blue\r\n"
        "nobody@acme.example;Blue\r\n"
        "alice@acme.example;Gone\r\n"
        "gus@acme.example;Blue\r\n"
        ";Blue\r\n"
    )
    found = stored(world.client(), content, url=f"{PORTAL}team-assignment/")
    assert Employee.objects.get(pk=world.bob.pk).team == blue
    assert ("Team.assignedUser", "", "Bob Brown") in history_of(blue)
    assert ("User.team", "Default Team", "Blue") in history_of(world.bob)
    assert problems(found) == {
        3: {"Username": "There is no employee with this username."},
        4: {"Team Name": "Choose an active team."},
        5: {"Username": "This employee is inactive."},
        6: {"Username": "Username is required."},
    }
    assert {"Username": "bob@acme.example", "Team Name": "Blue"} in downloaded(
        world.client().get(f"{PORTAL}team-assignment/template/")
    )


# The pages


@pytest.mark.screen("5.1 buttons")
def test_the_employees_list_leads_to_the_import(world):
    assert "Import Employees" in visible(world.client().get("/admin/employees/"))
    assert "Import Employees" not in visible(world.bob_may("admin.employees.view").get("/admin/employees/"))


@pytest.mark.screen("5.5 import page")
def test_the_import_page_shows_what_the_specification_names(world):
    page = visible(world.client().get(IMPORT))
    for word in ("Import Employees", "Download Template", "Rows to Include", "Changed Rows Only", "All Rows", "Upload"):
        assert word in page
    assert "Browse For File" in world.client().get(IMPORT).content.decode()


@pytest.mark.screen("5.5 cards")
@pytest.mark.parametrize(
    ("codes", "cards"),
    [
        ((), []),
        ((MAY_IMPORT,), ["Employees"]),
        (("admin.teams.create", "admin.teams.edit"), ["Teams"]),
        (("admin.teams.create",), []),
        (("admin.teams.edit", "admin.employees.edit"), ["Team Assignment"]),
    ],
)
def test_the_portal_has_one_card_for_each_type_one_may_upload(world, codes, cards):
    page = world.bob_may(MAY_USE_PORTAL, *codes).get(PORTAL).content.decode()
    assert [name for name in ("Employees", "Teams", "Team Assignment") if f"<h2>{name}</h2>" in page] == cards


@pytest.mark.screen("5.5 cards")
@pytest.mark.parametrize("slug", ["teams", "team-assignment", "employees"])
def test_uploading_needs_the_permissions_of_the_type(world, slug):
    client = world.bob_may(MAY_USE_PORTAL)
    assert upload(client, GOOD, url=f"{PORTAL}{slug}/").status_code == 403
    assert client.get(f"{PORTAL}{slug}/template/").status_code == 403
    assert world.client().get(f"{PORTAL}nonsense/").status_code == 404


def test_an_upload_is_open_to_its_submitter_without_the_portal(world):
    client = world.bob_may(MAY_IMPORT, ASSIGN)
    answer = upload(client, sheet(person("Dana Doe")))
    assert answer.url == f"{PORTAL}{last().pk}/"
    assert "staff.csv" in visible(client.get(answer.url))
    assert world.client().get(answer.url).status_code == 200
    upload(world.client(), sheet(person("Eve Eden")))
    assert client.get(f"{PORTAL}{last().pk}/").status_code == 403


@pytest.mark.screen("5.5 activity")
def test_the_activity_is_newest_first_filtered_and_the_tenants_own(world):
    client = world.client()
    assert "No uploads yet" in visible(client.get(ACTIVITY))
    upload(client, sheet(person("Dana Doe")), name="first.csv")
    upload(client, sheet(",x,,,,,"), name="second.csv")
    upload(world.client(world.charlie), sheet(person("Eve Eden")), name="strange.csv")
    work()
    page = visible(client.get(ACTIVITY))
    assert page.index("second.csv") < page.index("first.csv")
    assert "strange.csv" not in page
    assert "2 uploads" in page
    narrowed = visible(client.get(f"{ACTIVITY}?status=COMPLETED&type=EMPLOYEES"))
    assert ("first.csv" in narrowed, "second.csv" in narrowed) == (True, False)
    assert "Nothing matches your search" in visible(client.get(f"{ACTIVITY}?type=TEAMS"))


def test_a_visitor_s_file_is_not_even_read(world, client, monkeypatch):
    client.get("/login/")
    monkeypatch.setattr("django.http.multipartparser.MultiPartParser.parse", never)
    answer = upload(client, b"x" * 3_000_000)
    assert answer.status_code == 302
    assert answer.url.startswith("/login/")


def never(*_arguments):
    raise AssertionError("The body was read.")


def test_more_than_a_page_takes_is_not_read_of_anybody(world, monkeypatch):
    client = world.client()
    too_large = upload(client, b"x" * (spreadsheets.LARGEST + 1))
    assert too_large.status_code == 422
    monkeypatch.setattr("django.http.multipartparser.MultiPartParser.parse", never)
    for length in (str(MOST_BYTES + 1), "9" * 20, "-1", "x"):
        answer = client.generic("POST", IMPORT, b"x", "multipart/form-data; boundary=x", CONTENT_LENGTH=length)
        said = "More was sent than this page takes. A file can have at most 5 MB." in visible(answer)
        assert (answer.status_code, said) == (413, True)
    assert not BulkUpload.objects.exists()


def test_only_so_many_files_wait(world, monkeypatch):
    monkeypatch.setattr(bulk_uploads, "MOST_WAITING", 2)
    client = world.client()
    for name in ("Ada One", "Ada Two"):
        assert upload(client, sheet(person(name))).status_code == 302
    refused = upload(client, sheet(person("Ada Three")))
    assert refused.status_code == 422
    assert "2 uploads are waiting already" in visible(refused)
    assert BulkUpload.objects.count() == 2
    work()
    assert upload(client, sheet(person("Ada Three"))).status_code == 302


def test_old_uploads_are_forgotten(world):
    client = world.client()
    upload(client, sheet(person("Ada One")))
    upload(client, sheet(person("Ada Two")))
    old = BulkUpload.objects.order_by("pk").first()
    BulkUpload.objects.filter(pk=old.pk).update(submitted_at=clock.ago(days=bulk_uploads.DAYS_KEPT + 1))
    bulk_uploads.forget_old()
    assert list(BulkUpload.objects.values_list("pk", flat=True)) == [BulkUpload.objects.exclude(pk=old.pk).get().pk]


@pytest.mark.screen("5.5 review errors")
def test_what_is_wrong_is_said_in_the_reader_s_language(world):
    client = world.client()
    found = stored(client, sheet(person("Ann One", role="Nobody"), person("Bea Two"), person("Bea Two"), ",a" * 9))
    url = f"/admin/bulk-upload/{found.pk}/"
    english = "There is no active role with this name."
    said = {
        "en": english,
        "de": "Rolle: Es gibt keinen aktiven Eintrag mit diesem Namen.",
        "ja": "この名前のアクティブな",
    }
    for language, sentence in said.items():
        client.post("/language/", {"language": language})
        assert sentence in visible(client.get(url))
        assert sentence in downloaded(client.get(f"{url}errors/"))[0]["Error"]
        assert (english in visible(client.get(url))) == (language == "en")
    assert Employee.objects.filter(username="bea@acme.example").count() == 1
    assert found.failed == 3

"""Files of rows in the browser: choosing a file, progress that moves by itself, the wrong cells (screens §5.5)."""

import itertools

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.uploads import HEADER

number = itertools.count(1)


def rows(*bad: str) -> str:
    """A file with two new employees of `demo`, and rows that cannot be stored."""
    names = [f"upload{next(number)}@demo.example" for _ in range(2)]
    good = [f",{name},Up,Load,{name},Agent,Default Team" for name in names]
    return "\n".join([HEADER, *good, *bad])


def choose(page, content: str, name: str = "staff.csv") -> None:
    page.get_by_label("File").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content.encode()})


@pytest.mark.screen("5.5 import page")
def test_a_file_is_imported_and_its_progress_moves_by_itself(admin):
    admin.goto("/admin/employees/")
    admin.get_by_role("link", name="Import Employees").click()
    choose(admin, rows(), "two.csv")
    expect(admin.get_by_role("status").filter(has_text="two.csv")).to_be_visible()
    admin.get_by_label("All Rows").check()
    admin.get_by_role("button", name="Upload").click()
    row = admin.get_by_role("row").filter(has_text="two.csv")
    expect(row).to_contain_text("2/2")
    expect(row).to_contain_text("Completed")
    expect(admin.get_by_role("button", name="Notifications")).to_be_visible()


@pytest.mark.screen("5.5 review errors")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_wrong_cells_can_be_reviewed(open_page, signed_in, scheme):
    page = open_page(storage_state=signed_in, color_scheme=scheme)
    page.goto("/admin/bulk-upload/")
    page.get_by_role("link", name="Upload: Employees").click()
    name = f"bad{next(number)}.csv"
    choose(page, rows(",no-mail,Eve,Eden,eve@demo.example,Agent,Default Team"), name)
    page.get_by_label("All Rows").check()
    page.get_by_role("button", name="Upload").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Completed with errors")
    row.get_by_role("link", name="Review Errors").click()
    expect(page.get_by_role("cell", name="no-mail")).to_contain_text("Enter an address in the form name@example.com.")
    assert Axe().run(page).response["violations"] == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download errors").click()
    assert "no-mail" in download.value.path().read_text(encoding="utf-8-sig")


def test_a_file_that_cannot_be_used_is_explained_and_another_one_taken(admin):
    admin.goto("/admin/employees/import/")
    choose(admin, "Name,Shoe size\nA,1")
    admin.get_by_role("button", name="Upload").click()
    expect(admin.get_by_role("alert")).to_contain_text("Unknown columns: Name, Shoe size.")
    choose(admin, rows())
    admin.get_by_label("All Rows").check()
    admin.get_by_role("button", name="Upload").click()
    expect(admin.get_by_role("heading", name="Bulk Upload Portal")).to_be_visible()


@pytest.mark.screen("5.1 team of several")
def test_the_team_of_ticked_rows_is_changed(admin):
    admin.goto("/admin/employees/?q=okta")
    button = admin.get_by_role("button", name="Change Team")
    expect(button).to_be_disabled()
    admin.get_by_role("checkbox", name="All on this page").check()
    button.click()
    dialog = admin.get_by_role("dialog", name="Change Team")
    expect(dialog).to_contain_text("to another team.")
    assert Axe().run(admin).response["violations"] == []
    dialog.get_by_role("combobox", name="New team").fill("Default")
    dialog.get_by_role("option", name="Default Team").last.click()
    dialog.get_by_role("button", name="Move").click()
    expect(admin.get_by_role("status").filter(has_text="moved")).to_be_visible()

"""The API documentation in a browser: the demo credentials fit every operation."""

import pytest
from playwright.sync_api import expect

SCIM = r"SCIM_2\\.0"  # Swagger UI writes a backslash before the dot into the id; a selector wants two
OPERATIONS = [
    ("Tenant", "get_tenants_v2_current", ""),
    (SCIM, "scim_list_groups", "/oauth"),
    (SCIM, "scim_read_what_the_service_can_do", "/basic-auth"),
]


def test_operations_can_be_tried_with_the_demo_credentials(visitor):
    visitor.goto("/api/docs/")
    visitor.get_by_role("button", name="Use the demo credentials").click()
    expect(visitor.get_by_text("Signed in to the tenant demo.")).to_be_visible()
    for tag, name, server in OPERATIONS:
        heading = visitor.locator(f"[id='operations-tag-{tag}']")
        if heading.get_attribute("data-is-open") == "false":
            heading.click()
        operation = visitor.locator(f"[id='operations-{tag}-{name}']")
        operation.locator(".opblock-summary-control").click()
        if server:
            operation.locator("select[id=servers]").select_option(server)
        operation.get_by_role("button", name="Execute").click()
        expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("200")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_redoc_shows_the_document(visitor, theme):
    visitor.emulate_media(color_scheme=theme)
    visitor.goto("/api/docs/redoc/")
    expect(visitor.get_by_role("heading", name="Create a user, not invited yet")).to_be_attached()

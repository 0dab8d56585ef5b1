"""What the tour shows: each scene a page in one state, and the pictures that are taken of it."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

Steps = Callable[[Page], object]


@dataclass(frozen=True, slots=True)
class Take:
    """One picture: the language, the width and the theme of the browser."""

    language: str = "en"
    width: int = 1440
    theme: str = "light"

    @property
    def suffix(self) -> str:
        """What the name of the file says about it; nothing for the usual one."""
        words = (self.language, str(self.width), self.theme)
        return "".join(f"-{word}" for word, usual in zip(words, ("en", "1440", "light"), strict=True) if word != usual)


@dataclass(frozen=True, slots=True)
class Scene:
    """A page in one state.

    Attributes:
        name: of the picture's file.
        says: what there is to see, in one sentence.
        path: the address to open.
        steps: what is done there before the picture is taken.
        takes: the pictures; the first one is the usual.
        height: of the window.
    """

    name: str
    title: str
    says: str
    path: str
    steps: Steps | None = None
    takes: tuple[Take, ...] = (Take(),)
    height: int = 900

    @property
    def is_public(self) -> bool:
        return self.path.startswith("/login/")


DARK, GERMAN, JAPANESE, NARROW = Take(theme="dark"), Take("de"), Take("ja"), Take(width=1024)
EVERY_LANGUAGE = (Take(), JAPANESE, GERMAN)
SMALL_DARK = Take(width=1024, theme="dark")


def opens(text: str) -> Steps:
    """Follow the link of this name in the list."""

    def steps(page: Page) -> None:
        page.get_by_role("row").get_by_role("link", name=text).first.click()
        page.wait_for_load_state("networkidle")

    return steps


def opens_tab(text: str, tab: str) -> Steps:
    """Follow the link of this name, then open one of the tabs of its page."""

    def steps(page: Page) -> None:
        opens(text)(page)
        page.goto(f"{page.url.partition('?')[0]}?tab={tab}", wait_until="networkidle")

    return steps


def clicks(*selectors: str) -> Steps:
    """Click what these selectors find, one after the other."""

    def steps(page: Page) -> None:
        for selector in selectors:
            page.locator(selector).first.click()
            page.wait_for_load_state("networkidle")

    return steps


def finds(words: str) -> Steps:
    """Open the palette and type."""

    def steps(page: Page) -> None:
        page.keyboard.press("Control+k")
        page.locator("#palette-found [role=option]").first.wait_for()
        page.keyboard.type(words)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)

    return steps


def shows_the_keys(page: Page) -> None:
    """Open the sheet of keys."""
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()


def shows_the_bell(page: Page) -> None:
    """Open the notifications."""
    page.locator("#bell").click()
    page.locator(".notification-panel .notification").first.wait_for()


def ticks_and_asks_for_a_team(page: Page) -> None:
    """Tick three employees and open Change Team."""
    for place in range(2, 5):
        page.locator("tbody td.tick input").nth(place).check()
    page.locator("#move-ticked").click()
    page.locator("dialog[open]").wait_for()


SCENES = (
    Scene(
        "sign-in",
        "Log in",
        "One address for everybody; the username comes first, as in the original.",
        "/login/",
        takes=(Take(), JAPANESE),
        height=600,
    ),
    Scene(
        "employees",
        "Employees",
        "The list everybody knows, with live search, filters and row menus; the state stays in the address.",
        "/admin/employees/",
        takes=(*EVERY_LANGUAGE, DARK, SMALL_DARK),
    ),
    Scene(
        "employee",
        "Employee profile",
        "What the identity provider manages is read-only and says so.",
        "/admin/employees/?q=nadia",
        opens("Nadia"),
        takes=(Take(), GERMAN),
    ),
    Scene(
        "change-team",
        "Change Team",
        "What several employees need is done for all of them at once.",
        "/admin/employees/?status=ACTIVE",
        ticks_and_asks_for_a_team,
    ),
    Scene(
        "permissions",
        "Role: permissions",
        "The permission editor: an action brings what it needs along.",
        "/admin/roles/?q=supervisor",
        opens_tab("Supervisor", "permissions"),
        takes=EVERY_LANGUAGE,
    ),
    Scene(
        "role-comparison",
        "Compare roles",
        "Two roles side by side, with what differs marked.",
        "/admin/roles/?q=supervisor",
        lambda page: (opens("Supervisor")(page), clicks("a[href*='/roles/compare/']")(page), _second_role(page)),
        takes=(Take(), DARK),
    ),
    Scene(
        "role-history",
        "Change History",
        "Every record tells who changed what, when and through which door.",
        "/admin/roles/?q=supervisor",
        opens_tab("Supervisor", "history"),
    ),
    Scene("teams", "Teams", "Teams, their leads and how many people they have.", "/admin/teams/"),
    Scene("groups", "Groups", "Groups of employees, whichever team these belong to.", "/admin/groups/"),
    Scene(
        "templates", "Employee Templates", "Values for new employees, loaded in one step.", "/admin/employee-templates/"
    ),
    Scene("views", "Views", "What somebody gets to see.", "/admin/views/"),
    Scene(
        "authenticators",
        "Login Authenticator",
        "Password policies, SAML 2.0 and OpenID Connect.",
        "/admin/login-authenticators/",
    ),
    Scene("locked-employees", "Locked Employees", "Who is shut out, why and until when.", "/admin/locked-employees/"),
    Scene(
        "import-employees", "Import Employees", "A file of employees, checked row by row.", "/admin/employees/import/"
    ),
    Scene("bulk-upload", "Bulk Upload Portal", "One card for each type of record.", "/admin/bulk-upload/"),
    Scene(
        "bulk-upload-activity",
        "Bulk uploads: Activity",
        "Uploads and how far they are.",
        "/admin/bulk-upload/activity/",
    ),
    Scene(
        "bulk-upload-errors",
        "Bulk uploads: Review Errors",
        "The rows that failed, the wrong cells marked, each with a hint.",
        "/admin/bulk-upload/activity/?status=COMPLETED_WITH_ERRORS",
        opens("new-hires-may.csv"),
        takes=(Take(), JAPANESE),
    ),
    Scene(
        "account-settings",
        "Account Settings",
        "Everything about signing in and SCIM on one page, or on tabs.",
        "/admin/account-settings/",
        takes=EVERY_LANGUAGE,
        height=1100,
    ),
    Scene("applications", "Applications", "The applications that have registered.", "/admin/applications/"),
    Scene(
        "developer-portal",
        "Developer Portal",
        "The business unit ID first, then the addresses an integration needs.",
        "/developer/",
        takes=(NARROW,),
    ),
    Scene(
        "business-unit",
        "Business Unit details",
        "Our addresses beside the original's.",
        "/acd/business-unit/",
        takes=(NARROW,),
    ),
    Scene(
        "change-audit",
        "Change Audit Report",
        "All changes of the tenant, with filters, search and CSV.",
        "/reporting/change-audit/",
        takes=(Take(), GERMAN),
    ),
    Scene(
        "activity-audit",
        "Activity Audit Report",
        "Sign-ins, failures, locks and token grants.",
        "/reporting/activity-audit/",
        takes=(Take(), SMALL_DARK),
    ),
    Scene(
        "palette", "Go to", "Ctrl+K leads to any screen, employee or role.", "/admin/teams/", finds("co"), takes=(DARK,)
    ),
    Scene("keyboard", "Keyboard", "What the keys do; `?` shows it anywhere.", "/admin/groups/", shows_the_keys),
    Scene(
        "notifications",
        "Notifications",
        "Uploads that ended and registrations that wait.",
        "/admin/groups/",
        shows_the_bell,
    ),
    Scene(
        "apps",
        "App selector",
        "The applications one may open, by group.",
        "/admin/groups/",
        clicks("[popovertarget=apps]"),
        takes=(Take(), GERMAN),
    ),
    Scene("my-profile", "My Profile", "Who one is, the own access keys, and how long messages stay.", "/me/"),
    Scene(
        "lab",
        "Lab: overview",
        "What clients did lately, drawn and in numbers, and what was refused last.",
        "/lab/",
        takes=(Take(), JAPANESE, DARK),
    ),
    Scene(
        "lab-requests",
        "Lab: requests",
        "Every request of a program, live.",
        "/lab/requests/",
        takes=(Take(), SMALL_DARK),
    ),
    Scene(
        "lab-request",
        "Lab: why a request ended so",
        "The cause in plain words, what to change, and below it request and answer.",
        "/lab/requests/?status=4",
        opens("Users"),
        takes=(Take(), GERMAN),
    ),
    Scene(
        "lab-patch",
        "Lab: what a PATCH changed",
        "Each operation of a PATCH with its effect.",
        "/lab/requests/?method=PATCH",
        opens("Users"),
        takes=(NARROW,),
    ),
    Scene("mail-outbox", "Lab: mail outbox", "Every mail is kept here, whether it was sent or not.", "/lab/mail/"),
    Scene(
        "api-docs",
        "API documentation",
        "The REST, OAuth and SCIM interfaces, described and ready to try.",
        "/api/docs/",
        lambda page: page.wait_for_timeout(2500),
    ),
)


def _second_role(page: Page) -> None:
    page.get_by_role("combobox").nth(1).fill("Quality")
    page.get_by_role("option").first.click()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)

"""The console in Japanese and German (screens §1.2): no English is left, labels are the original's, dates and numbers the
reader's; and what is stored, mailed or answered to programs is in the language it has to be in."""

import re
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import translation

from accounts import permissions
from accounts.actions import employees, roles, sign_in, templates
from accounts.actors import system
from accounts.console import local
from accounts.models import ActivityEvent, AuditEvent, Employee, OutboxMail
from tests import messages
from tests.accounts.test_page_permissions import LAB, PERMITTED, PUBLIC, SIGNED_IN
from tests.accounts.test_role_list import names
from tests.world import VIEW_ROLES, visible

SPOKEN = (
    "aria-label",
    "title",
    "placeholder",
    "alt",
    "data-none",
    "data-some",
    "data-copied",
    "data-failed",
    "data-count",
)
# What reads like a text of ours, but is data: the body of a mail, a time zone.
DATA = {"Text", "Japan"}
# What the audit trail calls things, and a name as it was stored.
AUDITED = {"Application", "Group", "Role", "Team", "User", "View", "Administrator"}
PERMISSIONS = {toggle.audit_name for toggle in permissions.TOGGLES.values()}


class Texts(HTMLParser):
    """What a page shows or says, but for parts that are in a language of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.silent = 0
        self.foreign = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.silent += tag in ("script", "style")
        if tag == "button" and "lang" in given:
            self.foreign = tag
        self.found.update(value.strip() for name, value in attrs if name in SPOKEN and value)

    def handle_endtag(self, tag):
        self.silent -= tag in ("script", "style")
        if tag == self.foreign:
            self.foreign = ""

    def handle_data(self, data):
        if data.strip() and not self.silent and not self.foreign:
            self.found.add(re.sub(r"\s+", " ", data.strip()))


@cache
def english(language: str) -> re.Pattern[str]:
    """Recognises every text of ours that has another form in this language."""
    forms = set()
    ours = [message for message in messages.read(language) if message.id]
    translated = {form for message in ours for form in messages.forms(message.string)}
    for message in ours:
        for form in messages.forms(message.id):
            if form not in translated and re.search(r"[A-Za-z]{2}", re.sub(r"%\(\w+\)[sd]", "", form)):
                with_words = re.sub(r"%\\\(\w+\\\)s", ".+?", re.escape(form))
                forms.add(re.sub(r"%\\\(\w+\\\)d", "[0-9.,]+", with_words))
    return re.compile("|".join(sorted(forms)))


def leftovers(response, language: str) -> set[str]:
    parser = Texts()
    parser.feed(response.content.decode().replace("<wbr>", ""))
    said = {text for text in parser.found - DATA if english(language).fullmatch(text)}
    return {text for text in said if text.partition(", ")[0] not in PERMISSIONS}


def speaking(client, language: str):
    client.post("/language/", {"language": language})
    return client


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_no_page_has_english_left(world, client, language):
    world.alice.is_lab_operator = True
    world.alice.save(update_fields=["is_lab_operator"])
    visitor, admin = speaking(client, language), speaking(world.client(), language)
    left = {}
    # A mail is in the language of whoever gets it.
    pages = [page for page in (*PUBLIC, *SIGNED_IN, *PERMITTED, *LAB) if page.name != "lab:mail-html"]
    for page in pages:
        answer = page.open(visitor if page in PUBLIC else admin, page.own(world))
        if answer["Content-Type"].startswith("text/html") and answer.content:
            assert answer["Content-Language"] == language
            if b"<html" in answer.content:
                assert f'<html lang="{language}"'.encode() in answer.content
            data = AUDITED if "history" in page.name or "report" in page.name else set()
            if "mail" in page.name:  # subjects are in the language of whoever got them
                data = set(OutboxMail.objects.values_list("subject", flat=True))
            if found := leftovers(answer, language) - data:
                left[page.name] = found
    assert left == {}


def test_english_is_recognised(world):
    """The test above can fail."""
    assert leftovers(world.client().get("/admin/roles/"), "de") >= {"Roles and Permissions", "New Role", "Search"}


@pytest.mark.parametrize("language", messages.LANGUAGES)
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("employee-new", {}),
        ("role-new", {"name": "a/b", "description": "<b>x</b>"}),
        ("team-new", {"name": "x" * 60}),
        ("group-new", {}),
        ("template-new", {}),
        ("authenticator-new", {"type": "SAML2"}),
        ("account-settings", {}),
        ("password-change", {"new_password": "a", "confirm_password": "b"}),
        ("application-register", {"requester_email": "nobody"}),
    ],
)
def test_messages_speak_the_language_too(world, language, name, values):
    answer = speaking(world.client(), language).post(reverse(f"accounts:{name}"), values)
    assert answer.status_code == 422
    assert leftovers(answer, language) == set()


LABELS = [
    ("/admin/roles/", "ja", "セキュリティ設定 役割と権限 ログイン認証コード"),
    ("/admin/roles/", "ja", "新しいロール"),
    ("/admin/roles/", "ja", "名前 説明 ステータス ユーザー 最終更新 アクション"),
    ("/admin/roles/", "de", "Sicherheit Rollen und Berechtigungen Login-Authentifikator"),
    ("/admin/roles/", "de", "Neue Rolle"),
    ("/admin/roles/new/", "ja", "キャンセル 保存 保存&アクティブ化"),
    ("/admin/roles/new/", "ja", "管理者 0 ACD"),
    ("/admin/roles/new/", "ja", "表示 検索 作成 編集 非アクティブ化 ユーザー割り当て"),
    ("/admin/roles/new/", "de", "Abbrechen Speichern Speichern & Aktivieren"),
    ("/admin/roles/new/", "de", "Anzeigen Suchen Erstellen Bearbeiten Deaktivieren Benutzerzuweisung"),
    ("/admin/roles/new/", "de", "Kann Kennwörter verwalten"),
    ("/admin/employees/new/", "de", "Mitarbeiter erstellen"),
    ("/admin/employees/new/", "de", "Erstellen & einladen"),
    ("/admin/employees/new/", "ja", "作成して招待"),
    ("/admin/account-settings/", "ja", "SCIMプロビジョニングされたフィールドを設定する"),
    ("/admin/account-settings/", "de", "Von SCIM bereitgestellte Felder konfigurieren"),
    ("/developer/register/", "ja", "ビジネスユニットID"),
    ("/me/", "de", "Mein Profil"),
    ("/logout/", "ja", "はい"),
]


@pytest.mark.parametrize(("path", "language", "text"), LABELS)
def test_labels_are_the_original_s(world, path, language, text):
    assert text in visible(speaking(world.client(), language).get(path))


def test_dates_are_written_as_the_reader_writes_them(world):
    world.role.modified_at = datetime(2026, 5, 2, 8, 9, 10, tzinfo=UTC)
    world.role.save()
    client = world.client()
    for language, date in (("en", "2026-05-02"), ("de", "02.05.2026"), ("ja", "2026/05/02")):
        page = speaking(client, language).get("/admin/roles/")
        assert date in visible(page)
        assert 'datetime="2026-05-02T08:09:10+00:00"' in page.content.decode()


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "12,345 roles"), ("de", "12.345 Rollen"), ("ja", "役割12,345件")]
)
def test_thousands_are_set_apart(language, shown):
    with translation.override(language):
        words = translation.ngettext("%(n)d role", "%(n)d roles", 12345) % {"n": 12345}
        assert local.counted(words, 12345) == shown


def test_the_audit_trail_is_stored_in_english_and_shown_in_the_reader_s_language(world):
    client = speaking(world.client(), "de")
    role = roles.create({"name": "Prüfer"}, [VIEW_ROLES], actor=world.actor)
    chosen = [VIEW_ROLES, "admin.scim.on"]
    values = {"name": "Prüfer", "description": "created", "permission": chosen, "version": role.version}
    assert client.post(f"/admin/roles/{role.pk}/", values).status_code == 302
    event = AuditEvent.objects.filter(entity_id=role.pk).latest("at")
    assert ["Role.permission Admin/SCIM", "Off", "On"] in [list(change) for change in event.changes]
    page = visible(client.get(f"/admin/roles/{role.pk}/history/"))
    assert "Role.permission Admin/SCIM Aus Ein" in page
    assert "Role – erstellt" in page
    assert "Role.description – created" in page


def test_a_refusal_is_logged_in_english(world):
    page = speaking(world.bob_may(), "ja").get("/admin/roles/")
    assert "管理者 > 役割管理 > 表示" in visible(page)
    assert (
        ActivityEvent.objects.get(instance="/admin/roles/").activity == "Refused: needs Admin > Role Management > View"
    )


def test_activity_is_shown_in_the_reader_s_language(world):
    world.bob_may().get("/admin/roles/")
    report = visible(speaking(world.client(), "de").get("/reporting/activity-audit/"))
    assert "Abgelehnt: needs Admin > Role Management > View" in report


@pytest.mark.screen("3 mails")
@pytest.mark.parametrize(
    ("language", "subject", "until"),
    [
        (None, "Activate your account – cxadmin – Acme", "The link is valid until"),
        ("de", "Aktivieren Sie Ihr Konto – cxadmin – Acme", "Der Link gilt bis"),
        ("ja", "アカウントをアクティブ化してください – cxadmin – Acme", "まで有効で、1回だけ使用できます。"),
    ],
)
def test_mail_is_in_the_language_of_whoever_gets_it(world, language, subject, until):
    employee = world.employee("Dana Doe", status="UNREGISTERED", ever_activated=False, password="")
    Employee.objects.filter(pk=employee.pk).update(language=language)
    employee.refresh_from_db()
    with translation.override("ja" if language == "de" else "de"):
        employees.invite(employee, actor=system(world.acme.pk))
    mail = OutboxMail.objects.get(to=employee.email)
    assert mail.subject == subject
    assert until in mail.text


@pytest.mark.parametrize("path", ["/scim/v2/Users", "/user-management/v1/users", "/auth/token"])
def test_programs_are_answered_in_english(client, path):
    client.cookies["cxadmin_language"] = "ja"
    answer = client.post(path, headers={"Accept-Language": "ja"})
    assert answer.status_code >= 400
    assert answer.content.decode().isascii()


# What is searched and sorted is what is read


HISTORY_WORDS = [("de", "erstellt", 1), ("ja", "作成", 1), ("de", "gelöscht", 0), ("en", "created", 1)]


@pytest.mark.screen("1.4 history")
@pytest.mark.parametrize(("language", "words", "found"), HISTORY_WORDS)
def test_a_history_is_searched_for_the_words_it_shows(world, language, words, found):
    role = roles.create({"name": "Prüfer"}, [VIEW_ROLES], actor=world.actor)
    page = speaking(world.client(), language).get(f"/admin/roles/{role.pk}/history/", {"q": words})
    assert bool(re.search(rf"/admin/roles/{role.pk}/history/[0-9a-f-]+/", page.content.decode())) == bool(found)


def test_a_switch_is_found_by_the_word_it_shows(world):
    client = speaking(world.client(), "de")
    role = roles.create({"name": "Prüfer"}, [VIEW_ROLES], actor=world.actor)
    roles.update(role, {}, [VIEW_ROLES, "admin.scim.on"], actor=world.actor)
    page = visible(client.get(f"/admin/roles/{role.pk}/history/", {"q": "Aus"}))
    assert "Role.permission Admin/SCIM Aus Ein" in page
    assert "erstellt" not in page


@pytest.mark.screen("16 changes")
def test_the_product_itself_is_named_and_found_in_the_reader_s_language(world):
    client = speaking(world.client(), "ja")
    found = visible(client.get("/reporting/change-audit/", {"q": "システム"}))
    assert "作成済み システム" in found or "システム システム" in found
    assert "System システム" not in found
    file = downloaded_text(client.get("/reporting/change-audit/export/", {"q": "システム"}))
    assert ",システム,システム," in file


@pytest.mark.screen("16 activity")
def test_activity_is_shown_and_found_in_the_reader_s_language_reason_included(world):
    sign_in.attempt(world.bob, "wrong", "", address="203.0.113.7")
    client = speaking(world.client(), "de")
    shown = visible(client.get("/reporting/activity-audit/", {"q": "falsches Passwort"}))
    assert (
        "Anmelden abgelehnt: falsches Passwort oder MFA-Token" in shown or "falsches Passwort oder MFA-Token" in shown
    )
    file = downloaded_text(client.get("/reporting/activity-audit/export/", {"q": "falsches Passwort"}))
    assert "falsches Passwort oder MFA-Token" in file
    assert "bob@acme.example" not in visible(client.get("/reporting/activity-audit/", {"q": "inaktiv"}))


@pytest.mark.screen("4.1 columns", "4.1 search and filter")
def test_roles_are_sorted_and_found_by_the_names_that_are_read(world):
    # In Japanese Administrator begins with 管, which comes behind any Latin letter.
    roles.create({"name": "Zebra"}, [], actor=world.actor)
    client = world.client()
    assert names(client.get("/admin/roles/")) == ["Administrator", "Bob&#x27;s role", "Zebra"]
    speaking(client, "ja")
    assert names(client.get("/admin/roles/")) == ["Bob&#x27;s role", "Zebra", "管理者"]
    assert names(client.get("/admin/roles/?sort=-name")) == ["管理者", "Zebra", "Bob&#x27;s role"]
    assert names(client.get("/admin/roles/?q=管理")) == ["管理者"]
    assert "管理者" in visible(client.get("/me/find/", {"q": "管理者"}))


@pytest.mark.screen("5.1 search and sort", "6 list", "7 assigned users", "12.5 SCIM")
def test_what_has_a_role_is_sorted_and_chosen_by_the_names_that_are_read(world):
    # Administrator is 管理者 in Japanese and comes last; Bob's role is called the same everywhere.
    for name, role in (("Zero", world.alice.primary_role), ("One", world.role)):
        values = {"name": name, "team": world.alice.team, "primary_role": role}
        templates.create(values, actor=world.actor)
    client = world.client()
    team = f"/admin/teams/{world.alice.team_id}/users/?sort=role"
    for language, last in (("en", "Bob Brown"), ("ja", "Alice Archer")):
        speaking(client, language)
        assert names(client.get("/admin/employees/?sort=role"))[-1] == last
        assert re.findall(r"Alice Archer|Bob Brown", visible(client.get(team)).split("@", 1)[1])[-1] == last
        assert names(client.get("/admin/employee-templates/?sort=role"))[-1] == {"en": "One", "ja": "Zero"}[language]
        page = client.get("/admin/account-settings/").content.decode()
        offered = re.findall(r">([^<]+)</option>", page.split('name="scim_default_role"')[1].split("</select>")[0])
        assert (
            offered[1:] == {"en": ["Administrator", "Bob&#x27;s role"], "ja": ["Bob&#x27;s role", "管理者"]}[language]
        )


def downloaded_text(response):
    return b"".join(response.streaming_content).decode("utf-8-sig")

"""The mail outbox of the lab: every mail of every tenant, for lab operators; nothing in a mail can do anything there."""

import re

import pytest

from accounts import emails
from accounts.actions import employees, passwords
from accounts.models import OutboxMail
from accounts.permissions import LAB_OPERATOR
from cxadmin.lab import mail as outbox
from tests.world import link_in_mail, visible

BOX = "/lab/mail/"


def operator(world):
    return world.bob_may(LAB_OPERATOR)


def mail(unit, to="bob@acme.example", subject="Hello", text="Text", attachments=()):
    return emails.send(unit.pk, to, subject, text, attachments)


def test_it_is_empty_at_first(world):
    page = visible(operator(world).get(BOX))
    assert "No messages yet" in page
    assert "0 messages" in page


def test_the_newest_comes_first_with_its_recipient(world):
    mail(world.acme, subject="First", to="one@acme.example")
    mail(world.acme, subject="Second", to="two@acme.example")
    page = visible(operator(world).get(BOX))
    assert page.index("two@acme.example Second") < page.index("one@acme.example First")
    assert "2 messages" in page


@pytest.mark.parametrize("words", ["WELCOME", "dana@", "/activate/"])
def test_it_searches_subject_recipient_and_text(world, words):
    mail(world.acme, to="dana@acme.example", subject="Welcome", text="http://x/activate/abc/")
    mail(world.acme, subject="Other")
    page = visible(operator(world).get(BOX, {"q": words}))
    assert "1 message" in page
    assert "Other" not in page.split("messages")[-1]


def test_a_list_of_many_costs_no_more_than_one_of_few(world, django_assert_max_num_queries):
    client = operator(world)
    client.get(BOX)
    for number in range(60):
        mail(world.acme, subject=f"Mail {number}")
    with django_assert_max_num_queries(8):
        page = client.get(BOX)
    assert visible(page).count("bob@acme.example") == 25


def test_a_reset_mail_is_found_and_its_link_works(world, client):
    passwords.request_reset(world.bob)
    found = OutboxMail.objects.get()
    page = operator(world).get(f"{BOX}{found.pk}/")
    link = link_in_mail("reset")
    assert f'href="{emails.settings.PUBLIC_URL}{link}"' in page.content.decode()
    assert "To bob@acme.example" in visible(page)
    assert "Kept here only" in visible(page)
    assert client.get(link).status_code == 200


def test_an_invitation_can_be_followed_from_the_outbox(world):
    dana = world.employee("Dana Doe", status="UNREGISTERED", ever_activated=False)
    employees.invite(dana, actor=world.actor)
    page = operator(world).get(BOX)
    assert "dana@acme.example Activate your account – cxadmin – Acme" in visible(page)


def test_markup_in_a_mail_is_text(world):
    found = mail(
        world.acme,
        subject="<script>alert(1)</script>",
        text='<img src=x onerror=alert(1)> javascript:alert(1) https://x.example/?a=1&b=<b>"',
    )
    for page in (operator(world).get(BOX), operator(world).get(f"{BOX}{found.pk}/")):
        html = page.content.decode()
        assert "<script>alert(1)" not in html
        assert "<img src=x" not in html
        assert "<b>" not in html
        assert 'href="javascript' not in html
    assert 'href="https://x.example/?a=1&amp;b=' in html


def test_line_breaks_are_kept(world):
    found = mail(world.acme, text="One\nTwo\n\nThree")
    assert "<p>One<br>Two</p>" in operator(world).get(f"{BOX}{found.pk}/").content.decode()


FILE = {"name": "登録.html", "media_type": "text/html", "content": "<script>alert('ü')</script>"}


def test_an_attachment_is_downloaded_and_never_shown(world):
    found = mail(world.acme, attachments=[FILE])
    page = operator(world).get(f"{BOX}{found.pk}/")
    assert "登録.html" in visible(page)
    assert "alert" not in page.content.decode()
    answer = operator(world).get(f"{BOX}{found.pk}/attachments/1/")
    assert answer.content.decode() == FILE["content"]
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize("number", ["0", "2", "99999999999999999999"])
def test_an_attachment_that_is_not_there_is_not_found(world, number):
    found = mail(world.acme, attachments=[FILE])
    assert operator(world).get(f"{BOX}{found.pk}/attachments/{number}/").status_code == 404


def test_it_holds_the_mail_of_every_tenant_and_can_be_narrowed_to_one(world):
    mail(world.strange, to="charlie@strange.example", subject="Elsewhere")
    mail(world.acme, subject="Here")
    client = operator(world)
    assert "2 messages" in visible(client.get(BOX))
    page = visible(client.get(BOX, {"tenant": str(world.strange.pk)}))
    assert "1 message" in page
    assert "charlie@strange.example Elsewhere strange" in page


def test_the_html_part_is_shut_in_and_can_do_nothing(world):
    found = mail(world.acme, text="Hello\n\nhttp://x.example/a?b=1&c=2. <script>alert(1)</script>")
    client = operator(world)
    page = client.get(f"{BOX}{found.pk}/")
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert re.search(r"<iframe[^>]*\bsandbox\s", page.content.decode())
    answer = client.get(f"{BOX}{found.pk}/html/")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script" not in policy
    assert "<script>" not in answer.content.decode()
    OutboxMail.objects.update(html="")
    assert client.get(f"{BOX}{found.pk}/html/").status_code == 404
    assert "iframe" not in client.get(f"{BOX}{found.pk}/").content.decode()


def test_its_links_are_listed(world):
    found = mail(world.acme, text="See (http://x.example/a), http://x.example/b. Again http://x.example/a")
    assert outbox.links(found) == ["http://x.example/a", "http://x.example/b"]
    page = visible(operator(world).get(f"{BOX}{found.pk}/"))
    assert "Links 2" in page
    assert "no links" in visible(operator(world).get(f"{BOX}{mail(world.acme).pk}/"))


def test_only_lab_operators_read_it(world):
    found = mail(world.acme, to="alice@acme.example")
    for path in (BOX, f"{BOX}{found.pk}/", f"{BOX}{found.pk}/html/"):
        assert world.client().get(path).status_code == 403
    assert "Mail outbox" not in visible(world.client().get("/me/"))


def test_it_has_its_place_in_the_app_selector_and_its_own_menu(world):
    page = visible(operator(world).get(BOX))
    assert "Lab Lab" in page
    assert "Mail outbox" in page.split("Collapse the menu")[0]

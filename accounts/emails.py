"""The mails the product sends: into the outbox always, by SMTP where EMAIL_URL is set (screens §3)."""

import uuid
from collections.abc import Sequence
from typing import TypedDict

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import addresses, registration_files
from accounts.models import Application, BusinessUnit, Employee, MailedLink, OutboxMail
from cxadmin import clock


class Attachment(TypedDict):
    """A text file in a mail."""

    name: str
    media_type: str
    content: str


def send(
    business_unit_id: uuid.UUID,
    to: str,
    subject: str,
    text: str,
    attachments: Sequence[Attachment] = (),
    *,
    button: str = "",
) -> OutboxMail:
    """Put a message into the outbox; once the transaction holds, hand it to SMTP if that is set up.

    Args:
        text: its paragraphs, an empty line between them; the HTML part is made from it.
        button: what the HTML part calls the link that is a paragraph by itself.
    """
    mail = OutboxMail.objects.create(
        business_unit_id=business_unit_id,
        to=to,
        subject=subject,
        text=text,
        html=_html(subject, text, button),
        attachments=list(attachments),
        created_at=clock.now(),
    )
    if settings.EMAIL_URL:
        transaction.on_commit(lambda: _deliver(mail))
    return mail


def invitation(employee: Employee, business_unit: BusinessUnit, link: MailedLink, token: str) -> None:
    """The activation mail; each mail names the username, holds one link and says until when it is valid."""
    with translation.override(employee.language or settings.LANGUAGE_CODE):
        subject = _("Activate your account – %(product)s – %(tenant)s") % {
            "product": settings.PRODUCT_NAME,
            "tenant": business_unit.name,
        }
        lead = _("An account has been created for you. Choose a password to activate it.")
        text = _body(employee, link, f"/activate/{token}/", lead)
        send(business_unit.pk, employee.email, subject, text, button=_("Activate your account"))


def password_reset(employee: Employee, link: MailedLink, token: str) -> None:
    """The mail behind "Forgot your password?"."""
    with translation.override(employee.language or settings.LANGUAGE_CODE):
        subject = _("Reset your password – %(product)s") % {"product": settings.PRODUCT_NAME}
        lead = _("Somebody asked for a new password for your account. If it was not you, ignore this message.")
        text = _body(employee, link, f"/reset/{token}/", lead)
        send(employee.business_unit_id, employee.email, subject, text, button=pgettext("button", "Reset Password"))


def email_confirmation(employee: Employee, link: MailedLink, token: str) -> None:
    """The mail to a new address, which counts only once confirmed (R-EMP-4)."""
    with translation.override(employee.language or settings.LANGUAGE_CODE):
        subject = _("Confirm your new e-mail address – %(product)s") % {"product": settings.PRODUCT_NAME}
        lead = _("Confirm that this is your new e-mail address.")
        text, to = _body(employee, link, f"/confirm-email/{token}/", lead), employee.email_to_be_verified
        send(employee.business_unit_id, to, subject, text, button=_("Confirm the address"))


def registration(application: Application, file: str, password: str) -> None:
    """The two mails to each technical contact: the encrypted file, and by itself its password (screens §14.2, R-APP-1).

    Args:
        file: the registration file, encrypted with `password`.
    """
    name = {"name": application.name}
    subject = _("Application registration – %(name)s") % name
    attachment = Attachment(name=registration_files.file_name(application), media_type="text/html", content=file)
    text = _registration_body(application)
    password_subject = _("Password for your application registration – %(name)s") % name
    for contact in application.contacts:
        send(application.business_unit_id, contact, subject, text, [attachment])
        send(application.business_unit_id, contact, password_subject, password)


def _registration_body(application: Application) -> str:
    lead = _("The application %(name)s has been registered. Its tracking number is %(number)s.")
    found = addresses.endpoints(is_fedramp=application.is_fedramp)
    shown = found[1:] if application.type == Application.Type.BACKEND else found
    return "\n\n".join(
        (
            lead % {"name": application.name, "number": application.tracking_number},
            _(
                "Client ID and client secret are in the attached file, which is encrypted. Save it, open it in a browser and "
                "enter the password from the second e-mail; no connection is needed."
            ),
            *(f"{address.label}: {address.emulator}" for address in shown),
            _("The original product has these addresses:"),
            *(f"{address.label}: {address.original}" for address in shown),
        )
    )


def _body(employee: Employee, link: MailedLink, path: str, lead: str) -> str:
    until = formats.date_format(link.expires_at, "DATETIME_FORMAT")
    return "\n\n".join(
        (
            _("Hello %(name)s,") % {"name": employee.full_name},
            lead,
            _("Username: %(username)s") % {"username": employee.username},
            settings.PUBLIC_URL + path,
            _("The link is valid until %(time)s (UTC) and works once.") % {"time": until},
        )
    )


def _html(subject: str, text: str, button: str) -> str:
    """The same as a page, with the link as a button."""
    paragraphs = [
        {"lines": one.splitlines(), "url": one if one.startswith(settings.PUBLIC_URL) and " " not in one else ""}
        for one in text.split("\n\n")
    ]
    return render_to_string("accounts/mail.html", {"subject": subject, "paragraphs": paragraphs, "button": button})


def _deliver(mail: OutboxMail) -> None:
    message = EmailMultiAlternatives(mail.subject, mail.text, settings.EMAIL_FROM, [mail.to])
    message.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments:
        message.attach(attachment["name"], attachment["content"], attachment["media_type"])
    message.send(fail_silently=True)
    OutboxMail.objects.filter(pk=mail.pk).update(sent_at=clock.now())

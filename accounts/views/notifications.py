"""The bell: what waits for oneself or has finished (screens §1.2)."""

import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import access, queries
from accounts.actions import notifications
from accounts.console import lists
from accounts.console.answers import page_or_fragment, redirect
from accounts.console.lists import Column, ListSpec
from accounts.models import Notification
from accounts.requests import PageRequest, previous_page

IN_PANEL = 8

SPEC: ListSpec[Notification] = ListSpec(
    fragment="accounts/_notification_table.html",
    columns=(
        Column("text", gettext_lazy("Notification")),
        Column("at", gettext_lazy("Time (UTC)"), ("created_at",), "narrow"),
    ),
    counted=lambda n: ngettext("%(n)d notification", "%(n)d notifications", n) % {"n": n},
    empty=gettext_lazy("No notifications yet"),
    newest_first=True,
)


@require_safe
def notification_list(request: PageRequest) -> HttpResponse:
    """All of them, newest first."""
    rows = queries.notifications(request.user.pk)
    unread = queries.unread_notifications(request.user.pk).exists()
    return lists.show(request, "accounts/notification_list.html", SPEC, rows, has_unread=unread)


@require_safe
def panel(request: PageRequest) -> HttpResponse:
    """The newest ones, for the panel under the bell."""
    newest = queries.notifications(request.user.pk).order_by("-created_at", "-pk")[:IN_PANEL]
    context = {"newest": newest, "title": _("Notifications"), "template": "accounts/_notification_panel.html"}
    return page_or_fragment(request, "dialog.html", "accounts/_notification_panel.html", context)


@require_POST
def open_notification(request: PageRequest, notification_id: uuid.UUID) -> HttpResponse:
    """Go where it leads; it counts as read from now on."""
    notification = access.notification(request.actor, notification_id)
    notifications.read(notification)
    return redirect(request, _address(notification))


@require_POST
def read_all(request: PageRequest) -> HttpResponse:
    """Mark all as read."""
    notifications.read_all(request.user)
    return redirect(request, previous_page(request, reverse("accounts:notification-list")))


def _address(notification: Notification) -> str:
    is_registration = notification.kind == Notification.Kind.REGISTRATION
    name = "accounts:application-detail" if is_registration else "accounts:bulk-upload-detail"
    return reverse(name, args=[notification.about_id])

"""Template tags of the console."""

import functools
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import heroicons
from django import template
from django.forms import BoundField
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.console import local
from accounts.models.audit import shown_actor

register = template.Library()

BETWEEN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=\.)")

TONES = {
    "ACTIVE": "green",
    "PENDING": "amber",
    "DRAFT": "amber",
    "UNREGISTERED": "blue",
    "INACTIVE": "grey",
    "DELETED": "grey",
    "BLOCKED": "red",
    "SUSPENDED": "amber",
    "EXPIRED": "grey",
    "SUBMITTED": "amber",
    "ENABLED": "green",
    "DISABLED": "grey",
    "SCHEDULED": "red",
    "REJECTED": "grey",
    "QUEUED": "grey",
    "PROCESSING": "blue",
    "COMPLETED": "green",
    "COMPLETED_WITH_ERRORS": "amber",
    "FAILED": "red",
}


@register.simple_tag
@functools.lru_cache(maxsize=256)
def icon(name: str, style: str = "outline", size: int = 20) -> SafeString:
    """A heroicon as inline SVG, hidden from screen readers: the control around it carries the name.

    Args:
        style: `outline`, or for small ones `mini` or `micro`, which are drawn for 20 and 16 pixels.
    """
    attributes: dict[str, object] = {"class": "icon", "aria-hidden": "true", "focusable": "false"}
    return mark_safe(heroicons._render_icon(style, name, size, attributes))  # noqa: S308  # the package's own drawing


@register.simple_tag
def chip(record: Any) -> SafeString:
    """The status of a record as a coloured word (screens §1.1)."""
    return chip_of(record.get_status_display(), TONES[record.status])


@register.simple_tag
def chip_of(word: str, tone: str = "grey") -> SafeString:
    """Any word as a chip: green, amber, blue, grey or red."""
    return format_html('<span class="chip chip-{}">{}</span>', tone, word)


@register.filter
def tone(status: str) -> str:
    """The colour of a status, for a word that is not the record's own."""
    return TONES[status]


@register.simple_tag
def when(moment: datetime | None, form: str = "date") -> SafeString | str:
    """A moment in UTC: the date with the time in its tooltip, or with `form="time"` both."""
    if moment is None:
        return "–"
    moment = moment.astimezone(UTC)
    day, time = local.date(moment), moment.strftime("%H:%M:%S")
    parts = [day, time] if form == "time" else [day]
    shown = format_html_join(" ", '<span class="nowrap">{}</span>', ((part,) for part in parts))
    return format_html('<time datetime="{}" title="{} UTC">{}</time>', moment.isoformat(), f"{day} {time}", shown)


@register.filter
def grouped(count: int) -> str:
    """A count with its thousands apart."""
    return local.number(count)


@register.filter
def initials(name: str) -> str:
    """The letters in the user circle: of the first and the last word."""
    words = name.split()
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper() if words else "?"


@register.filter
def address(text: str) -> SafeString:
    """An e-mail address or username that breaks after its @ first, where it does not fit."""
    local, at, host = text.partition("@")
    return format_html("{}{}<wbr>{}", local, at, host)


@register.filter
def parted(name: str) -> SafeString:
    """The name of an audited object or attribute, that breaks between its words where it does not fit."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in BETWEEN_WORDS.split(name)))


@register.filter
def who(name: str) -> str:
    """Who did something, where the product itself may have done it."""
    return shown_actor(name)


@register.simple_tag
def permission_box(toggle: Any, is_open: bool, is_switch: bool = False) -> SafeString:
    """The check box of a permission (`forms.role_permissions.ToggleState`).

    A tag, because a page has two hundred of them: laid out in a template, the blanks between their attributes weigh 16 KB.
    """
    about = {"value": toggle.code, "data-presets": toggle.presets}
    about |= {"role": "switch", "aria-labelledby": f"p-{toggle.code}"} if is_switch else {"data-needs": toggle.needs}
    attributes = format_html_join("", ' {}="{}"', about.items())
    flags = (" checked" if toggle.is_chosen else "") + ("" if is_open else " disabled")
    return format_html('<input type="checkbox" name="permission"{}{}>', attributes, flags)


@register.simple_tag
def options(groups: Iterable[tuple[Any, Iterable[dict[str, Any]], int]]) -> SafeString:
    """The options of a drop-down, as a widget of Django's forms has them: name of the group or none, options, number."""
    found = []
    for name, members, _number in groups:
        lines = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((member["value"], flatatt(member["attrs"]), member["label"]) for member in members),
        )
        found.append(format_html('<optgroup label="{}">{}</optgroup>', name, lines) if name else lines)
    return format_html_join("\n", "{}", ((lines,) for lines in found))


@register.filter
def is_required(field: BoundField) -> bool:
    """Whether a form field carries the star; a form may give it to one (`has_star`) that only some of its types need."""
    return bool(field.field.required or getattr(field.field, "has_star", False))


@register.simple_tag
def dialog_link(url: str) -> SafeString:
    """The attributes of a link that opens a dialog; without JavaScript it opens the dialog's page."""
    return format_html('href="{0}" hx-get="{0}" hx-target="#dialog" hx-swap="innerHTML" hx-push-url="false"', url)


@register.simple_tag
def copy_button(text: str, label: str = "") -> SafeString:
    """A button that copies a value; only a script can, so it appears only where scripts run."""
    return format_html(
        '<button type="button" class="icon-button copy" data-copy="{}" data-copied="{}" aria-label="{}" title="{}">{}</button>',
        text,
        _("Copied"),
        label or pgettext("button", "Copy"),
        label or pgettext("button", "Copy"),
        icon("square-2-stack", "outline", 16),
    )

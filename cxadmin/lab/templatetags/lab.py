"""Template tags of the lab."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.console.lists import Listing
from cxadmin.lab.models import Simulation
from cxadmin.lab.simulator.pages import Shown

register = template.Library()


@register.simple_tag
def tenant_name(names: Mapping[uuid.UUID, str], business_unit_id: uuid.UUID | None) -> str:
    """The name of a tenant; a dash where none is known."""
    return names.get(business_unit_id, _("deleted")) if business_unit_id else "–"


@register.filter
def simulation(record: Simulation) -> Shown:
    """A simulation as the pages print it."""
    return Shown(record)


@register.simple_tag
def sequence_url(listing: Listing[Any]) -> str:
    """The sequence picture of what a list of requests shows."""
    query = listing.url(sort=None, per=None, page=None).partition("?")[2]
    return f"{reverse('lab:exchange-sequence')}?{query}" if query else reverse("lab:exchange-sequence")


@register.simple_tag
def sequence_part(listing: Listing[Any], **changes: int) -> str:
    """The sequence picture with another beginning or end."""
    return listing.url(**changes)

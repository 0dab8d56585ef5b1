"""Template tags of the lab."""

import uuid
from collections.abc import Mapping

from django import template
from django.utils.translation import gettext as _

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

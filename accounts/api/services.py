"""All services of the REST API."""

from accounts.api.classic import services as classic
from accounts.api.hub import services as hub

SERVICES = (*hub.SERVICES, *classic.SERVICES)

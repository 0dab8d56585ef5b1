"""Every address of the REST API, made from the operations of `services.py`."""

from django.urls import URLPattern, re_path

from accounts.api.endpoints import Endpoint
from accounts.api.operations import Service, pattern
from accounts.api.services import SERVICES

app_name = "api"

# The classic API is served under any spelling of its prefix, any version, and with doubled and closing slashes; clients
# of the original use them all (apis.md §3.1).
CLASSIC = r"/*" + "".join(f"[{letter.lower()}{letter.upper()}]" for letter in "inContactAPI")
VERSION = r"/+services/+[vV]\d+(?:\.\d+)?/+"


def _patterns(service: Service) -> list[URLPattern]:
    found = []
    for path, operations in service.by_path().items():
        view = Endpoint.as_view(service=service, operations=operations)
        if service.is_classic:
            expression = "^" + CLASSIC + VERSION + pattern(path, slashes="/+") + "/*$"
        else:
            expression = "^" + pattern(path, slashes="/") + "/?$"
        found.append(re_path(expression, view))
    return found


def _nothing(service: Service) -> URLPattern:
    """What is not served: 404 in the dialect of the service, to callers it knows."""
    prefix = CLASSIC if service.is_classic else service.prefix
    served: URLPattern = re_path(rf"^{prefix}(?:/.*)?$", Endpoint.as_view(service=service))
    return served


urlpatterns = [served for service in SERVICES for served in _patterns(service)]
not_served = [_nothing(service) for service in SERVICES]

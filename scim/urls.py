"""The SCIM addresses: django-scim2's routes with our views, a slash at the end tolerated (T12), an answer for every other path.

`cxadmin.urls` includes them; `cxadmin.middleware.scim_door` looks requests up here alone, past all that is for pages.
"""

from typing import Any

import django_scim.urls
from django.urls import re_path

from scim import documented, views

app_name = django_scim.urls.app_name

VIEWS = {
    "root": views.EverythingView,
    "search": views.EverythingView,
    "users-search": views.UserSearchView,
    "users": views.UsersView,
    "groups-search": views.GroupSearchView,
    "groups": views.GroupsView,
    "me": views.MeView,
    "bulk": views.BulkView,
    "service-provider-config": views.ServiceProviderConfigView,
    "resource-types": views.ResourceTypesView,
    "schemas": views.SchemasView,
}
# The profile `documented` knows two addresses only (spec §9.1).
DOCUMENTED: dict[str, type[views.ScimView]] = {"users": documented.UsersView, "schemas": documented.SchemasView}


def served(name: str, view: type[views.ScimView]) -> Any:
    """A view, with the one that stands in for it in the other profile."""
    return view.as_view(documented=DOCUMENTED.get(name, documented.NotHere))


urlpatterns: list[Any] = [
    re_path(
        "^/" + str(route.pattern).removeprefix("^").removesuffix("$") + "/?$",
        served(route.name, VIEWS[route.name]),
        name=route.name,
    )
    for route in django_scim.urls.urlpatterns
    if route.name in VIEWS
]
urlpatterns += [
    re_path(r"^$", served("root", views.EverythingView)),
    # Whatever follows, line ends too; Django cannot reverse flags such as (?s).
    re_path(r"^/[\s\S]*$", served("elsewhere", views.NotHere), name="elsewhere"),
]

"""The map of the product on one screen."""

from django.conf import settings
from django.urls import include, path, re_path

from accounts.api.urls import not_served
from cxadmin.health import healthz

urlpatterns = [
    # One include under three addresses: which credential is accepted depends on the family (spec §8.2).
    # Requests find their way there sooner, by `cxadmin.middleware.scim_door`.
    re_path(r"^(?:(?P<family>oauth|basic-auth)/)?scim/v2", include("scim.urls")),
    path("", include("accounts.urls")),
    path("", include("accounts.api.urls")),
    path("", include("accounts.oauth.urls")),
    path("", include((not_served, "unserved"))),
    path("api/docs/", include("cxadmin.api_docs")),
    path("healthz", healthz, name="healthz"),
]

if settings.LAB:
    urlpatterns += [path("lab/", include("cxadmin.lab.urls")), path("_lab/", include("cxadmin.lab.control_urls"))]

handler400 = "accounts.views.errors.bad_request"
handler403 = "accounts.views.errors.forbidden"
handler404 = "accounts.views.errors.not_found"
handler500 = "accounts.views.errors.server_error"

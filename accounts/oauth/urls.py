"""The addresses of OAuth and OpenID Connect for programs, and what browser applications call after a sign-in (apis.md §2)."""

from django.urls import path, re_path

from accounts.oauth import bearer_calls, discovery, token, userinfo

app_name = "oauth"

urlpatterns = [
    path("auth/token", token.token, name="token"),
    path("auth/jwks", discovery.keys, name="keys"),
    path("auth/userinfo", userinfo.userinfo, name="userinfo"),
    path(".well-known/openid-configuration", discovery.openid_configuration, name="openid-configuration"),
    path(".well-known/cxone-configuration", discovery.tenant_configuration, name="tenant-configuration"),
    path("authentication/v1/token/access-key", token.access_key, name="access-key"),
    path("public/user/refresh", token.user_refresh, name="user-refresh"),
    path("config/toggledFeatures", bearer_calls.toggled_features, name="toggled-features"),
    re_path(r"^[iI]n[cC]ontact[aA]uthorization[sS]erver/token/whoami/?$", bearer_calls.whoami, name="whoami"),
    path("user-management/v1/users/location/evaluate", bearer_calls.evaluate_location, name="evaluate-location"),
    path("branding-profiles/current", bearer_calls.branding_profile, name="branding-profile"),
    path("agent-profiles/v2/assigned", bearer_calls.assigned_profile, name="assigned-profile"),
]

"""Two addresses, no more."""

from django.urls import path

from benchmarks.limit import views

urlpatterns = [path("oauth/scim/v2/Users", views.users), path("oauth/scim/v2/Users/<user_id>", views.user)]

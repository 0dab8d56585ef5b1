"""Addresses of the control API."""

from django.urls import path

from cxadmin.lab import control, control_replay, control_requests

app_name = "lab-control"

urlpatterns = [
    path("", control.index, name="index"),
    path("requests", control_requests.request_list, name="request-list"),
    path("requests/<int:exchange_id>", control_requests.request_detail, name="request-detail"),
    path("requests/<int:exchange_id>/replay", control_replay.request_replay, name="request-replay"),
    path("<path:path>", control.not_here, name="not-here"),
]

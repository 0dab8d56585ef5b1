"""Addresses of the control API."""

from django.urls import path

from cxadmin.lab import control, control_checklist, control_requests, control_simulations

app_name = "lab-control"

urlpatterns = [
    path("", control.index, name="index"),
    path("requests", control_requests.request_list, name="request-list"),
    path("requests/<int:exchange_id>", control_requests.request_detail, name="request-detail"),
    path("simulations", control_simulations.simulation_list, name="simulation-list"),
    path("simulations/<uuid:simulation_id>", control_simulations.simulation_detail, name="simulation-detail"),
    path("simulations/<uuid:simulation_id>/stop", control_simulations.simulation_stop, name="simulation-stop"),
    path("tenants/<str:name>/checklist", control_checklist.checklist, name="tenant-checklist"),
    path("<path:path>", control.not_here, name="not-here"),
]

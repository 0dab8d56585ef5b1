"""Addresses of the control API."""

from django.urls import path

from cxadmin.lab import control, control_clocks, control_faults, control_requests

app_name = "lab-control"

urlpatterns = [
    path("", control.index, name="index"),
    path("requests", control_requests.request_list, name="request-list"),
    path("requests/<int:exchange_id>", control_requests.request_detail, name="request-detail"),
    path("faults", control_faults.fault_list, name="fault-list"),
    path("faults/<int:rule_id>", control_faults.fault_detail, name="fault-detail"),
    path("tenants/<str:name>/clock", control_clocks.clock, name="clock"),
    path("<path:path>", control.not_here, name="not-here"),
]

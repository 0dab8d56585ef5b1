"""Addresses of the control API."""

from django.urls import path

from cxadmin.lab import (
    control_checklist,
    control_clocks,
    control_faults,
    control_index,
    control_mail,
    control_replay,
    control_requests,
    control_simulations,
    control_tenants,
    described,
)

app_name = "lab-control"

urlpatterns = [
    path("", control_index.index, name="index"),
    path("openapi.json", described.openapi, name="openapi"),
    path("requests", control_requests.request_list, name="request-list"),
    path("requests/<int:exchange_id>", control_requests.request_detail, name="request-detail"),
    path("requests/<int:exchange_id>/replay", control_replay.request_replay, name="request-replay"),
    path("mail", control_mail.mail_list, name="mail-list"),
    path("mail/latest", control_mail.mail_latest, name="mail-latest"),
    path("mail/<uuid:mail_id>", control_mail.mail_detail, name="mail-detail"),
    path("tenants", control_tenants.tenant_list, name="tenant-list"),
    path("tenants/<str:name>", control_tenants.tenant_detail, name="tenant-detail"),
    path("tenants/<str:name>/reset", control_tenants.tenant_reset, name="tenant-reset"),
    path("tenants/<str:name>/file", control_tenants.tenant_file, name="tenant-file"),
    path("simulations", control_simulations.simulation_list, name="simulation-list"),
    path("simulations/<uuid:simulation_id>", control_simulations.simulation_detail, name="simulation-detail"),
    path("simulations/<uuid:simulation_id>/stop", control_simulations.simulation_stop, name="simulation-stop"),
    path("tenants/<str:name>/checklist", control_checklist.checklist, name="tenant-checklist"),
    path("faults", control_faults.fault_list, name="fault-list"),
    path("faults/<int:rule_id>", control_faults.fault_detail, name="fault-detail"),
    path("tenants/<str:name>/clock", control_clocks.clock, name="clock"),
    path("<path:path>", control_index.not_here, name="not-here"),
]

"""Addresses of the control API."""

from django.urls import path

from cxadmin.lab import control, control_requests, control_tenants

app_name = "lab-control"

urlpatterns = [
    path("", control.index, name="index"),
    path("requests", control_requests.request_list, name="request-list"),
    path("requests/<int:exchange_id>", control_requests.request_detail, name="request-detail"),
    path("tenants", control_tenants.tenant_list, name="tenant-list"),
    path("tenants/<str:name>", control_tenants.tenant_detail, name="tenant-detail"),
    path("tenants/<str:name>/reset", control_tenants.tenant_reset, name="tenant-reset"),
    path("tenants/<str:name>/file", control_tenants.tenant_file, name="tenant-file"),
    path("tenants/<str:name>/mail", control_tenants.tenant_mail, name="tenant-mail"),
    path("<path:path>", control.not_here, name="not-here"),
]

"""Pages of the lab."""

from django.urls import path

from cxadmin.lab import (
    clock_pages,
    control_index,
    exchanges,
    fault_pages,
    mail,
    overview,
    replay_pages,
    sequence,
    tenant_pages,
)
from cxadmin.lab.checklist import pages as checklists
from cxadmin.lab.simulator import pages as simulator

app_name = "lab"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("control-key/", control_index.key, name="control-key"),
    path("requests/", exchanges.exchange_list, name="exchange-list"),
    path("requests/sequence/", sequence.exchange_sequence, name="exchange-sequence"),
    path("requests/<int:exchange_id>/", exchanges.exchange_detail, name="exchange-detail"),
    path("requests/<int:exchange_id>/export/<slug:kind>/", exchanges.exchange_export, name="exchange-export"),
    path("requests/<int:exchange_id>/replay/", replay_pages.exchange_replay, name="exchange-replay"),
    path("requests/<int:exchange_id>/compare/<int:other_id>/", replay_pages.exchange_compare, name="exchange-compare"),
    path("requests/id/<str:request_id>/", exchanges.exchange_of_request, name="exchange-of-request"),
    path("tenants/", tenant_pages.tenant_list, name="tenant-list"),
    path("tenants/apply/", tenant_pages.apply_file, name="tenant-apply"),
    path("tenants/<uuid:tenant_id>/file/", tenant_pages.file, name="tenant-file"),
    path("tenants/new/", tenant_pages.create, name="tenant-new"),
    path("tenants/<uuid:tenant_id>/", tenant_pages.credentials, name="tenant-credentials"),
    path("tenants/<uuid:tenant_id>/reset/", tenant_pages.reset, name="tenant-reset"),
    path("tenants/<uuid:tenant_id>/delete/", tenant_pages.delete, name="tenant-delete"),
    path("checklist/", checklists.checklist, name="checklist"),
    path("simulator/", simulator.simulation_list, name="simulation-list"),
    path("simulator/new/", simulator.simulation_new, name="simulation-new"),
    path("simulator/<uuid:simulation_id>/", simulator.simulation_detail, name="simulation-detail"),
    path("simulator/<uuid:simulation_id>/stop/", simulator.simulation_stop, name="simulation-stop"),
    path("faults/", fault_pages.fault_list, name="fault-list"),
    path("faults/new/", fault_pages.new, name="fault-new"),
    path("faults/clear/", fault_pages.clear, name="fault-clear"),
    path("faults/<int:rule_id>/", fault_pages.detail, name="fault-detail"),
    path("faults/<int:rule_id>/arm/", fault_pages.arm, name="fault-arm"),
    path("faults/<int:rule_id>/disarm/", fault_pages.disarm, name="fault-disarm"),
    path("faults/<int:rule_id>/delete/", fault_pages.delete, name="fault-delete"),
    path("clock/", clock_pages.clock_list, name="clock-list"),
    path("clock/<uuid:unit_id>/", clock_pages.detail, name="clock-detail"),
    path("clock/<uuid:unit_id>/reset/", clock_pages.reset, name="clock-reset"),
    path("mail/", mail.mail_list, name="mail-list"),
    path("mail/<uuid:mail_id>/", mail.message, name="mail-detail"),
    path("mail/<uuid:mail_id>/html/", mail.html_part, name="mail-html"),
    path("mail/<uuid:mail_id>/attachments/<int:number>/", mail.attachment, name="mail-attachment"),
]

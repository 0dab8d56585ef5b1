"""Pages of the lab."""

from django.urls import path

from cxadmin.lab import clock_pages, exchanges, fault_pages, mail, overview

app_name = "lab"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("requests/", exchanges.exchange_list, name="exchange-list"),
    path("requests/<int:exchange_id>/", exchanges.exchange_detail, name="exchange-detail"),
    path("requests/<int:exchange_id>/export/<slug:kind>/", exchanges.exchange_export, name="exchange-export"),
    path("requests/id/<str:request_id>/", exchanges.exchange_of_request, name="exchange-of-request"),
    path("faults/", fault_pages.fault_list, name="fault-list"),
    path("faults/new/", fault_pages.new, name="fault-new"),
    path("faults/<int:rule_id>/", fault_pages.detail, name="fault-detail"),
    path("faults/<int:rule_id>/arm/", fault_pages.arm, name="fault-arm"),
    path("faults/<int:rule_id>/disarm/", fault_pages.disarm, name="fault-disarm"),
    path("faults/<int:rule_id>/delete/", fault_pages.delete, name="fault-delete"),
    path("clock/", clock_pages.clock_list, name="clock-list"),
    path("clock/<uuid:unit_id>/", clock_pages.detail, name="clock-detail"),
    path("clock/<uuid:unit_id>/reset/", clock_pages.reset, name="clock-reset"),
    path("mail/", mail.mail_list, name="mail-list"),
    path("mail/<uuid:mail_id>/", mail.message, name="mail-detail"),
    path("mail/<uuid:mail_id>/attachments/<int:number>/", mail.attachment, name="mail-attachment"),
]

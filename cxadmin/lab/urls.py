"""Pages of the lab."""

from django.urls import path

from cxadmin.lab import exchanges, mail, overview, sequence
from cxadmin.lab.checklist import pages as checklists
from cxadmin.lab.simulator import pages as simulator

app_name = "lab"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("requests/", exchanges.exchange_list, name="exchange-list"),
    path("requests/sequence/", sequence.exchange_sequence, name="exchange-sequence"),
    path("requests/<int:exchange_id>/", exchanges.exchange_detail, name="exchange-detail"),
    path("requests/<int:exchange_id>/export/<slug:kind>/", exchanges.exchange_export, name="exchange-export"),
    path("requests/id/<str:request_id>/", exchanges.exchange_of_request, name="exchange-of-request"),
    path("checklist/", checklists.checklist, name="checklist"),
    path("simulator/", simulator.simulation_list, name="simulation-list"),
    path("simulator/new/", simulator.simulation_new, name="simulation-new"),
    path("simulator/<uuid:simulation_id>/", simulator.simulation_detail, name="simulation-detail"),
    path("simulator/<uuid:simulation_id>/stop/", simulator.simulation_stop, name="simulation-stop"),
    path("mail/", mail.mail_list, name="mail-list"),
    path("mail/<uuid:mail_id>/", mail.message, name="mail-detail"),
    path("mail/<uuid:mail_id>/attachments/<int:number>/", mail.attachment, name="mail-attachment"),
]

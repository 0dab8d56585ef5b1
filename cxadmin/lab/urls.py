"""Pages of the lab."""

from django.urls import path

from cxadmin.lab import control_index, exchanges, mail, overview, replay_pages

app_name = "lab"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("control-key/", control_index.key, name="control-key"),
    path("requests/", exchanges.exchange_list, name="exchange-list"),
    path("requests/<int:exchange_id>/", exchanges.exchange_detail, name="exchange-detail"),
    path("requests/<int:exchange_id>/export/<slug:kind>/", exchanges.exchange_export, name="exchange-export"),
    path("requests/<int:exchange_id>/replay/", replay_pages.exchange_replay, name="exchange-replay"),
    path("requests/<int:exchange_id>/compare/<int:other_id>/", replay_pages.exchange_compare, name="exchange-compare"),
    path("requests/id/<str:request_id>/", exchanges.exchange_of_request, name="exchange-of-request"),
    path("mail/", mail.mail_list, name="mail-list"),
    path("mail/<uuid:mail_id>/", mail.message, name="mail-detail"),
    path("mail/<uuid:mail_id>/html/", mail.html_part, name="mail-html"),
    path("mail/<uuid:mail_id>/attachments/<int:number>/", mail.attachment, name="mail-attachment"),
]

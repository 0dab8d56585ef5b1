"""Pages (paths as in screens.md). URL names are subject and verb: `accounts:role-list`, `-detail`, `-new`, …"""

from django.urls import path

from accounts.oauth import authorize, logout
from accounts.views import (
    account_settings,
    applications,
    authenticator_editor,
    authenticators,
    bulk_uploads,
    business_unit,
    developer,
    employee_editor,
    employees,
    group_editor,
    groups,
    locked_employees,
    notifications,
    palette,
    passwords,
    preferences,
    profile,
    registration,
    reports,
    role_comparison,
    role_editor,
    roles,
    scim_tokens,
    sign_in,
    team_editor,
    teams,
    template_editor,
    templates,
    view_editor,
    views,
)

app_name = "accounts"

urlpatterns = [
    path("", profile.home, name="home"),
    path("help/", profile.help_page, name="help"),
    # Signing in
    path("login/", sign_in.login, name="login"),
    path("login/domain/", sign_in.company_domain, name="company-domain"),
    path("login/banner/<uuid:business_unit_id>.css", sign_in.banner_style, name="login-banner"),
    path("login/identity-provider/", sign_in.identity_provider, name="identity-provider"),
    path("login/forgot/", sign_in.forgot_password, name="forgot-password"),
    path("logout/", sign_in.logout, name="logout"),
    path("auth/authorize", authorize.authorize, name="authorize"),
    path("auth/authorize/logout", logout.logout, name="authorize-logout"),
    path("activate/<str:token>/", passwords.activate, name="activate"),
    path("reset/<str:token>/", passwords.reset, name="password-reset"),
    path("confirm-email/<str:token>/", passwords.confirm_email, name="confirm-email"),
    # Employees
    path("admin/employees/", employees.employee_list, name="employee-list"),
    path("admin/employees/new/", employee_editor.new, name="employee-new"),
    path("admin/employees/import/", bulk_uploads.employee_import, name="employee-import"),
    path("admin/employees/deactivate/", employees.deactivate_several, name="employees-deactivate"),
    path("admin/employees/team/", employees.change_team, name="employees-team"),
    path("admin/employees/<uuid:employee_id>/", employee_editor.detail, name="employee-detail"),
    path("admin/employees/<uuid:employee_id>/invite/", employees.invite, name="employee-invite"),
    path("admin/employees/<uuid:employee_id>/unlock/", employees.unlock, name="employee-unlock"),
    path(
        "admin/employees/<uuid:employee_id>/reset-password/", employees.reset_password, name="employee-reset-password"
    ),
    path("admin/employees/<uuid:employee_id>/deactivate/", employees.deactivate, name="employee-deactivate"),
    path("admin/employees/<uuid:employee_id>/reactivate/", employees.reactivate, name="employee-reactivate"),
    path(
        "admin/employees/<uuid:employee_id>/email/resend/", employee_editor.resend_email, name="employee-email-resend"
    ),
    path(
        "admin/employees/<uuid:employee_id>/email/discard/",
        employee_editor.discard_email,
        name="employee-email-discard",
    ),
    path("admin/employees/<uuid:employee_id>/history/", employee_editor.employee_history, name="employee-history"),
    path(
        "admin/employees/<uuid:employee_id>/history/<uuid:event_id>/",
        employee_editor.employee_history_event,
        name="employee-history-event",
    ),
    path("admin/locked-employees/", locked_employees.locked_employee_list, name="locked-employee-list"),
    # Files of rows
    path("admin/bulk-upload/", bulk_uploads.portal, name="bulk-upload"),
    path("admin/bulk-upload/activity/", bulk_uploads.activity, name="bulk-upload-activity"),
    path("admin/bulk-upload/<uuid:upload_id>/", bulk_uploads.detail, name="bulk-upload-detail"),
    path("admin/bulk-upload/<uuid:upload_id>/errors/", bulk_uploads.errors, name="bulk-upload-errors"),
    path("admin/bulk-upload/<slug:slug>/", bulk_uploads.upload, name="bulk-upload-new"),
    path("admin/bulk-upload/<slug:slug>/template/", bulk_uploads.template, name="bulk-upload-template"),
    # Teams
    path("admin/teams/", teams.team_list, name="team-list"),
    path("admin/teams/new/", team_editor.new, name="team-new"),
    path("admin/teams/leads/", teams.leads, name="team-leads"),
    path("admin/teams/<uuid:team_id>/", team_editor.detail, name="team-detail"),
    path("admin/teams/<uuid:team_id>/duplicate/", teams.duplicate, name="team-duplicate"),
    path("admin/teams/<uuid:team_id>/deactivate/", teams.deactivate, name="team-deactivate"),
    path("admin/teams/<uuid:team_id>/reactivate/", teams.reactivate, name="team-reactivate"),
    path("admin/teams/<uuid:team_id>/users/", team_editor.users, name="team-users"),
    path("admin/teams/<uuid:team_id>/users/add/", team_editor.users_add, name="team-users-add"),
    path(
        "admin/teams/<uuid:team_id>/users/<uuid:employee_id>/remove/", team_editor.user_remove, name="team-user-remove"
    ),
    path("admin/teams/<uuid:team_id>/history/", team_editor.team_history, name="team-history"),
    path(
        "admin/teams/<uuid:team_id>/history/<uuid:event_id>/", team_editor.team_history_event, name="team-history-event"
    ),
    # Groups
    path("admin/groups/", groups.group_list, name="group-list"),
    path("admin/groups/new/", group_editor.new, name="group-new"),
    path("admin/groups/new/users/add/", group_editor.users_add_to_new, name="group-new-users-add"),
    path("admin/groups/<uuid:group_id>/", group_editor.detail, name="group-detail"),
    path("admin/groups/<uuid:group_id>/delete/", groups.delete, name="group-delete"),
    path("admin/groups/<uuid:group_id>/users/", group_editor.users, name="group-users"),
    path("admin/groups/<uuid:group_id>/users/add/", group_editor.users_add, name="group-users-add"),
    path(
        "admin/groups/<uuid:group_id>/users/<uuid:employee_id>/remove/",
        group_editor.user_remove,
        name="group-user-remove",
    ),
    path("admin/groups/<uuid:group_id>/history/", group_editor.group_history, name="group-history"),
    path(
        "admin/groups/<uuid:group_id>/history/<uuid:event_id>/",
        group_editor.group_history_event,
        name="group-history-event",
    ),
    # Employee Templates
    path("admin/employee-templates/", templates.template_list, name="template-list"),
    path("admin/employee-templates/new/", template_editor.new, name="template-new"),
    path("admin/employee-templates/<uuid:template_id>/", template_editor.detail, name="template-detail"),
    path("admin/employee-templates/<uuid:template_id>/duplicate/", templates.duplicate, name="template-duplicate"),
    path("admin/employee-templates/<uuid:template_id>/activate/", templates.activate, name="template-activate"),
    path("admin/employee-templates/<uuid:template_id>/deactivate/", templates.deactivate, name="template-deactivate"),
    path(
        "admin/employee-templates/<uuid:template_id>/history/",
        template_editor.template_history,
        name="template-history",
    ),
    path(
        "admin/employee-templates/<uuid:template_id>/history/<uuid:event_id>/",
        template_editor.template_history_event,
        name="template-history-event",
    ),
    # Roles and Permissions
    path("admin/roles/", roles.role_list, name="role-list"),
    path("admin/roles/compare/", role_comparison.compare, name="role-compare"),
    path("admin/roles/new/", role_editor.new, name="role-new"),
    path("admin/roles/<uuid:role_id>/", role_editor.detail, name="role-detail"),
    path("admin/roles/<uuid:role_id>/duplicate/", roles.duplicate, name="role-duplicate"),
    path("admin/roles/<uuid:role_id>/activate/", roles.activate, name="role-activate"),
    path("admin/roles/<uuid:role_id>/deactivate/", roles.deactivate, name="role-deactivate"),
    path("admin/roles/<uuid:role_id>/users/", role_editor.users, name="role-users"),
    path("admin/roles/<uuid:role_id>/users/add/", role_editor.users_add, name="role-users-add"),
    path("admin/roles/<uuid:role_id>/history/", role_editor.role_history, name="role-history"),
    path(
        "admin/roles/<uuid:role_id>/history/<uuid:event_id>/", role_editor.role_history_event, name="role-history-event"
    ),
    # Login Authenticator
    path("admin/login-authenticators/", authenticators.authenticator_list, name="authenticator-list"),
    path("admin/login-authenticators/new/", authenticator_editor.new, name="authenticator-new"),
    path(
        "admin/login-authenticators/<uuid:authenticator_id>/", authenticator_editor.detail, name="authenticator-detail"
    ),
    path(
        "admin/login-authenticators/<uuid:authenticator_id>/activate/",
        authenticators.activate,
        name="authenticator-activate",
    ),
    path(
        "admin/login-authenticators/<uuid:authenticator_id>/deactivate/",
        authenticators.deactivate,
        name="authenticator-deactivate",
    ),
    path(
        "admin/login-authenticators/<uuid:authenticator_id>/default/",
        authenticators.set_default,
        name="authenticator-default",
    ),
    path(
        "admin/login-authenticators/<uuid:authenticator_id>/history/",
        authenticator_editor.authenticator_history,
        name="authenticator-history",
    ),
    path(
        "admin/login-authenticators/<uuid:authenticator_id>/history/<uuid:event_id>/",
        authenticator_editor.authenticator_history_event,
        name="authenticator-history-event",
    ),
    # Views
    path("admin/views/", views.view_list, name="view-list"),
    path("admin/views/new/", view_editor.new, name="view-new"),
    path("admin/views/<uuid:view_id>/", view_editor.detail, name="view-detail"),
    path("admin/views/<uuid:view_id>/delete/", views.delete, name="view-delete"),
    path("admin/views/<uuid:view_id>/history/", view_editor.view_history, name="view-history"),
    path(
        "admin/views/<uuid:view_id>/history/<uuid:event_id>/", view_editor.view_history_event, name="view-history-event"
    ),
    # Account Settings
    path("admin/account-settings/", account_settings.detail, name="account-settings"),
    path("admin/account-settings/layout/", account_settings.layout, name="account-settings-layout"),
    path("admin/account-settings/history/", account_settings.settings_history, name="account-settings-history"),
    path(
        "admin/account-settings/history/<uuid:event_id>/",
        account_settings.settings_history_event,
        name="account-settings-history-event",
    ),
    path("admin/account-settings/scim-tokens/users/", scim_tokens.users, name="scim-token-users"),
    path("admin/account-settings/scim-tokens/<uuid:token_id>/delete/", scim_tokens.delete, name="scim-token-delete"),
    # Applications
    path("admin/applications/", applications.application_list, name="application-list"),
    path("admin/applications/<uuid:application_id>/", applications.detail, name="application-detail"),
    path("admin/applications/<uuid:application_id>/approve/", applications.approve, name="application-approve"),
    path("admin/applications/<uuid:application_id>/reject/", applications.reject, name="application-reject"),
    path("admin/applications/<uuid:application_id>/enable/", applications.enable, name="application-enable"),
    path("admin/applications/<uuid:application_id>/disable/", applications.disable, name="application-disable"),
    path("admin/applications/<uuid:application_id>/secret/", applications.secret, name="application-secret"),
    path("admin/applications/<uuid:application_id>/copy/", applications.copy, name="application-copy"),
    path("admin/applications/<uuid:application_id>/delete/", applications.delete, name="application-delete"),
    path("admin/applications/<uuid:application_id>/keep/", applications.keep, name="application-keep"),
    path(
        "admin/applications/<uuid:application_id>/history/",
        applications.application_history,
        name="application-history",
    ),
    path(
        "admin/applications/<uuid:application_id>/history/<uuid:event_id>/",
        applications.application_history_event,
        name="application-history-event",
    ),
    # ACD: Business Units
    path("acd/business-unit/", business_unit.detail, name="business-unit"),
    path("acd/business-unit/history/", business_unit.unit_history, name="business-unit-history"),
    path(
        "acd/business-unit/history/<uuid:event_id>/",
        business_unit.unit_history_event,
        name="business-unit-history-event",
    ),
    # Reporting
    path("reporting/change-audit/", reports.change_report, name="change-report"),
    path("reporting/change-audit/export/", reports.change_report_export, name="change-report-export"),
    path("reporting/change-audit/people/", reports.change_report_people, name="change-report-people"),
    path("reporting/change-audit/<uuid:event_id>/", reports.change_report_event, name="change-report-event"),
    path("reporting/activity-audit/", reports.activity_report, name="activity-report"),
    path("reporting/activity-audit/export/", reports.activity_report_export, name="activity-report-export"),
    # Developer Portal
    path("developer/", developer.portal, name="developer-portal"),
    path("developer/registration-file/", developer.registration_file, name="registration-file"),
    path("developer/register/", registration.requester, name="application-register"),
    path("developer/register/application/", registration.about, name="application-register-about"),
    path("developer/register/security/", registration.security, name="application-register-security"),
    path("developer/register/received/", registration.received, name="application-received"),
    # Oneself
    path("me/", profile.profile, name="profile"),
    path("me/accessibility/", profile.accessibility, name="profile-accessibility"),
    path("me/password/", passwords.change, name="password-change"),
    path("me/notifications/", notifications.notification_list, name="notification-list"),
    path("me/notifications/newest/", notifications.panel, name="notification-panel"),
    path("me/notifications/read/", notifications.read_all, name="notifications-read"),
    path("me/notifications/<uuid:notification_id>/open/", notifications.open_notification, name="notification-open"),
    path("me/find/", palette.find, name="find"),
    path("me/stay/", sign_in.stay, name="stay"),
    path("language/", preferences.language, name="language"),
    path("appearance/", preferences.appearance, name="appearance"),
]

"""The permission catalogue (spec §5): one source for the role editor, the checks at every door and the documentation.

A permission is a *parameter set*, one toggle per action, or a *switch*, whose only action is `on`. The code of one
toggle is `{category}.{permission}.{action}`.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Label: TypeAlias = str | Promise

ALL = "*"

ACTIONS: Mapping[str, Label] = {
    "acknowledge": pgettext_lazy("action", "Acknowledge"),
    "assign": pgettext_lazy("action", "Assign"),
    "configure": pgettext_lazy("action", "Configure"),
    "create": pgettext_lazy("action", "Create"),
    "deactivate": pgettext_lazy("action", "Deactivate"),
    "delete": pgettext_lazy("action", "Delete"),
    "edit": pgettext_lazy("action", "Edit"),
    "evaluate": pgettext_lazy("action", "Evaluate"),
    "import": pgettext_lazy("action", "Import"),
    "initiate": pgettext_lazy("action", "Initiate"),
    "invite": pgettext_lazy("action", "Invite"),
    "manage": pgettext_lazy("action", "Manage"),
    "replace": pgettext_lazy("action", "Replace"),
    "search": pgettext_lazy("action", "Search"),
    "take_ownership": pgettext_lazy("action", "Take Ownership"),
    "user_assignment": pgettext_lazy("action", "User Assignment"),
    "view": pgettext_lazy("action", "View"),
}


@dataclass(frozen=True, slots=True)
class Permission:
    """One row of the catalogue: its actions (`("on",)` for a switch) and what each out-of-the-box role has of them."""

    slug: str
    label: Label
    actions: tuple[str, ...]
    presets: Mapping[str, frozenset[str]]
    licence: str | None = None

    @property
    def is_switch(self) -> bool:
        return self.actions == ("on",)


@dataclass(frozen=True, slots=True)
class Group:
    """Permissions under one heading of the role editor."""

    label: Label
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """The permissions of one application; shown where the tenant is licensed for it (R-PERM-5)."""

    slug: str
    label: Label
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Toggle:
    """One action of one permission, as the editor shows it and a role stores it."""

    code: str
    category: Category
    permission: Permission
    action: str

    @property
    def audit_name(self) -> str:
        """The name in the audit trail, as `Admin/Employees/Create` or `Admin/SCIM`: English, whoever makes the change."""
        return _audit_name(self.code)


@functools.cache
def _audit_name(code: str) -> str:
    toggle = TOGGLES[code]
    with translation.override("en"):
        parts = [toggle.category.label, toggle.permission.label]
        if not toggle.permission.is_switch:
            parts.append(ACTIONS[toggle.action])
        return "/".join(str(part) for part in parts)


def parameters(
    slug: str,
    label: Label,
    actions: str,
    *,
    agent: str = "",
    evaluator: str = "",
    manager: str = ALL,
    administrator: str = ALL,
    licence: str | None = None,
) -> Permission:
    """A row of the catalogue; actions and presets as words, `ALL` meaning every action. Evaluators have what agents have."""
    every = tuple(actions.split())

    def chosen(words: str) -> frozenset[str]:
        return frozenset(every if words == ALL else words.split())

    presets = {
        "agent": chosen(agent),
        "evaluator": chosen(agent) | chosen(evaluator),
        "manager": chosen(manager),
        "administrator": chosen(administrator),
    }
    return Permission(slug, label, every, presets, licence)


def switch(slug: str, label: Label, **presets: str) -> Permission:
    """A row of the catalogue that is on or off."""
    return parameters(slug, label, "on", **presets)


CATALOGUE: tuple[Category, ...] = (
    Category(
        "admin",
        pgettext_lazy("permission category", "Admin"),
        (
            Group(
                pgettext_lazy("permission group", "General Permissions"),
                (
                    parameters(
                        "external_business_unit",
                        pgettext_lazy("permission", "External Business Unit"),
                        "view edit",
                        manager="view",
                    ),
                    parameters(
                        "password_policy", pgettext_lazy("permission", "Password Policy"), "view edit", manager="view"
                    ),
                    parameters(
                        "role_management",
                        pgettext_lazy("permission", "Role Management"),
                        "view search create edit deactivate user_assignment",
                        manager="view search user_assignment",
                    ),
                    parameters(
                        "scheduling_unit",
                        pgettext_lazy("permission", "Scheduling Unit"),
                        "view edit create delete",
                        manager="view",
                        licence="wfm",
                    ),
                    switch(
                        "can_view_my_scheduling_unit",
                        pgettext_lazy("permission", "Can View My Scheduling Unit"),
                        agent=ALL,
                        licence="wfm",
                    ),
                    parameters(
                        "wem_skills",
                        pgettext_lazy("permission", "WEM Skills"),
                        "view edit create delete",
                        manager="view",
                        licence="wfm",
                    ),
                    switch("my_wem_skills", pgettext_lazy("permission", "My WEM Skills"), agent=ALL, licence="wfm"),
                    switch("can_view_client_info", pgettext_lazy("permission", "Can view client info"), agent=ALL),
                    parameters(
                        "employees",
                        pgettext_lazy("permission", "Employees"),
                        "view edit create delete invite import",
                        manager="view edit create invite import",
                    ),
                    parameters(
                        "login_authenticator",
                        pgettext_lazy("permission", "Login Authenticator"),
                        "view search create edit",
                        manager="view search",
                    ),
                    switch("activity_audit_report_access", pgettext_lazy("permission", "Activity Audit Report Access")),
                    switch("change_audit_report_access", pgettext_lazy("permission", "Change Audit Report Access")),
                    parameters("teams", pgettext_lazy("permission", "Teams"), "view edit create deactivate"),
                    parameters(
                        "access_key",
                        pgettext_lazy("permission", "Access Key"),
                        "view create edit delete",
                        manager="view",
                    ),
                    parameters(
                        "my_access_key", pgettext_lazy("permission", "My Access Key"), "view create edit delete"
                    ),
                    parameters(
                        "admin_account_settings",
                        pgettext_lazy("permission", "Admin Account Settings"),
                        "view edit",
                        manager="view",
                    ),
                    switch("bulk_upload", pgettext_lazy("permission", "Bulk Upload")),
                    parameters(
                        "view_management",
                        pgettext_lazy("permission", "View Management"),
                        "view create edit delete",
                        manager="view",
                    ),
                    parameters(
                        "groups",
                        pgettext_lazy("permission", "Groups"),
                        "view create edit delete",
                        manager="view create edit",
                    ),
                    parameters(
                        "employee_templates",
                        pgettext_lazy("permission", "Employee Templates"),
                        "view create edit",
                        manager="view",
                    ),
                    switch("can_manage_passwords", pgettext_lazy("permission", "Can Manage Passwords")),
                    parameters(
                        "security_policy", pgettext_lazy("permission", "Security Policy"), "configure", manager=""
                    ),
                    parameters(
                        "location_management",
                        pgettext_lazy("permission", "Location Management"),
                        "view create edit delete",
                        manager="",
                    ),
                    parameters(
                        "applications",
                        pgettext_lazy("permission", "Applications"),
                        "view create edit delete",
                        manager="",
                    ),
                    switch("scim", pgettext_lazy("permission", "SCIM"), manager="", administrator=""),
                ),
            ),
        ),
    ),
    Category(
        "acd",
        pgettext_lazy("permission category", "ACD"),
        (
            Group(
                pgettext_lazy("permission group", "Contact Settings"),
                (
                    parameters("campaigns", pgettext_lazy("permission", "Campaigns"), "view edit create deactivate"),
                    parameters(
                        "chat_profiles", pgettext_lazy("permission", "Chat Profiles"), "view edit create deactivate"
                    ),
                    parameters(
                        "dispositions", pgettext_lazy("permission", "Dispositions"), "view edit create deactivate"
                    ),
                    parameters(
                        "workflow_data", pgettext_lazy("permission", "Workflow Data"), "view edit create deactivate"
                    ),
                    parameters(
                        "points_of_contact",
                        pgettext_lazy("permission", "Points of Contact"),
                        "view edit create deactivate",
                    ),
                    parameters("scripts", pgettext_lazy("permission", "Scripts"), "view edit create deactivate"),
                    parameters(
                        "script_schedules",
                        pgettext_lazy("permission", "Script Schedules"),
                        "view edit create deactivate",
                    ),
                    parameters("tags", pgettext_lazy("permission", "Tags"), "view edit create deactivate"),
                    parameters(
                        "hours_of_operation",
                        pgettext_lazy("permission", "Hours of Operation"),
                        "view edit create delete",
                    ),
                    parameters(
                        "skills", pgettext_lazy("permission", "Skills"), "view user_assignment edit create deactivate"
                    ),
                    parameters("users", pgettext_lazy("permission", "Users"), "view edit"),
                ),
            ),
            Group(
                pgettext_lazy("permission group", "Dashboard Widgets"),
                (
                    switch("agent_counter", pgettext_lazy("permission", "Agent Counter")),
                    switch("agent_list", pgettext_lazy("permission", "Agent List")),
                    switch("contact_list", pgettext_lazy("permission", "Contact List")),
                    switch("contact_states_by_skill", pgettext_lazy("permission", "Contact States by Skill")),
                    switch("queue_counter", pgettext_lazy("permission", "Queue Counter")),
                    switch("service_level", pgettext_lazy("permission", "Service Level")),
                    switch("skill_summary", pgettext_lazy("permission", "Skill Summary")),
                    switch("unavailable_statistics", pgettext_lazy("permission", "Unavailable Statistics")),
                    switch("callback_requests", pgettext_lazy("permission", "Callback Requests")),
                ),
            ),
        ),
    ),
    Category(
        "qm",
        pgettext_lazy("permission category", "QM Tools"),
        (
            Group(
                pgettext_lazy("permission group", "General"),
                (
                    parameters("my_dashboard", pgettext_lazy("permission", "My Dashboard"), "view edit"),
                    switch("review_evaluations", pgettext_lazy("permission", "Review Evaluations")),
                    switch("qm_supervisor_dashboard", pgettext_lazy("permission", "QM Supervisor Dashboard")),
                ),
            ),
            Group(
                pgettext_lazy("permission group", "Evaluations"),
                (
                    parameters(
                        "evaluation_forms",
                        pgettext_lazy("permission", "Evaluation Forms"),
                        "view edit create delete",
                        evaluator=ALL,
                    ),
                    parameters(
                        "quality_plans",
                        pgettext_lazy("permission", "Quality Plans"),
                        "view edit create delete",
                        evaluator=ALL,
                    ),
                    switch("form_manager", pgettext_lazy("permission", "Form Manager"), evaluator=ALL),
                    parameters(
                        "perform_evaluations",
                        pgettext_lazy("permission", "Perform Evaluations"),
                        "view evaluate replace delete assign",
                        evaluator=ALL,
                    ),
                ),
            ),
            Group(
                pgettext_lazy("permission group", "My Zone"),
                (
                    parameters("calibrations", pgettext_lazy("permission", "Calibrations"), "view create delete"),
                    switch("performance_monitoring", pgettext_lazy("permission", "Performance Monitoring")),
                    switch("plan_monitoring", pgettext_lazy("permission", "Plan Monitoring")),
                    switch("my_evaluations", pgettext_lazy("permission", "Evaluations"), agent=ALL),
                    parameters(
                        "self_assessments",
                        pgettext_lazy("permission", "Self Assessments"),
                        "view initiate delete",
                        agent="view",
                    ),
                ),
            ),
        ),
    ),
    Category(
        "wfm",
        pgettext_lazy("permission category", "WFM"),
        (
            Group(
                pgettext_lazy("permission group", "Scheduling"),
                (
                    parameters("schedule_manager", pgettext_lazy("permission", "Schedule Manager"), "view manage"),
                    parameters("generate_schedule", pgettext_lazy("permission", "Generate Schedule"), "view manage"),
                    parameters("bidding_manager", pgettext_lazy("permission", "Bidding Manager"), "view manage"),
                    parameters("staffing_plans", pgettext_lazy("permission", "Staffing Plans"), "view import"),
                ),
            ),
            Group(
                pgettext_lazy("permission group", "Forecasting"),
                (
                    parameters("generate_forecasts", pgettext_lazy("permission", "Generate Forecasts"), "view manage"),
                    parameters("historical_data", pgettext_lazy("permission", "Historical Data"), "view import delete"),
                ),
            ),
            Group(
                pgettext_lazy("permission group", "Time-Off Planning"),
                (parameters("rules_summary", pgettext_lazy("permission", "Rules & Summary"), "view manage"),),
            ),
            Group(
                pgettext_lazy("permission group", "Setup"),
                (
                    parameters("activity_codes", pgettext_lazy("permission", "Activity Codes"), "view manage"),
                    parameters("daily_rules", pgettext_lazy("permission", "Daily Rules"), "view manage"),
                    parameters("weekly_rules", pgettext_lazy("permission", "Weekly Rules"), "view manage"),
                ),
            ),
            Group(
                pgettext_lazy("permission group", "My Zone"),
                (
                    switch("view_personal_schedule", pgettext_lazy("permission", "View Personal Schedule"), agent=ALL),
                    switch(
                        "personal_time_off_requests",
                        pgettext_lazy("permission", "Personal Time Off Requests"),
                        agent=ALL,
                    ),
                    switch("submit_shift_bids", pgettext_lazy("permission", "Submit Shift Bids"), agent=ALL),
                    switch("set_preferences", pgettext_lazy("permission", "Set Preferences"), agent=ALL),
                ),
            ),
            Group(
                pgettext_lazy("permission group", "General"),
                (
                    parameters(
                        "real_time_adherence", pgettext_lazy("permission", "Real Time Adherence"), "view manage"
                    ),
                    parameters("intraday_manager", pgettext_lazy("permission", "Intraday Manager"), "view manage"),
                    parameters("requests", pgettext_lazy("permission", "Requests"), "view manage"),
                ),
            ),
        ),
    ),
    Category(
        "interactions",
        pgettext_lazy("permission category", "Interactions Hub"),
        (
            Group(
                pgettext_lazy("permission group", "General"),
                (
                    switch("search_interactions", pgettext_lazy("permission", "Search Interactions"), evaluator=ALL),
                    switch("delete_recordings", pgettext_lazy("permission", "Delete Recordings")),
                    switch("export_search_results", pgettext_lazy("permission", "Export Search Results")),
                    switch(
                        "create_edit_delete_public_queries",
                        pgettext_lazy("permission", "Create/edit/delete Public Queries"),
                    ),
                    switch("view_evaluations", pgettext_lazy("permission", "View Evaluations")),
                ),
            ),
            Group(
                pgettext_lazy("permission group", "Player"),
                (
                    switch("play_any", pgettext_lazy("permission", "Play Any"), evaluator=ALL),
                    switch("download", pgettext_lazy("permission", "Download"), evaluator=ALL),
                    switch(
                        "view_sentiments_and_categories",
                        pgettext_lazy("permission", "View sentiments and categories"),
                        evaluator=ALL,
                    ),
                    switch("edit_own_annotations", pgettext_lazy("permission", "Edit own annotations"), evaluator=ALL),
                    switch(
                        "edit_any_public_annotations",
                        pgettext_lazy("permission", "Edit any public annotations"),
                        evaluator=ALL,
                    ),
                ),
            ),
        ),
    ),
    Category(
        "reporting",
        pgettext_lazy("permission category", "Reporting"),
        (
            Group(
                pgettext_lazy("permission group", "General"),
                (
                    switch("report_viewer", pgettext_lazy("permission", "Report Viewer")),
                    switch("subscriptions", pgettext_lazy("permission", "Subscriptions")),
                    switch("schedules", pgettext_lazy("permission", "Schedules")),
                    switch("report_usage_notification", pgettext_lazy("permission", "Report Usage Notification")),
                ),
            ),
            Group(
                pgettext_lazy("permission group", "BI Reports"),
                (
                    switch("adherence", pgettext_lazy("permission", "Adherence")),
                    switch("evaluations_by_team", pgettext_lazy("permission", "Evaluations by Team")),
                    switch("time_utilization", pgettext_lazy("permission", "Time Utilization")),
                    switch("evaluation_details", pgettext_lazy("permission", "Evaluation Details")),
                    switch("recording_activity", pgettext_lazy("permission", "Recording Activity")),
                    switch("list_of_agents", pgettext_lazy("permission", "List of Agents")),
                    switch("list_of_skills", pgettext_lazy("permission", "List of Skills")),
                    switch("list_of_teams", pgettext_lazy("permission", "List of Teams")),
                    switch("list_of_campaigns", pgettext_lazy("permission", "List of Campaigns")),
                    switch("agent_contact_performance", pgettext_lazy("permission", "Agent Contact Performance")),
                    switch("agent_session", pgettext_lazy("permission", "Agent Session")),
                    switch("calibration", pgettext_lazy("permission", "Calibration")),
                ),
            ),
        ),
    ),
    Category(
        "ia",
        pgettext_lazy("permission category", "Interaction Analytics"),
        (
            Group(
                pgettext_lazy("permission group", "General"),
                (
                    switch("analytics_access", pgettext_lazy("permission", "Analytics Access")),
                    switch("transcript_upload", pgettext_lazy("permission", "Transcript Upload")),
                    switch("autodiscovery_access", pgettext_lazy("permission", "AutoDiscovery Access")),
                    switch("behavioral_metrics_access", pgettext_lazy("permission", "Behavioral Metrics Access")),
                ),
            ),
        ),
    ),
    Category(
        "dashboard",
        pgettext_lazy("permission category", "Dashboard"),
        (
            Group(
                pgettext_lazy("permission group", "General"),
                (
                    parameters("dashboards", pgettext_lazy("permission", "Dashboards"), "view edit take_ownership"),
                    switch("agent_zoom", pgettext_lazy("permission", "Agent Zoom"), agent=ALL),
                    switch("dashboard_templates", pgettext_lazy("permission", "Dashboard Templates")),
                ),
            ),
        ),
    ),
    Category(
        "coaching",
        pgettext_lazy("permission category", "Coaching"),
        (
            Group(
                pgettext_lazy("permission group", "General"),
                (
                    parameters(
                        "coaching_management",
                        pgettext_lazy("permission", "Coaching Management"),
                        "view create manage delete",
                    ),
                    parameters(
                        "receive_coaching",
                        pgettext_lazy("permission", "Receive Coaching"),
                        "view acknowledge",
                        agent=ALL,
                    ),
                    switch("manage_categories", pgettext_lazy("permission", "Manage Categories")),
                    switch("can_be_assigned_as_a_coach", pgettext_lazy("permission", "Can be assigned as a Coach")),
                ),
            ),
        ),
    ),
    Category(
        "em",
        pgettext_lazy("permission category", "Engagement Manager"),
        (
            Group(
                pgettext_lazy("permission group", "General"),
                (
                    switch("programs", pgettext_lazy("permission", "Programs")),
                    parameters("setup", pgettext_lazy("permission", "Setup"), "view manage"),
                    switch("absence_request", pgettext_lazy("permission", "Absence Request")),
                    switch("mobile_access", pgettext_lazy("permission", "Mobile Access")),
                ),
            ),
        ),
    ),
    Category(
        "pm",
        pgettext_lazy("permission category", "Performance Management"),
        (
            Group(
                pgettext_lazy("permission group", "General"),
                (
                    parameters("metrics", pgettext_lazy("permission", "Metrics"), "view edit create"),
                    parameters("objectives", pgettext_lazy("permission", "Objectives"), "view edit create"),
                    parameters("data_feed", pgettext_lazy("permission", "Data Feed"), "view create"),
                    switch("import_data", pgettext_lazy("permission", "Import Data")),
                ),
            ),
        ),
    ),
)


def _toggles() -> Iterator[Toggle]:
    for category in CATALOGUE:
        for group in category.groups:
            for permission in group.permissions:
                for action in permission.actions:
                    yield Toggle(f"{category.slug}.{permission.slug}.{action}", category, permission, action)


TOGGLES: Mapping[str, Toggle] = {toggle.code: toggle for toggle in _toggles()}


def visible(licences: Iterable[str]) -> tuple[Category, ...]:
    """The catalogue as a tenant with these licences sees it (R-PERM-5)."""
    held = frozenset(licences)
    return tuple(
        Category(
            category.slug,
            category.label,
            tuple(
                Group(group.label, tuple(p for p in group.permissions if p.licence is None or p.licence in held))
                for group in category.groups
            ),
        )
        for category in CATALOGUE
        if category.slug in held
    )


def needed_by(code: str) -> frozenset[str]:
    """What choosing a toggle chooses with it: its permission's View, and for Employees.Import also Create and Edit
    (R-PERM-1, R-PERM-2)."""
    toggle = TOGGLES[code]
    stem = code.removesuffix(toggle.action)
    needs = {"view"} & set(toggle.permission.actions)
    if code == "admin.employees.import":
        needs |= {"create", "edit"}
    return frozenset(stem + action for action in needs - {toggle.action})


def closed(codes: Iterable[str]) -> frozenset[str]:
    """The set with everything it needs; unknown codes are dropped (R-PERM-4)."""
    known = {code for code in codes if code in TOGGLES}
    return frozenset(known.union(*(needed_by(code) for code in known)))


LAB_OPERATOR = "lab.operator"
"""No toggle of a role: what a lab operator holds beside them (Employee.is_lab_operator)."""


def spoken(code: str) -> str:
    """A toggle as error messages name it: `Employees.Create`, or `SCIM` for a switch (spec §5, R-ACC-4); in English."""
    return TOGGLES[code].audit_name.partition("/")[2].replace("/", ".")


def preset(ootb_code: str) -> frozenset[str]:
    """What an out-of-the-box role has (spec §5): `agent`, `evaluator`, `manager` or `administrator`.

    Raises:
        KeyError: no such role.
    """
    return frozenset(code for code, toggle in TOGGLES.items() if toggle.action in toggle.permission.presets[ootb_code])

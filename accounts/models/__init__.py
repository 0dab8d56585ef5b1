"""The data of the product: one module a subject."""

from .applications import Application
from .audit import ActivityEvent, AuditEvent
from .authenticators import LoginAuthenticator
from .bulk_uploads import BulkUpload, BulkUploadError, Worker
from .business_units import AccountSettings, BusinessUnit
from .contact_centre import AgentSkill, AgentState, CatalogueEntry
from .credentials import AccessKey, ScimToken
from .employees import Employee, MailedLink, PasswordHistory, SecondaryRole
from .groups import Group, GroupMembership
from .limits import RateCount
from .mail import OutboxMail
from .notifications import Notification
from .oauth import AuthorizationCode, OAuthSession, SigningKey
from .roles import Role, RoleNameReservation, RolePermission
from .teams import Team
from .templates import EmployeeTemplate
from .views import EmployeeView, View

__all__ = [
    "AccessKey",
    "AccountSettings",
    "ActivityEvent",
    "AgentSkill",
    "AgentState",
    "Application",
    "AuditEvent",
    "AuthorizationCode",
    "BulkUpload",
    "BulkUploadError",
    "BusinessUnit",
    "CatalogueEntry",
    "Employee",
    "EmployeeTemplate",
    "EmployeeView",
    "Group",
    "GroupMembership",
    "LoginAuthenticator",
    "MailedLink",
    "Notification",
    "OAuthSession",
    "OutboxMail",
    "PasswordHistory",
    "RateCount",
    "Role",
    "RoleNameReservation",
    "RolePermission",
    "ScimToken",
    "SecondaryRole",
    "SigningKey",
    "Team",
    "View",
    "Worker",
]

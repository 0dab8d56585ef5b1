"""What the classic API stores of agents and teams without a meaning here: names, types and limits in tables.

Values go to `acd_settings` under the API's own names and come back as they were sent.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers

from accounts.api import reading

REFUSAL_TIMEOUT = (15, 300)

AGENT_TEXTS: Mapping[str, int] = (
    dict.fromkeys(("address1", "address2", "city", "country", "crmUserName", "state"), 100)
    | dict.fromkeys(("sipUser", "systemDomain", "systemUser", "ntLoginName"), 100)
    | dict.fromkeys(("custom1", "custom2", "custom3", "custom4", "custom5"), 40)
    | dict.fromkeys(("issuer", "subject", "apiKey", "userType", "teams_channel_Id"), 255)
    | dict.fromkeys(("internalId", "zipCode", "telephone1", "telephone2", "deliveryMode", "agentDeliveryMode"), 50)
    | {"federatedId": 128, "notes": 1000, "referral": 30, "agentSyncTime": 50, "terminationDate": 50}
)
AGENT_NUMBERS: Mapping[str, tuple[int, int]] = (
    dict.fromkeys(
        (
            "chatRefusalTimeout",
            "digitalRefusalTimeout",
            "emailRefusalTimeOut",
            "phoneRefusalTimeout",
            "smsRefusalTimeout",
            "voicemailRefusalTimeOut",
            "workItemRefusalTimeout",
        ),
        REFUSAL_TIMEOUT,
    )
    | dict.fromkeys(
        (
            "agentChatThreshold",
            "agentCxaClientVersion",
            "agentEmailThreshold",
            "agentMaxVersion",
            "agentPhoneTimeout",
            "agentSmsThreshold",
            "agentTotalContactCount",
            "agentVoiceThreshold",
            "agentWorkItemThreshold",
            "agentWorkItemthreshold",
            "defaultDialingPattern",
            "hiringSource",
            "locationId",
            "maxConcurrentChats",
            "reportToId",
            "scheduleNotification",
            "timeDisplayFormat",
            "totalContactCount",
            "voiceThreshold",
        ),
        (0, reading.LARGEST),
    )
    | {
        "ACWRange": (1, 7200),
        "chatThreshold": (0, 12),
        "digitalThreshold": (0, 50),
        "emailThreshold": (0, 25),
        "employmentType": (1, 5),
        "maxEmailAutoParkingLimit": (1, 25),
        "smsThreshold": (0, 12),
        "workItemThreshold": (0, 25),
    }
)
AGENT_SWITCHES = (
    "ACWEnabled",
    "agentContactAutoFocus",
    "agentCxaReleasePrevious",
    "agentDigitalThreshold",
    "agentIntegration",
    "agentRequestContact",
    "atHome",
    "channelLock",
    "contactAutoFocus",
    "customerCard",
    "digitalEngagementEnabled",
    "isBillable",
    "isOpenIdProfileComplete",
    "isWhatIfAgent",
    "maxPreview",
    "noFixedAddress",
    "rehireStatus",
    "requestContact",
    "sendEmailNotifications",
    "useAgentTimeZone",
    "useTeamChatThreshold",
    "useTeamContactAutoFocus",
    "useTeamDefaults",
    "useTeamDeliveryModeSettings",
    "useTeamDigitalThreshold",
    "useTeamEmailAutoParkingLimit",
    "useTeamEmailThreshold",
    "useTeamMaxConcurrentChats",
    "useTeamRequestContact",
    "useTeamSmsThreshold",
    "useTeamVoiceThreshold",
    "useTeamWorkItemThreshold",
)
# Accepted and not kept: secrets, and what is said elsewhere in the same item.
AGENT_IGNORED = ("password", "forceChangeOnLogon", "integratedSoftphoneWebRtcUrls", "roleId", "userId", "divisionNo")
# Kept, but answered by the list or the record under another name, or by neither.
AGENT_ANSWERED_AS = {
    "emailRefusalTimeOut": "emailRefusalTimeout",
    "voicemailRefusalTimeOut": "voicemailRefusalTimeout",
    "agentWorkItemthreshold": "agentWorkItemThreshold",
}
AGENT_NEVER_ANSWERED = frozenset(
    {
        "agentChatThreshold",
        "agentDigitalThreshold",
        "agentSmsThreshold",
        "agentSyncTime",
        "locationId",
        "useTeamDefaults",
    }
)
# What an agent has whom nobody has given anything else.
AGENT_DEFAULTS: Mapping[str, Any] = {
    **dict.fromkeys((name for name in AGENT_SWITCHES if name.startswith("useTeam")), True),
    **dict.fromkeys(("atHome", "isWhatIfAgent", "isOpenIdProfileComplete", "channelLock", "useAgentTimeZone"), False),
    **dict.fromkeys(("chatThreshold", "emailThreshold", "workItemThreshold", "digitalThreshold", "smsThreshold"), 0),
    **dict.fromkeys(("chatRefusalTimeout", "phoneRefusalTimeout", "workItemRefusalTimeout"), 45),
    "maxConcurrentChats": 1,
}

TEAM_NUMBERS: Mapping[str, tuple[int, int]] = {
    "chatThreshold": (0, 12),
    "digitalThreshold": (0, 50),
    "emailThreshold": (0, 25),
    "maxConcurrentChats": (0, 12),
    "maxEmailAutoParkingLimit": (0, 25),
    "smsThreshold": (0, 12),
    "totalContactCount": (0, reading.LARGEST),
    "voiceThreshold": (0, 1),
    "workItemThreshold": (0, 25),
}
TEAM_SWITCHES = (
    "analyticsEnabled",
    "channelLock",
    "contactAutoFocus",
    "cxOneCustomerAuthenticationEnabled",
    "inViewEnabled",
    "inViewGamificationEnabled",
    "inViewLMSEnabled",
    "inViewWallboardEnabled",
    "niceAudioRecordingEnabled",
    "niceCoachingEnabled",
    "niceDesktopAnalyticsEnabled",
    "niceLessonManagementEnabled",
    "nicePerformanceManagementEnabled",
    "niceQmEnabled",
    "niceQualityOptimizationEnabled",
    "niceScreenRecordingEnabled",
    "niceShiftBiddingEnabled",
    "niceSpeechAnalyticsEnabled",
    "niceStrategicPlannerEnabled",
    "niceSurvey_CustomerEnabled",
    "niceWfmEnabled",
    "niceWfoAdvancedEnabled",
    "niceWfoEssentialsEnabled",
    "qm2Enabled",
    "requestContact",
    "wfm2Enabled",
    "wfoEnabled",
)
TEAM_TEXTS: Mapping[str, int] = {"deliveryMode": 50}


def fields_of(
    texts: Mapping[str, int], numbers: Mapping[str, tuple[int, int]], switches: Iterable[str]
) -> dict[str, serializers.Field]:
    """Optional fields for these tables."""
    found: dict[str, serializers.Field] = {}
    for name, limit in texts.items():
        found[name] = serializers.CharField(max_length=limit, required=False, allow_blank=True, allow_null=True)
    for name, (low, high) in numbers.items():
        found[name] = serializers.IntegerField(min_value=low, max_value=high, required=False, allow_null=True)
    for name in switches:
        found[name] = serializers.BooleanField(required=False, allow_null=True)
    return found


def merged(present: Mapping[str, Any], given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What is kept after a write: null takes a value away, what is left out stays."""
    after = dict(present)
    for name in names:
        if name in given:
            after[name] = given[name]
    return {name: value for name, value in after.items() if value is not None and value != ""}

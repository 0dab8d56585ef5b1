"""The catalogue of the contact centre that a new tenant has: skills, campaigns, dispositions, hours of operation, points
of contact and hiring sources."""

from collections.abc import Iterator

from accounts.models import BusinessUnit, CatalogueEntry
from cxadmin import clock

Kind = CatalogueEntry.Kind

CAMPAIGN = (1, "Default Campaign")
PHONE, CHAT, MAIL = (4, "Phone Call"), (3, "Chat"), (1, "E-Mail")
SKILLS = (
    (101, "Inbound Phone", PHONE, False),
    (102, "Outbound Phone", PHONE, True),
    (103, "Chat", CHAT, False),
    (104, "E-mail", MAIL, False),
)
DISPOSITIONS = ("Resolved", "Follow-up needed", "Wrong number")
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = (("Always open", "00:00:00", "23:59:59", ()), ("Office hours", "09:00:00", "17:00:00", WEEK[5:]))
POINTS = ((1001, "+15550100", "Main number", 101, PHONE), (1002, "chat", "Web chat", 103, CHAT))
HIRING_SOURCES = ("Advertisement", "Employee referral")


def plant(unit: BusinessUnit) -> None:
    """Store the catalogue of a new tenant."""
    now = clock.now()
    CatalogueEntry.objects.bulk_create(
        CatalogueEntry(business_unit=unit, kind=kind, number=number, name=name, details=details, modified_at=now)
        for kind, number, name, details in entries()
    )


def entries() -> Iterator[tuple[Kind, int, str, dict[str, object]]]:
    """Kind, number, name and details of what a new tenant has."""
    yield Kind.CAMPAIGN, *CAMPAIGN, {}
    for number, name, media, is_outbound in SKILLS:
        campaign = {"campaignId": CAMPAIGN[0], "campaignName": CAMPAIGN[1]}
        yield Kind.SKILL, number, name, {**_media(media), "isOutbound": is_outbound, **campaign}
    for number, name in enumerate(DISPOSITIONS, 1):
        yield Kind.DISPOSITION, number, name, {"classificationId": number, "isPreviewDisposition": False}
    for number, (name, opens, closes, closed) in enumerate(HOURS, 1):
        days = [
            {
                "day": day,
                "openTime": opens,
                "closeTime": closes,
                "hasAdditionalHours": False,
                "isClosedAllDay": day in closed,
            }
            for day in WEEK
        ]
        yield Kind.HOURS, number, name, {"days": days}
    for number, address, name, skill, media in POINTS:
        yield Kind.POINT, number, name, {**_media(media), "contactAddress": address, "defaultSkillId": skill}
    for number, name in enumerate(HIRING_SOURCES, 1):
        yield Kind.HIRING_SOURCE, number, name, {}


def _media(media: tuple[int, str]) -> dict[str, object]:
    return {"mediaTypeId": media[0], "mediaTypeName": media[1]}

"""Countries and their states, as far as clients ask: ISO 3166 from the time zone database, states of two countries."""

import functools
import importlib.resources
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.http import Http404
from rest_framework.response import Response

from accounts.api import reading
from accounts.api.classic.conventions import nothing
from accounts.api.operations import Call

STATES: Mapping[str, str] = {
    "US": (
        "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,"
        "DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,"
        "KY Kentucky,LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,"
        "MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,"
        "NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,RI Rhode Island,"
        "SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,"
        "WV West Virginia,WI Wisconsin,WY Wyoming"
    ),
    "CA": (
        "AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,NL Newfoundland and Labrador,NS Nova Scotia,"
        "NT Northwest Territories,NU Nunavut,ON Ontario,PE Prince Edward Island,QC Quebec,SK Saskatchewan,YT Yukon"
    ),
}


class Country(NamedTuple):
    """A country; its number is its place in the alphabet of codes."""

    number: int
    code: str
    name: str


@functools.cache
def every() -> tuple[Country, ...]:
    """All countries, by code."""
    table = importlib.resources.files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return tuple(Country(at, code, name) for at, (code, name) in enumerate(sorted(map(tuple, rows)), start=1))


@functools.cache
def _by_word() -> dict[str, Country]:
    return {word.casefold(): country for country in every() for word in (country.code, country.name)}


def find(word: str) -> Country | None:
    """The country with this code or name."""
    return _by_word().get(word.casefold())


def listed(call: Call) -> dict[str, Any]:
    """All countries."""
    return {
        "countries": [
            {"countryId": country.number, "countryCode": country.code, "countryName": country.name}
            for country in every()
        ]
    }


def states(call: Call, country_id: str) -> dict[str, Any] | Response:
    """The states of a country; nothing of those whose states are not known here."""
    number = reading.as_number(country_id)
    country = next((one for one in every() if one.number == number), None)
    if country is None:
        raise Http404
    if country.code not in STATES:
        return nothing()
    named = (entry.partition(" ") for entry in STATES[country.code].split(","))
    return {
        "resultSet": {
            "countryId": country.number,
            "countryName": country.name,
            "states": [
                {"stateId": at, "stateCode": code, "stateName": name}
                for at, (code, _, name) in enumerate(named, start=1)
            ],
        }
    }

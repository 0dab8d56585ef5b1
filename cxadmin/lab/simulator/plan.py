"""What a simulation shall play, checked before anything is sent."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cxadmin.lab.simulator.entra import Entra, FlaggedEntra
from cxadmin.lab.simulator.okta import CatalogueOkta, Okta
from cxadmin.lab.simulator.provider import MOST_GROUPS, Provider

PROVIDERS: dict[str, dict[str, type[Provider]]] = {
    "okta": {"wizard": Okta, "catalogue": CatalogueOkta},
    "entra": {"plain": Entra, "flag": FlaggedEntra},
}
MOST_PEOPLE = 100_000
MOST_CONNECTIONS = 32
MOST_RATE = 10_000
MOST_SEED = 2**31
LONGEST_DOMAIN = 120


class BadPlan(ValueError):
    """A value that cannot be played; `field` names it, the message is for whoever gave it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Plan:
    """A simulation.

    Attributes:
        style: which of the provider's documented ways: `wizard` or `catalogue` of Okta, `plain` or `flag` of Entra ID.
        steps: in the order in which they are played.
        domain: behind the @ of user names.
        share: of 100 people, so many are updated, deactivated and reactivated.
        rate: at most so many requests a second; 0 for as many as the server answers.
        connections: how many requests are under way at the same time.
    """

    provider: str
    style: str
    steps: tuple[str, ...]
    domain: str
    people: int = 10
    seed: int = 1
    groups: int = 3
    share: int = 100
    rate: float = 0
    connections: int = 4

    @property
    def kind(self) -> type[Provider]:
        return PROVIDERS[self.provider][self.style]

    @property
    def touched(self) -> int:
        """How many people are updated, deactivated and reactivated."""
        return -(-self.people * self.share // 100)

    def as_dict(self) -> dict[str, Any]:
        """The plan as JSON has it; `read` takes it back."""
        return {**asdict(self), "steps": list(self.steps)}


NUMBERS = {
    "people": (1, MOST_PEOPLE),
    "seed": (0, MOST_SEED),
    "groups": (0, MOST_GROUPS),
    "share": (1, 100),
    "connections": (1, MOST_CONNECTIONS),
}
NAMES = ("provider", "style", "steps", "domain", "rate", *NUMBERS)


def read(values: Mapping[str, Any], *, domain: str) -> Plan:
    """A plan from loose values; what is missing is the default.

    Args:
        domain: used where the values name none.

    Raises:
        BadPlan: an unknown name, or a value that cannot be played.
    """
    for name in values:
        if name not in NAMES:
            raise BadPlan(name, f"There is no {name}; known are {', '.join(sorted(NAMES))}.")
    styles = PROVIDERS.get(str(values.get("provider")))
    if styles is None:
        raise BadPlan("provider", f"provider must be {' or '.join(PROVIDERS)}.")
    style = values.get("style") or next(iter(styles))
    if style not in styles:
        raise BadPlan("style", f"style can be {' or '.join(styles)} with {values['provider']}, not {_short(style)}.")
    numbers = {name: _number(name, values[name], *NUMBERS[name]) for name in NUMBERS if name in values}
    return Plan(
        provider=values["provider"],
        style=style,
        steps=_steps(values.get("steps"), styles[style].steps),
        domain=_domain(values.get("domain") or domain),
        rate=_rate(values.get("rate", 0)),
        **numbers,
    )


def _steps(given: Any, known: tuple[str, ...]) -> tuple[str, ...]:
    if given is None:
        return known
    asked = [name.strip() for name in given.split(",")] if isinstance(given, str) else given
    if not isinstance(asked, list | tuple) or not all(isinstance(name, str) for name in asked):
        raise BadPlan("steps", f"steps is a list of some of {', '.join(known)}.")
    unknown = [name for name in asked if name not in known]
    if unknown or not asked:
        said = f"There is no step {_short(unknown[0])}" if unknown else "No step is chosen"
        raise BadPlan("steps", f"{said}; known are {', '.join(known)}.")
    return tuple(name for name in known if name in asked)


def _number(name: str, given: Any, least: int, most: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise BadPlan(name, f"{name} must be a whole number from {least:,} to {most:,}, not {_short(given)}.")
    return given


def _rate(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not (given == 0 or 0.01 <= given <= MOST_RATE):
        raise BadPlan("rate", f"rate must be a number of requests a second up to {MOST_RATE:,}, or 0 for no limit.")
    return given


def _domain(given: Any) -> str:
    labels = given.split(".") if isinstance(given, str) else []
    good = len(labels) > 1 and all(
        label and len(label) < 64 and label.isascii() and label.replace("-", "a").isalnum() for label in labels
    )
    if not good or len(given) > LONGEST_DOMAIN:
        raise BadPlan("domain", f"domain must look like example.com, not {_short(given)}.")
    return str(given).lower()


def _short(given: Any) -> str:
    return repr(given)[:60]

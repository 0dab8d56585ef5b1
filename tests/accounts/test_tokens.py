"""The colours of the design system are readable in both themes (WCAG 2.2: 4.5 for text, 3 for what is drawn)."""

import re

import pytest
from django.conf import settings

TEXT = [
    ("header-text", "header"),
    ("header-muted", "header"),
    ("header-text", "header-hover"),
    *(
        (text, ground)
        for text in ("text", "muted", "link", "danger-text")
        for ground in ("page", "surface", "hover", "sunken", "raised")
    ),
    ("text", "soft"),
    ("on-soft", "soft"),
    ("on-primary", "primary"),
    ("on-primary", "primary-hover"),
    ("on-danger", "danger"),
    ("on-danger", "danger-hover"),
    ("text", "input"),
    ("muted", "input"),
    *((tone, f"{tone}-soft") for tone in ("green", "amber", "blue", "grey", "red")),
    ("muted", "grey-soft"),
    ("on-badge", "badge"),
]
DRAWN = [
    ("focus", "page"),
    ("focus", "surface"),
    ("focus", "raised"),
    ("focus-header", "header"),
    ("input-border", "input"),
    ("input-border", "surface"),
    ("toggle-off", "surface"),
    ("primary", "surface"),
]


def colours() -> dict[str, tuple[str, str]]:
    css = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", css)
    same = re.findall(r"--([\w-]+): (#\w{6});", css)
    return {name: (light, dark) for name, light, dark in pairs} | {name: (colour, colour) for name, colour in same}


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.screen("1.1 colours")
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), TEXT)
def test_text_can_be_read(front, ground, theme):
    known = colours()
    assert contrast(known[front][theme], known[ground][theme]) >= 4.5


@pytest.mark.screen("1.1 colours")
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), DRAWN)
def test_controls_can_be_seen(front, ground, theme):
    known = colours()
    assert contrast(known[front][theme], known[ground][theme]) >= 3


@pytest.mark.screen("1.1 colours")
@pytest.mark.parametrize(
    ("name", "colour"),
    [
        ("header", "#14315C"),
        ("page", "#F1F3F6"),
        ("primary", "#2458A6"),
        ("danger", "#B3261E"),
        ("focus", "#C25700"),
        ("badge", "#FFD84D"),
    ],
)
def test_the_light_theme_has_the_colours_of_the_specification(name, colour):
    assert colours()[name][0] == colour

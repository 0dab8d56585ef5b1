"""docs/scim-checklist.md names tests that exist."""

import re

import pytest

from tests.live import ROOT

HERE = ROOT / "tests/scim"


def test_every_row_names_tests_that_exist():
    rows = re.findall(r"^\| [MSIR] \| (.+) \| (.+) \|$", (ROOT / "docs/scim-checklist.md").read_text(), re.MULTILINE)
    assert len(rows) > 170
    for requirement, shown_by in rows:
        names = re.findall(r"`([\w/]+)::(\w+)`", shown_by)
        assert names, requirement
        for module, name in names:
            assert f"def {name}(" in (HERE / f"{module}.py").read_text(), f"{requirement}: {module}::{name}"


@pytest.mark.parametrize(("provider", "letter", "last"), [("okta", "o", 17), ("entra", "e", 17)])
def test_every_numbered_sequence_of_a_provider_is_played(provider, letter, last):
    names = re.findall(r"^def test_(\w+)", (HERE / f"providers/test_{provider}.py").read_text(), re.MULTILINE)
    played = {int(number) for name in names for number in re.findall(rf"(?:^|_){letter}(\d+)", name)}
    assert played == set(range(1, last + 1))

"""docs/rules.md is the ledger of what is enforced: every rule that the code claims has a test that names it."""

import re

import pytest

from tests import rules

LISTED = rules.listed(rules.PAGE.read_text(encoding="utf-8"))
CLAIM = re.compile(r"\bR-[A-Z]+-\d+\b")
SOURCES = [
    file
    for folder in ("accounts", "scim", "cxadmin", "templates", "static")
    for file in sorted((rules.ROOT / folder).rglob("*.*"))
    if file.suffix in {".py", ".html", ".js", ".css"}
]


def claims() -> dict[str, str]:
    """A file that claims it, for every rule that the code says it enforces."""
    return {rule: file.name for file in SOURCES for rule in CLAIM.findall(file.read_text(encoding="utf-8"))}


CLAIMS = claims()


def test_the_ledger_names_the_present_tests():
    page = rules.PAGE.read_text(encoding="utf-8")
    assert rules.renewed(page) == page, "Run: python -m tests.rules"


def test_every_rule_is_listed_once():
    assert len(LISTED) == len(set(LISTED))


@pytest.mark.parametrize(("rule", "file"), CLAIMS.items(), ids=CLAIMS)
def test_every_rule_that_the_code_claims_has_a_test(rule, file):
    assert rule in LISTED, f"{file} claims a rule that docs/rules.md does not list"
    assert rule in rules.proofs(), f"{file} claims {rule} and no test is marked with it"


def test_every_marked_rule_is_listed():
    assert {rule for rule in rules.proofs() if rule.startswith("R-")} <= set(LISTED)

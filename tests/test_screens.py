"""docs/screens.md is the checklist of the screens: every row has a test that names it, or a reason why not."""

from tests import screens


def test_the_checklist_names_the_present_tests():
    assert screens.PAGE.read_text(encoding="utf-8") == screens.page(), "Run: python -m tests.screens"


def test_every_row_has_a_test_or_a_reason():
    without = screens.rows().keys() - screens.proofs().keys()
    assert without == screens.unproven().keys()


def test_every_marked_row_is_listed():
    assert screens.proofs().keys() <= screens.rows().keys()

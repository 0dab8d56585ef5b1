"""The translations: complete, in step with the code, and usable where the original is."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from itertools import chain

import pytest

from tests import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd%]|<[^>]+>|&\w+;")
STALE = "run `make messages`"


extracted = cache(messages.extracted)


def keys(catalogue) -> set:
    return {(message.context, message.id) for message in catalogue if message.id}


def translated(language: str) -> Iterator[messages.Message]:
    return (message for message in messages.read(language) if message.id)


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_no_text_is_missing_and_none_is_left_over(language):
    found, kept = keys(extracted()), keys(messages.read(language))
    assert found - kept == set(), STALE
    assert kept - found == set(), STALE


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_text_is_translated(language):
    assert [message.id for message in translated(language) if not messages.is_translated(message)] == []
    assert [message.id for message in translated(language) if message.fuzzy] == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_placeholders_and_markup_survive_translation(language):
    for message in translated(language):
        expected = sorted(PLACEHOLDER.findall(messages.forms(message.id)[-1]))
        for form in messages.forms(message.string):
            assert sorted(PLACEHOLDER.findall(form)) == expected, form


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_what_django_reads_is_what_was_written(language):
    assert messages.path(language, ".mo").read_bytes() == messages.compiled(language), STALE


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_white_space_at_the_ends_is_kept(language):
    for message in translated(language):
        for form in messages.forms(message.string):
            original = messages.forms(message.id)[-1]
            assert (form[:1].isspace(), form[-1:].isspace()) == (original[:1].isspace(), original[-1:].isspace()), form


def test_german_says_sie():
    informal = re.compile(r"\b(du|dich|dir|dein|deine|deinen|deiner|deinem|euch|euer)\b", re.IGNORECASE)
    assert [form for form in all_forms("de") if informal.search(form)] == []


def test_japanese_is_japanese():
    """What may stay in Latin letters are names: products, protocols, formats."""
    japanese = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
    latin = {form for form in all_forms("ja") if not japanese.search(form)}
    assert latin <= LATIN_IN_JAPANESE, latin - LATIN_IN_JAPANESE


def all_forms(language: str) -> list[str]:
    return [form for message in translated(language) for form in messages.forms(message.string)]


LATIN_IN_JAPANESE = {
    "ACD", "API", "Admin", "Ctrl", "Enter", "IdP", "Interaction Analytics", "MFA", "OpenID Connect", "SAML 2.0", "SCIM",
    "Space", "UI", "US FedRAMP", "UUID", "WFM",
}  # fmt: skip


# Names; what else stands in a template or reads like a sentence in Python has to be marked for translation.
NAMES = {"SCIM", "FedRAMP", "(UTC)", "UTC", "CSV", "Esc", "Tab", "curl", "https://", "ms", "openapi.json"}
SPOKEN = ("alt", "aria-label", "placeholder", "title")
TEMPLATE_CODE = re.compile(
    r"\{#.*?#\}|\{%\s*(comment|blocktranslate)\b.*?\{%\s*end\1\s*%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL
)
WORD = re.compile(r"[A-Za-z]{2}")
SENTENCE = re.compile(r"[A-Z][a-z]+,? [A-Za-z]+")
PEOPLE_READ = ("accounts", "accounts/actions", "accounts/console", "accounts/forms", "accounts/views", "cxadmin")
# For administrators of the instance, for programs and for those who write tests; columns of files, the same in every language.
ENGLISH = {
    *("testing.py", "pytest_plugin.py"),
    *("cli.py", "settings.py", "bulk_rows.py", "credentials.py", "expressions.py", "contact_centre.py", "openapi.py"),
}
MARKED = (*messages.KEYWORDS, "activity", "_log")  # the activity log is in English
LABELS = ("button", "empty", "help_text", "label", "sentence", "title")


class BareTexts(HTMLParser):
    """The texts of a template that are not marked for translation."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.is_style = False

    def handle_starttag(self, tag, attrs):
        self.is_style = tag == "style"
        for name, value in attrs:
            if name in SPOKEN and value:
                self.handle_data(value)

    def handle_endtag(self, tag):
        self.is_style = False

    def handle_data(self, data):
        text = data.strip(" \n:–·,.;")
        if self.is_style:
            return
        if WORD.search(text) and text not in NAMES:
            self.found.append(text)


@pytest.mark.parametrize("file", sorted(messages.ROOT.glob("templates/**/*.html")), ids=lambda file: file.name)
def test_no_text_of_a_template_is_unmarked(file):
    parser = BareTexts()
    parser.feed(TEMPLATE_CODE.sub("", file.read_text(encoding="utf-8")))
    assert parser.found == []


def test_no_sentence_in_python_is_unmarked():
    files = chain.from_iterable((messages.ROOT / folder).glob("*.py") for folder in PEOPLE_READ)
    read = [file for file in files if file.name not in ENGLISH]
    assert [
        f"{file.name}: {text}" for file in read for text in unmarked(ast.parse(file.read_text(encoding="utf-8")))
    ] == []


def unmarked(node: ast.AST) -> Iterator[str]:
    """Sentences, and labels given by name, outside the calls that mark them; docstrings are nobody's interface."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and ast.unparse(child.func).rpartition(".")[2] in MARKED:
            continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str) and SENTENCE.match(child.value):
            yield child.value
        if isinstance(child, ast.keyword) and child.arg in LABELS and isinstance(child.value, ast.Constant):
            value = child.value.value
            if isinstance(value, str) and re.match("[A-Z][a-z]", value):
                yield value
        yield from unmarked(child)


def test_unmarked_texts_are_found():
    """The two tests above can fail."""
    parser = BareTexts()
    parser.feed(TEMPLATE_CODE.sub("", '<p title="A tip">Some text {% translate "x" %}</p>'))
    assert parser.found == ["A tip", "Some text"]
    code = 'def f():\n  """Doc string here."""\n  g("Not marked", _("Is marked"), label="Name")'
    assert list(unmarked(ast.parse(code))) == ["Not marked", "Name"]

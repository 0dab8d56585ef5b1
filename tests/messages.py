"""The catalogues of translations in locale/: `python -m tests.messages` brings them up to date with the code.

It asks for no tools beside Python: Babel finds the strings, keeps the .po files and compiles them to the .mo files that
Django reads.
"""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "locale"
LANGUAGES = ("de", "ja")
PACKAGES = ("accounts", "cxadmin", "scim")

WITH_CONTEXT = ((1, "c"), 2)
SINGULAR_PLURAL = (1, 2)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), SINGULAR_PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), WITH_CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (*WITH_CONTEXT, 3)),
}
# A time of writing would be the one line that two branches always disagree about.
NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def path(language: str, suffix: str) -> Path:
    """The file of a language: `.po` is written by people, `.mo` made from it."""
    return LOCALE / language / "LC_MESSAGES" / f"django{suffix}"


def sources() -> Iterator[str]:
    """Every file that may hold texts; templates as the Python that Django makes of them for this purpose."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            yield file.read_text(encoding="utf-8")
    for file in sorted((ROOT / "templates").rglob("*")):
        if file.is_file():
            # What is no text has been made X; its indentation would confuse the tokenizer.
            yield re.sub(r"^\s+", "", templatize(file.read_text(encoding="utf-8")), flags=re.MULTILINE)


def extracted() -> Catalog:
    """Every text that is marked for translation."""
    catalogue = Catalog()
    for source in sources():
        for _line, function, texts, _comments in extract_python(io.BytesIO(source.encode()), KEYWORDS, (), {}):
            _add(catalogue, function, (texts,) if isinstance(texts, str) else tuple(texts))
    return catalogue


def _add(catalogue: Catalog, function: str, texts: tuple[str | None, ...]) -> None:
    context = None
    if "pgettext" in function:
        context, *rest = texts
        texts = tuple(rest)
    count = 2 if "n" in function.removesuffix("_lazy").removesuffix("gettext") else 1
    found = texts[:count]
    if found and None not in found:  # None stands for a variable, as in `gettext(label)`
        catalogue.add(found if count == 2 else found[0], context=context)


def read(language: str) -> Catalog:
    """The catalogue of a language as it is in its .po file."""
    file = path(language, ".po")
    with io.BytesIO(file.read_bytes() if file.exists() else b"") as content:
        catalogue = read_po(content, locale=language, ignore_obsolete=True)
    catalogue.creation_date = catalogue.revision_date = NO_TIME
    return catalogue


def compiled(language: str) -> bytes:
    """What the .mo file of a language has to be by its .po file."""
    file = io.BytesIO()
    write_mo(file, read(language))
    return file.getvalue()


def write(language: str, catalogue: Catalog) -> None:
    """Write both files of a language."""
    path(language, ".po").parent.mkdir(parents=True, exist_ok=True)
    with path(language, ".po").open("wb") as file:
        file.write(HEADER.format(language=language, plurals=catalogue.plural_forms).encode())
        write_po(file, catalogue, width=120, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    path(language, ".mo").write_bytes(compiled(language))


def update() -> Iterator[tuple[str, list[Message]]]:
    """Take new texts into the catalogues and drop those no longer used; answers what is left to translate in each."""
    found = extracted()
    for language in LANGUAGES:
        catalogue = read(language)
        catalogue.update(found, no_fuzzy_matching=True)
        write(language, catalogue)
        yield language, [message for message in catalogue if message.id and not is_translated(message)]


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Singular and plural of a text, or of its translation; a new one has none yet."""
    return tuple(text) if isinstance(text, tuple | list) else (text or "",)


def is_translated(message: Message) -> bool:
    """Whether a text has its translation, in every plural form."""
    return all(forms(message.string))


HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""

if __name__ == "__main__":
    for name, missing in update():
        print(f"{path(name, '.po').relative_to(ROOT)}: {len(missing)} to translate")

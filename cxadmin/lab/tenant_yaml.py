"""YAML with places: what a file says, and in which line and column it says it.

The core of YAML 1.2 as far as JSON goes: texts, numbers, true, false and null, lists and mappings. `no` and `12:30` are texts.
Anchors that repeat a list or mapping, tags and duplicate members are refused: a file means what one reads in it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _

Path = tuple[str | int, ...]
Place = tuple[int, int]

DEEPEST = 40
LONGEST_NUMBER = 18
PREFIX = "tag:yaml.org,2002:"


SCALARS: Mapping[str, Callable[[str], Any]] = {
    "str": str,
    "null": lambda text: None,
    "bool": lambda text: text.lower() == "true",
    "int": int,
    "float": float,
}


class FileError(Exception):
    """A file that cannot be taken; nothing was changed."""

    def __init__(self, message: str, name: str, line: int, column: int) -> None:
        super().__init__(f"{name}:{line}:{column}: {message}")
        self.message = message
        self.line, self.column = line, column


@dataclass(frozen=True)
class Document:
    """A file that was read."""

    content: Any
    places: dict[Path, Place]
    name: str

    def error(self, path: Path, message: str) -> FileError:
        """What to raise about the value at a path, or about the nearest one around it that the file has."""
        while path and path not in self.places:
            path = path[:-1]
        return FileError(message, self.name, *self.places.get(path, (1, 1)))


class Loader(yaml.SafeLoader):
    """Reads plain words as the core schema of YAML 1.2 does."""

    yaml_implicit_resolvers = {}


for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?", list("-+0123456789")),
):
    Loader.add_implicit_resolver(PREFIX + tag, re.compile(f"(?:{pattern})$"), first)


class Dumper(yaml.SafeDumper):
    """Writes every list in full, where it stands."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(content: Any) -> str:
    """The file that says this, always the same for the same content."""
    written: str = yaml.dump(
        content, Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=110
    )
    return written


def read(text: str, name: str) -> Document:
    """What a file says.

    Args:
        name: what errors call the file.

    Raises:
        FileError: it is no YAML, or uses what is refused; names line and column.
    """
    reading = _Reading(name)
    try:
        loader = Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = " ".join(part for part in (error.context, error.problem) if part)
        raise FileError(_("This is no YAML: %(said)s.") % {"said": said}, name, *at) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position].splitlines() or [""]
        said = _("This is no YAML: the character %(character)s is not allowed.") % {
            "character": f"#x{ord(text[error.position]):04x}"
        }
        raise FileError(said, name, len(before), len(before[-1]) + 1) from error
    except RecursionError as error:
        raise FileError(_("Lists and mappings are nested too deeply."), name, 1, 1) from error
    content = reading.value(node, ()) if node is not None else None
    return Document(content, reading.places, name)


class _Reading:
    """Turns the nodes of a file into values, and notes where they stand."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[Path, Place] = {}
        self.seen: set[int] = set()

    def error(self, node: yaml.Node, message: str) -> FileError:
        return FileError(message, self.name, node.start_mark.line + 1, node.start_mark.column + 1)

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        kind = node.tag.removeprefix(PREFIX)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, kind)
        if id(node) in self.seen:
            raise self.error(node, _("An alias repeats a list or mapping; write it out."))
        self.seen.add(id(node))
        if len(path) > DEEPEST:
            raise self.error(node, _("Lists and mappings are nested too deeply."))
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode) and kind == "map":
            return self._mapping(node, path)
        raise self.error(node, _("The tag %(tag)s does not fit here.") % {"tag": node.tag})

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) and key.tag == f"{PREFIX}str" else None
            if name is None:
                raise self.error(key, _("The name of a member must be a text; put it in quotes."))
            if name in found:
                raise self.error(key, _("%(name)s is there twice.") % {"name": name})
            # What is wrong with a member is said where its name stands.
            self.places[(*path, name)] = (key.start_mark.line + 1, key.start_mark.column + 1)
            found[name] = self.value(value, (*path, name))
        return found

    def _scalar(self, node: yaml.ScalarNode, kind: str) -> Any:
        text: str = node.value
        if kind in ("int", "float") and len(text) > LONGEST_NUMBER:
            raise self.error(node, _("This number is too long."))
        try:
            return SCALARS[kind](text)
        except (KeyError, ValueError) as error:
            raise self.error(node, _("The tag %(tag)s does not fit here.") % {"tag": node.tag}) from error

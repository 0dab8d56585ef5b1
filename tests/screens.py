"""Which tests prove which row of the screens: `python -m tests.screens` writes it to docs/screens.md.

The rows are in tests/screens.toml: by section of the specification, the name of a row and what it promises. A test names the
rows it proves with `@pytest.mark.screen("5.1 columns")`; a row without a test says in `unproven` why.
"""

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "screens.md"
ROWS = ROOT / "tests" / "screens.toml"

INTRODUCTION = """\
# Screens

What each screen promises, row by row of the specification's sections, and the tests that prove it. Made by
`python -m tests.screens` from [tests/screens.toml](../tests/screens.toml) and the tests' markers; a test fails while it is
out of date.
"""


@dataclass(frozen=True)
class Proof:
    """A test that names a row."""

    file: str
    name: str
    line: int


@cache
def proofs() -> dict[str, list[Proof]]:
    """The tests that carry `@pytest.mark.screen("…")`, by the rows they name."""
    found: dict[str, list[Proof]] = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for row in _named(function):
                    found[row].append(Proof(file.relative_to(ROOT).as_posix(), function.name, function.lineno))
    return found


def _named(function: ast.FunctionDef) -> Iterator[str]:
    for call in function.decorator_list:
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.screen":
            yield from (ast.literal_eval(argument) for argument in call.args)


@cache
def sections() -> dict[str, dict[str, str]]:
    """What the rows promise, by section and row."""
    return tomllib.loads(ROWS.read_text(encoding="utf-8"))["screens"]


@cache
def unproven() -> dict[str, str]:
    """Why there is no test, by row."""
    return tomllib.loads(ROWS.read_text(encoding="utf-8"))["unproven"]


def rows() -> dict[str, str]:
    """What every row promises."""
    return {row: says for section in sections().values() for row, says in section.items()}


def page() -> str:
    """The text of docs/screens.md."""
    lines = [INTRODUCTION]
    for section, promised in sections().items():
        lines += [f"## {section}\n", "| row | what it promises | tests |", "|---|---|---|"]
        lines += [f"| {row} | {says} | {_links(row)} |" for row, says in promised.items()]
        lines.append("")
    return "\n".join(lines)


def _links(row: str) -> str:
    found = proofs().get(row, [])
    shown = [f"[{proof.name.removeprefix('test_').replace('_', ' ')}](../{proof.file})" for proof in found]
    return "<br>".join(shown) or f"not built: {unproven()[row]}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

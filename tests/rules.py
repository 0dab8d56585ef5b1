"""Which tests prove which rule: `python -m tests.rules` writes it into docs/rules.md."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "rules.md"
ROW = re.compile(r"^\| (R-[A-Z]+-\d+) \|(.*)\| [^|]* \|$", re.MULTILINE)


@cache
def proofs() -> dict[str, set[str]]:
    """The test files that carry `@pytest.mark.rule("…")`, by the ids they name, from the root of the repository."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for rule in _named(ast.parse(file.read_text(encoding="utf-8"))):
            found[rule].add(file.relative_to(ROOT).as_posix())
    return found


def _named(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
            yield from (ast.literal_eval(argument) for argument in node.args)


def listed(page: str) -> list[str]:
    """The ids that have a row of their own."""
    return [rule for rule, _ in ROW.findall(page)]


def renewed(page: str) -> str:
    """The page with its last column as the markers say."""
    found = proofs()

    def row(match: re.Match[str]) -> str:
        links = [f"[{file.removeprefix('tests/')}](../{file})" for file in sorted(found.get(match[1], ()))]
        return f"| {match[1]} |{match[2]}| {', '.join(links) or '–'} |"

    return ROW.sub(row, page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

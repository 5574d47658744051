"""A package imports only from floors below it, so that the picture in the design cannot drift."""

from __future__ import annotations

import ast
from pathlib import Path

import zoo

FLOORS = {
    "errors": -1, "paths": -1, "statistics": 0, "registry": 1, "cost": 2, "tasks": 2, "transfer": 3,
    "results": 4, "runs": 5, "report": 6, "choose": 6, "api": 7, "cli": 8,
}  # fmt: skip


def imports(path: Path) -> set[str]:
    """Packages of the zoo that a module imports, at its top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found |= {name.split(".")[1] for name in names if name.startswith("zoo.")}
    return found


def test_no_module_imports_from_a_floor_above_or_beside() -> None:
    root = Path(zoo.__file__).parent
    broken = []
    for path in root.rglob("*.py"):
        here = path.relative_to(root).parts[0].removesuffix(".py")
        if here not in FLOORS:
            continue
        broken += [
            f"{path.relative_to(root)} imports {there}"
            for there in sorted(imports(path) - {here})
            if FLOORS[there] >= FLOORS[here]
        ]
    # The report names the strategies' order and the candidates of a choice, by type alone.
    assert [line for line in broken if "figures.py imports choose" not in line] == []

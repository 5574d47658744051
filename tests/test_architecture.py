"""The shape of the house: floors, no circles, small rooms, first lines that fit."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import grimp
import pytest

import zoo

PACKAGE = Path(zoo.__file__).resolve().parent
ROOT = PACKAGE.parent

LARGEST_PACKAGE, LARGEST_MODULE, LONGEST_LINE = 2500, 300, 72

CIRCULAR: set[str] = set()
"""Packages whose circles are still to be taken apart."""

TOO_LONG: set[str] = set()
"""Modules that are still to be divided."""

UNMENDED: set[str] = set()
"""What stands under ``zoo/`` whose first docstring lines are still to be mended."""


def test_the_floors_hold(capsys: pytest.CaptureFixture[str]) -> None:
    from importlinter.cli import lint_imports

    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_no_package_has_a_circle() -> None:
    """Neither between its modules nor between its sub-packages, taken whole; imports for types alone are none."""
    graph = grimp.build_graph("zoo", exclude_type_checking_imports=True, cache_dir=None)
    found = {}
    for package in sorted(name for name in graph.modules if graph.find_children(name)):
        imports: dict[str, set[str]] = defaultdict(set)
        for module in graph.modules:
            for imported in graph.find_modules_directly_imported_by(module):
                ends = _part(module, package), _part(imported, package)
                if None not in ends and ends[0] != ends[1]:
                    imports[str(ends[0])].add(str(ends[1]))
        if circles := list(_circles(imports)):
            found[package] = circles
    assert {package: circles for package, circles in found.items() if package not in CIRCULAR} == {}


def test_no_modules_are_a_circle_not_even_for_their_types() -> None:
    graph = grimp.build_graph("zoo", cache_dir=None)
    assert list(_circles({module: graph.find_modules_directly_imported_by(module) for module in graph.modules})) == []


def _part(module: str, package: str) -> str | None:
    """The child of a package that a module is, or is in; the package itself for its ``__init__``."""
    if module == package:
        return package
    if not module.startswith(f"{package}."):
        return None
    return f"{package}.{module.removeprefix(f'{package}.').partition('.')[0]}"


def _circles(imports: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Groups of modules each of which imports, by some way, all the others."""
    reached = {module: _reachable(module, imports) for module in imports}
    seen: set[str] = set()
    for module in sorted(imports):
        group = {other for other in reached[module] if module in reached.get(other, ())}
        if len(group) > 1 and not group & seen:
            seen |= group
            yield sorted(group)


def _reachable(module: str, imports: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [module]
    while waiting:
        new = imports.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def test_a_planted_circle_is_found() -> None:
    straight = {"a": {"b", "c"}, "b": {"c"}, "c": set[str]()}
    assert list(_circles(straight)) == []
    assert list(_circles(straight | {"c": {"a"}, "d": {"a"}})) == [["a", "b", "c"]]
    assert _part("zoo.a.b.c", "zoo.a") == "zoo.a.b"
    assert _part("zoo.ab", "zoo.a") is None


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def test_no_package_and_no_module_is_too_large() -> None:
    """A package's lines are those of all Python files in its folder and in the folders below it."""
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in _modules()}
    packages: dict[str, int] = defaultdict(int)
    for path, count in lines.items():
        packages[path.split("/")[1]] += count
    assert {name: count for name, count in packages.items() if count > LARGEST_PACKAGE} == {}
    long = {path for path, count in lines.items() if count > LARGEST_MODULE}
    assert long - TOO_LONG == set()


def test_every_module_is_named_after_what_it_holds() -> None:
    empty = {"utils", "util", "helpers", "common", "misc"}
    assert [path for path in _modules() if empty & {path.stem, path.parent.name}] == []


def test_first_docstring_lines_say_what_a_thing_is_in_one_line() -> None:
    """Of modules, public classes and public functions: short, one statement, a full stop at the end."""
    wrong: dict[str, list[str]] = defaultdict(list)
    for path in _modules():
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for name, line in _first_lines(ast.parse(path.read_text())):
            if not line or len(line) > LONGEST_LINE or ";" in line or not line.endswith("."):
                wrong[room].append(f"{path.relative_to(ROOT)}:{name}: {line}")
    assert [line for room, lines in wrong.items() if room not in UNMENDED for line in lines] == []


def _first_lines(tree: ast.Module) -> Iterator[tuple[str, str]]:
    yield "", _first_line(tree)
    yield from _of_public(tree.body, "")


def _of_public(body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield prefix + node.name, _first_line(node)
            if isinstance(node, ast.ClassDef):
                yield from _of_public(node.body, f"{prefix}{node.name}.")


def _first_line(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]


def test_light_commands_import_no_heavy_library() -> None:
    script = (
        "import sys, zoo\n"
        "from zoo.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'torchvision', 'timm', 'pandas', 'scipy', 'sklearn', 'altair'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    for words in (["--help"], ["list", "--format", "json"], ["list", "*resnet*"], ["show", "resnet18"]):
        done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stderr)

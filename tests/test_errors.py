"""What is said outside the command line names arguments by ``option``, and no flag that a caller has not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import zoo
from zoo.errors import ZooError, option

PACKAGE = Path(zoo.__file__).resolve().parent

FLAGS_MADE_IN = ("errors.py",)
"""Where an argument becomes a flag."""

COMMAND = re.compile(r"`(?:zoo|pip install) [^`]*`")
"""A command to copy, in which flags stand as they are typed."""

WORD = re.compile(r"--[a-z][a-z-]*")
"""A text that is a flag and nothing else: one word of a command that is put together, or of a parser of its own."""

FLAG = re.compile(r"(?<![\w-])--(?=[a-z{])")


def bare_flags(source: str) -> Iterator[str]:
    """Texts of a module, docstrings apart, in which a flag stands outside a command."""
    tree = ast.parse(source)
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not {id(node)} & (parts | documents):
            text = node.value
        else:
            continue
        if not WORD.fullmatch(text) and FLAG.search(COMMAND.sub("", text)):
            yield text


def modules() -> list[str]:
    every = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    return sorted(str(one) for one in every if one.parts[0] not in ("cli", "commands", *FLAGS_MADE_IN))


def test_no_text_outside_the_command_line_has_a_bare_flag() -> None:
    assert len(modules()) > 200
    assert {name: found for name in modules() if (found := list(bare_flags((PACKAGE / name).read_text())))} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise ZooError("name another with --store")', 1),
        ('line = f"{name}: pass --classes with {way}"', 1),
        ('flag = f"--{name}"', 1),
        ('raise ZooError("`--format md` gives a page")', 1),
        ('raise ZooError(f"`zoo fetch {name}` brings it; so does --import")', 1),
        ('def f():\n    """What ``--store`` says."""\n', 0),
        ('raise ZooError(f"`zoo fetch --import {file}` takes it")', 0),
        ('words = ["zoo", "bench", "--metric", name]', 0),
        ('rule = "a -- b ---"', 0),
    ],
)
def test_the_rule_tells_a_flag_from_a_command(source: str, found: int) -> None:
    assert len(list(bare_flags(source))) == found


def test_flags_are_written_small() -> None:
    error = ZooError(f"{option('max_size_MB')} is too small")
    assert (str(error), error.for_command) == ("max_size_MB is too small", "--max-size-mb is too small")

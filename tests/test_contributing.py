"""CONTRIBUTING.md works as printed, and what it and docs/ name is there."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
PAGES = [ROOT / "README.md", CONTRIBUTING, *sorted((ROOT / "docs").glob("*.md"))]

KINDS = [
    "A metric",
    "An engine",
    "A strategy",
    "A task",
    "An executor",
    "A section of a report",
    "A source of models",
]

FENCED = re.compile(r"^```(\w+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")


def bare(page: Path) -> str:
    """Text of a page without its code blocks."""
    return FENCED.sub("", page.read_text())


def part_of(title: str) -> str:
    """Text under a heading of CONTRIBUTING.md, down to the next one, with its code blocks."""
    _, _, below = CONTRIBUTING.read_text().partition(f"# {title}\n")
    assert below, f"there is no heading {title!r}"
    end = re.search(r"^##+ ", below, re.MULTILINE)  # a comment in a block has one sign
    return below[: end.start()] if end else below


@dataclass
class Steps:
    """What a part of the page tells a newcomer to do.

    Attributes
    ----------
    files : dict of str to str
        Text by path, that of ``pyproject.toml`` put together from its lines.
    commands : list of (list of str, list of str)
        Commands, and what they are said to show.
    """

    files: dict[str, str] = field(default_factory=dict)
    commands: list[tuple[list[str], list[str]]] = field(default_factory=list)

    def read(self, text: str) -> Steps:
        for block in re.finditer(rf"{FENCED.pattern}|^Shows(.+?)(?:\n\n|\Z)", text, FENCED.flags):
            language, inside, shown = block.groups()
            if shown:
                self.commands[-1][1].extend(CODE.findall(shown))
            elif language == "sh":
                self.commands.append((inside.splitlines(), []))
            elif inside.startswith("# "):
                self.files[inside.partition("\n")[0].removeprefix("# ")] = inside
            else:
                self.files["pyproject.toml"] = self.files.get("pyproject.toml", "") + inside
        return self


class Newcomer:
    """A folder with the files of a part of the page, their package installed beside it."""

    def __init__(self, folder: Path, steps: Steps) -> None:
        self.folder, self.installed = folder / "work", folder / "installed"
        for name, text in steps.files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)
        project = tomllib.loads(steps.files["pyproject.toml"])["project"]
        info = self.installed / f"{project['name']}-{project['version']}.dist-info"
        info.mkdir(parents=True)
        head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        (info / "METADATA").write_text(head)
        lines = [
            line
            for group, parts in project["entry-points"].items()
            for line in (f"[{group}]", *(f"{name} = {place}" for name, place in parts.items()))
        ]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")

    def run(self, line: str) -> str:
        """What a command prints; with a PYTHONPATH of its own it finds nothing that was installed."""
        words = shlex.split(line)
        own = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
        assert words[len(own)] == "zoo", line
        paths = [own["PYTHONPATH"]] if "PYTHONPATH" in own else [str(self.folder), str(self.installed)]
        # Beside a busy neighbour a training whose threads spin while they wait takes minutes.
        calm = {"OMP_WAIT_POLICY": "PASSIVE"}
        environment = os.environ | calm | own | {"PYTHONPATH": os.pathsep.join([*paths, str(ROOT)])}
        command = [sys.executable, "-m", *words[len(own) :]]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, env=environment, encoding="utf-8"
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        assert "failed" not in done.stderr
        return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("title", KINDS)
def test_a_part_is_added_as_printed(title: str, tmp_path: Path) -> None:
    steps = Steps().read(part_of("How to add a part")).read(part_of(title))
    newcomer = Newcomer(tmp_path, steps)
    assert steps.commands
    for lines, shown in steps.commands:
        printed = "".join(map(newcomer.run, lines))
        written = [name for name in shown if (newcomer.folder / name).is_file()]
        printed += "".join((newcomer.folder / name).read_text() for name in written)
        assert len(shown) > len(written), f"{title}: nothing is said to be shown by {lines}"
        for text in set(shown) - set(written):
            assert text in with_whole_headers(printed), (title, text, printed)


def with_whole_headers(printed: str) -> str:
    """Printed text with the headers of its tables put together again, which are broken over several lines."""
    rows = printed.splitlines()
    headers = []
    for place, row in enumerate(rows):
        if set(row) == {"-", " "}:
            ends = [match.span() for match in re.finditer("-+", row)]
            above = rows[max(0, place - 5) : place]
            headers += [" ".join(" ".join(line[a:b] for line in above).split()) for a, b in ends]
    return "\n".join([printed, *headers])


def test_every_kind_is_told_in_few_lines() -> None:
    """One file, one line in pyproject.toml, and the command that shows it."""
    for title in KINDS:
        steps = Steps().read(part_of(title))
        own, *_ = (text for name, text in steps.files.items() if name.startswith("parts/"))
        assert len([line for line in own.splitlines() if line.strip()]) <= 20, title
        assert len(steps.files["pyproject.toml"].splitlines()) == 2, title


def test_the_table_of_kinds_names_the_tables() -> None:
    rows = re.findall(
        r"^\| \[.+?\]\(#(.+?)\) \| `(\w+)` in `(\S+?)` \| `(\S+?)` \|$", bare(CONTRIBUTING), re.MULTILINE
    )
    assert len(rows) == len(KINDS)
    for _, name, path, group in rows:
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        assert getattr(importlib.import_module(module), name).group == group


def test_the_house_is_told_as_it_stands() -> None:
    """Every package on its floor, and no library as imported late that is not."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    layers = settings["importlinter"]["contracts"][0]["layers"]
    floors: dict[int, set[str]] = {}
    for floor, package in re.findall(r"^\| (\d+) \| `(zoo\.\w+)` \|", bare(CONTRIBUTING), re.MULTILINE):
        floors.setdefault(int(floor), set()).add(package)
    assert [floors[floor] for floor in sorted(floors, reverse=True)] == [set(layer.split(" | ")) for layer in layers]
    heavy = settings["ruff"]["lint"]["flake8-tidy-imports"]["banned-module-level-imports"]
    sentence = re.search(r"ruff holds it for (.+?) and\s+the rest", bare(CONTRIBUTING), re.DOTALL)
    assert sentence is not None
    assert set(CODE.findall(sentence[1])) <= set(heavy)


def anchors(page: Path) -> set[str]:
    """The fragments by which GitHub links to a page's headings."""
    titles = [title for _, title in HEADING.findall(bare(page))]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def named_in_code() -> Iterator[tuple[str, str, str]]:
    """Each page and section that the zoo's code names, and where."""
    for path in sorted((ROOT / "zoo").rglob("*.py")):
        for page, anchor in re.findall(r"(docs/[\w-]+\.md)(?:#([\w-]+))?", path.read_text()):
            yield str(path.relative_to(ROOT)), page, anchor


def test_pages_and_sections_named_in_docstrings_exist() -> None:
    found = list(named_in_code())
    assert found
    missing = [
        one for one in found if not (ROOT / one[1]).is_file() or (one[2] and one[2] not in anchors(ROOT / one[1]))
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", bare(page)):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        linked = page.parent / file if file else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def there(name: str) -> bool:
    """Whether a dotted name is a module, an attribute of one, or a group of entry points."""
    from zoo.plugins import _TABLES
    from zoo.sources.user import GROUP

    if name in {table.group for table in _TABLES} | {GROUP}:
        return True
    module, _, attribute = name.rpartition(".")
    try:
        return importlib.util.find_spec(name) is not None or hasattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_and_files_named_in_pages_exist(page: Path) -> None:
    text = page.read_text()
    modules = set(re.findall(r"\bzoo(?:\.[a-z_0-9]+)+", text)) - {"zoo.cost.metrics.size"}  # the example's own
    assert [name for name in sorted(modules) if not there(name)] == []
    files = set(re.findall(r"\b(?:zoo|tests|docs|benchmarks|\.ci)/[\w./-]*\w", text))
    assert [name for name in sorted(files) if not (ROOT / name).exists()] == []


def test_what_is_not_there_is_found_out() -> None:
    assert there("zoo.cost.rounds")
    assert there("zoo.register")
    assert there("zoo.models")
    assert not there("zoo.cost.turns")
    assert not there("zoo.turns.rounds")
    assert "the-machines-own-movement" in anchors(ROOT / "docs" / "measuring.md")

"""One part of each kind from outside the package, by entry point and by registration, all in one suite."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zoo.cost.engines import ENGINES
from zoo.cost.metrics import METRICS
from zoo.errors import UnknownNameError
from zoo.executors import EXECUTORS
from zoo.plugins import Table
from zoo.regimes.strategies import STRATEGIES
from zoo.report.sections import SECTIONS
from zoo.sources import SOURCES
from zoo.tasks.catalogue import TASKS

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

ENTRY_POINTS = """
[zoo.metrics]
disk = elsewhere.metric:DISK
[zoo.engines]
one-by-one = elsewhere.engine:ONE_BY_ONE
[zoo.strategies]
nearest_mean = elsewhere.strategy:NEAREST_MEAN
[zoo.tasks]
squares = elsewhere.task:SQUARES
[zoo.executors]
backwards = elsewhere.executor:BACKWARDS
[zoo.sections]
count = elsewhere.section:COUNT
[zoo.sources]
elsewhere = elsewhere.source:ELSEWHERE
"""

SUITE = """
[suite]
name = "all-seven"
models = ["elsewhere/dot", "timm/test_resnet"]
executor = "backwards"
[cost]
devices = ["cpu"]
engines = ["one-by-one"]
metrics = ["latency", "disk"]
threads = [1]
input_size = 32
weights = "none"
aa_pair = false
cohort_budget_s = 4
[transfer]
models = ["elsewhere/dot"]
tasks = ["squares"]
strategies = ["nearest_mean", "pixels"]
shots = [4]
seeds = 1
input_size = 32
"""


UNTIMED = (
    "import zoo.runs.session as session\nfrom zoo.cli.main import main\n"
    "session.measure_yardstick = lambda: (None, '')\nmain()"
)
"""The command, without the yardstick of the machine, whose speed no test depends on."""


class Elsewhere:
    """The command line beside somebody else's package."""

    def __init__(self, folder: Path, how: str) -> None:
        self.folder = folder
        shutil.copytree(HERE / "elsewhere", folder / "elsewhere", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "suite.toml").write_text(SUITE)
        self.environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (folder, ROOT)))}
        if how == "registration":
            self.environment["ZOO_IMPORT"] = "elsewhere.registered"
        else:
            installed = folder / "elsewhere-1.0.dist-info"
            installed.mkdir()
            (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
            (installed / "entry_points.txt").write_text(ENTRY_POINTS)

    def zoo(self, *words: str, code: int = 0) -> str:
        """What a command prints."""
        command = [sys.executable, "-c", UNTIMED, *words]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, env=self.environment
        )
        assert done.returncode == code, (words, done.stdout, done.stderr)
        self.said = done.stderr
        return done.stdout


@pytest.fixture(scope="module", params=["entry points", "registration"])
def elsewhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    folder = tmp_path_factory.mktemp("elsewhere")
    found = Elsewhere(folder, request.param)
    found.environment |= {"ZOO_CACHE": str(folder / "cache"), "ZOO_STORE": str(folder / "records.sqlite")}
    found.printed = found.zoo("run", "suite.toml", "--report", "report")  # type: ignore[attr-defined]
    found.told = found.said  # type: ignore[attr-defined]
    return found


@pytest.mark.slow
def test_one_suite_runs_with_all_of_them(elsewhere: Elsewhere) -> None:
    printed, told = elsewhere.printed, elsewhere.told  # type: ignore[attr-defined]
    assert "6 trials, 0 already done" in told
    assert "backwards: " in told
    assert "failed" not in told
    assert "Disk, batch 1, cpu, one-by-one\n" in printed
    assert "kB ↓" in printed
    assert "nearest_mean," in printed
    assert "Accuracy on squares" in printed
    assert "elsewhere/dot.random" in printed
    assert elsewhere.zoo("run", "suite.toml", "--report", "report")
    assert "6 trials, 6 already done; nothing left to measure" in elsewhere.said


@pytest.mark.slow
def test_each_stands_in_the_report_and_in_its_csv(elsewhere: Elsewhere) -> None:
    page = (elsewhere.folder / "report" / "README.md").read_text()
    for text in (
        "Disk, batch 1, cpu, one-by-one",
        "disk, 1 thread, kB ↓",
        "nearest_mean, % ↑",
        "squares",
        "elsewhere/dot",
    ):
        assert text in page, text
    assert "## How many records\n\nThis report is made of 6 records.\n" in page
    assert page.index("## Noise floor and flags") < page.index("## How many records") < page.index("## Failures")
    table = (elsewhere.folder / "report" / "results.csv").read_text().splitlines()
    dot = next(line for line in table if ",disk_kb," in line and "elsewhere/dot" in line)
    assert ",kB," in dot
    assert "one-by-one" in dot
    assert any("nearest_mean" in line and "squares" in line for line in table)


@pytest.mark.slow
def test_each_stands_in_the_json_of_a_command(elsewhere: Elsewhere) -> None:
    rows = json.loads(elsewhere.zoo("run", "suite.toml", "--report", "report", "--format", "json"))
    disk = next(row for row in rows if row["metric"] == "disk_kb" and row["model"] == "elsewhere/dot")
    assert (disk["value"], disk["unit"], disk["setting.engine"]) == (pytest.approx(1.256), "kB", "one-by-one")
    assert {row["setting.strategy"] for row in rows if row["kind"] == "transfer"} == {"nearest_mean", "pixels"}
    listed = json.loads(elsewhere.zoo("list", "--source", "elsewhere", "--format", "json"))
    assert [(spec["name"], spec["params"]) for spec in listed] == [("elsewhere/dot", 314)]


@pytest.mark.slow
def test_a_backbone_is_chosen_and_limited_by_the_metric(elsewhere: Elsewhere) -> None:
    least = json.loads(elsewhere.zoo("choose", "--objective", "disk", "--format", "json"))
    assert least["chosen"]["model"] == "elsewhere/dot"
    assert least["chosen"]["disk"]["unit"] == "kB"
    text = " ".join(
        elsewhere.zoo("choose", "--input-size", "32", "--objective", "latency", "--max-disk-kb", "2").split()
    )
    assert "Excluded: timm/test_resnet, beyond max-disk-kb 2" in text
    assert "disk 1.3 [1.3, 1.3] kB" in text
    assert "Nothing qualifies" in elsewhere.zoo("choose", "--objective", "disk", "--max-disk-kb", "0.5", code=3)
    assert "--max-disk-kb" in elsewhere.zoo("choose", "--help")
    best = json.loads(elsewhere.zoo("choose", "--strategy", "nearest_mean", "--task", "squares", "--format", "json"))
    assert best["chosen"]["strategy"] == "nearest_mean"


@pytest.mark.slow
def test_two_models_are_compared_by_the_metric(elsewhere: Elsewhere) -> None:
    text = elsewhere.zoo("compare", "elsewhere/dot", "timm/test_resnet", "--models", "--format", "json", code=1)
    rows = {row["what"].partition(",")[0]: row for row in json.loads(text)["rows"]}
    assert rows["disk"]["verdict"] == "LARGER"
    assert rows["disk"]["value"] > 100


@pytest.mark.parametrize(
    ("table", "near", "nearest"),
    [
        (METRICS, "latencie", "latency"),
        (ENGINES, "eagre", "eager"),
        (STRATEGIES, "clasifier", "classifier"),
        (TASKS, "diggits", "digits"),
        (EXECUTORS, "locale", "local"),
        (SECTIONS, "enviroment", "environment"),
        (SOURCES, "torchvison", "torchvision"),
    ],
    ids=["metric", "engine", "strategy", "task", "executor", "section", "source"],
)
def test_an_unknown_name_of_each_kind_gets_the_nearest(table: Table[object], near: str, nearest: str) -> None:
    with pytest.raises(UnknownNameError, match=f"unknown {table.kind} '{near}'") as caught:
        table.get(near)
    assert caught.value.nearest[0] == nearest
    assert len(caught.value.nearest) <= 3


@pytest.mark.parametrize(
    "words",
    [
        ("bench", "resnet18", "--metric", "latencie"),
        ("bench", "resnet18", "--engine", "eagre"),
        ("transfer", "resnet18", "--strategy", "clasifier"),
        ("transfer", "resnet18", "--task", "diggits"),
        ("run", "smoke", "--executor", "locale"),
        ("list", "--source", "torchvison"),
        ("choose", "--objective", "latencie"),
    ],
    ids=" ".join,
)
def test_a_command_names_the_nearest_too(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    from tests.results.planted import a_suite
    from zoo.cli.main import main
    from zoo.paths import default_store_url
    from zoo.store.store import Store

    with Store(default_store_url()) as store:
        store.add_all(a_suite())
    with pytest.raises(SystemExit) as caught:
        main(list(words))
    assert caught.value.code == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("zoo: error: ")
    assert "did you mean " in line

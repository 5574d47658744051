"""An interrupted command says what was kept and how to go on, by Ctrl-C and by SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zoo.cli.interruption import interrupted
from zoo.cli.main import main


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Ctrl-C is heard as in a terminal, though the tests may run where a shell has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "my suite.toml", "--again", "--store", "a b.db"],
         "what was finished is kept: `zoo run 'my suite.toml' --store 'a b.db'` goes on from there"),
        (["evaluate", "resnet18", "--data", "x"], "`zoo evaluate resnet18 --data x` goes on from there"),
        (["bench", "resnet18", "--threads", "1"], "`zoo bench resnet18 --threads 1` measures all anew"),
        (["list", "*net*"], "nothing was changed by halves: `zoo list '*net*'` begins anew"),
        ([], "`zoo` begins anew"),
    ],
)  # fmt: skip
def test_the_options_that_were_given_are_in_the_line(words: list[str], said: str) -> None:
    assert interrupted(words).endswith(said)


def signalled(number: int) -> Callable[..., None]:
    """What a command calls, interrupted by a signal from outside."""

    def wait(*_: object, **__: object) -> None:
        os.kill(os.getpid(), number)
        time.sleep(5)

    return wait


def ended(words: list[str]) -> object:
    with pytest.raises(SystemExit) as caught:
        main(words)
    return caught.value.code


ON = "what was finished is kept: `zoo {}` goes on from there"
ANEW = "the trials that were finished are kept (`zoo results list`): `zoo {}` measures all anew"
WHOLE = "nothing was changed by halves: `zoo {}` begins anew"


@pytest.mark.parametrize(
    ("words", "within", "said"),
    [
        (["run", "smoke", "--again"], "run.run_suite", ON.format("run smoke")),
        (["evaluate", "resnet18", "--data", "a b"], "evaluate.evaluate_now",
         ON.format("evaluate resnet18 --data 'a b'")),
        (["transfer", "resnet18", "--seeds", "1"], "transfer.transfer_now",
         ON.format("transfer resnet18 --seeds 1")),
        (["bench", "resnet18", "--threads", "1"], "bench.measure", ANEW.format("bench resnet18 --threads 1")),
        (["doctor"], "doctor.fingerprint", ANEW.format("doctor")),
        (["fetch", "resnet18"], "fetch.survey", ON.format("fetch resnet18")),
        (["pretrain", "timm/test_resnet", "--steps", "9"], "pretrain.train",
         WHOLE.format("pretrain timm/test_resnet --steps 9")),
        (["choose", "--max-latency-ms", "20"], "choose.read_results", WHOLE.format("choose --max-latency-ms 20")),
        (["report"], "report.read_results", WHOLE.format("report")),
        (["list"], "list_models.list_specs", WHOLE.format("list")),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)  # fmt: skip
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_both_signals_end_every_command_in_one_line(
    words: list[str],
    within: str,
    said: str,
    number: int,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(f"zoo.commands.{within}", signalled(number))
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    assert ended(words) == code
    assert capsys.readouterr().err.splitlines() == [f"zoo: interrupted; {said}"]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_a_library_makes_of_a_signal_is_no_error_of_the_users(
    number: int, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def load(*_: object, **__: object) -> None:
        try:
            signalled(number)()
        except KeyboardInterrupt:
            raise ImportError("cannot load module more than once per process") from None

    monkeypatch.setattr("zoo.commands.list_models.list_specs", load)
    assert ended(["list"]) == code
    assert capsys.readouterr().err.splitlines() == [f"zoo: interrupted; {WHOLE.format('list')}"]


def test_a_command_in_the_background_passes_ctrl_c_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "zoo.commands.list_models.list_specs", lambda *_, **__: (os.kill(os.getpid(), signal.SIGINT), [])[1]
    )
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell has it for `zoo list &`
    try:
        assert ended(["list"]) == 0
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_signal_within_code_made_of_text_has_the_usual_exit_code(tmp_path: Path) -> None:
    """As in the definition of a dataclass, of which an import has many, where the zoo is run as a module."""
    (tmp_path / "planted.py").write_text(
        "import os, signal\nfrom zoo.cli.main import main\nimport zoo.commands.list_models as command\n"
        "text = 'os.kill(os.getpid(), signal.SIGTERM)'\n"
        "command.list_specs = lambda *_, **__: exec(text)\nmain(['list'])"
    )
    places = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    done = subprocess.run(
        [sys.executable, "-m", "planted"], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": places},
    )  # fmt: skip
    assert (done.stderr, done.returncode) == (f"zoo: interrupted; {WHOLE.format('list')}\n", 143)


@pytest.mark.slow
def test_a_signal_from_outside_leaves_no_process_and_nothing_in_the_temporary_folder(tmp_path: Path) -> None:
    import psutil

    words = ["bench", "timm/test_resnet", "--input-size", "32", "--threads", "1", "--budget", "60s"]
    process = subprocess.Popen(
        [sys.executable, "-m", "zoo", *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        cwd=Path(__file__).parents[2],
    )
    assert process.stderr is not None
    assert "1 trials, 0 already done" in process.stderr.readline()
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1]
    assert said.splitlines()[-1] == f"zoo: interrupted; {ANEW.format(' '.join(words))}"
    assert process.returncode == 130
    assert psutil.wait_procs(children, timeout=20)[1] == []
    assert list(tmp_path.iterdir()) == []

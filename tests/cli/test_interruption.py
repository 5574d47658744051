"""An interrupted command says what was kept and how to go on, by Ctrl-C and by SIGTERM."""

from __future__ import annotations

import os
import signal
import time

import pytest

from zoo.cli.interruption import interrupted
from zoo.cli.main import main


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


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_both_signals_end_a_command_in_one_line(
    number: int, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wait(*_: object, **__: object) -> None:
        os.kill(os.getpid(), number)
        time.sleep(5)

    monkeypatch.setattr("zoo.commands.list_models.list_specs", wait)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as caught:
        main(["list"])
    assert caught.value.code == code
    assert capsys.readouterr().err.splitlines() == [
        "zoo: interrupted; nothing was changed by halves: `zoo list` begins anew"
    ]
    assert signal.getsignal(signal.SIGTERM) == before

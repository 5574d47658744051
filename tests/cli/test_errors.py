"""Bad input is one line on stderr and exit code 2."""

from __future__ import annotations

import pytest

from zoo.cli.main import main

LINES = [
    (["show", "resnet19"], "unknown model 'resnet19'"),
    (["run", "quikc"], "unknown suite 'quikc': did you mean quick"),
    (["transfer", "resnet18", "--task", "digit"], "unknown task 'digit'"),
    (["transfer", "resnet18", "--shots", "0"], "--shots must be whole numbers of at least 1"),
    (["transfer", "resnet18", "--seeds", "-1"], "seeds must be a whole number of at least 1"),
    (["transfer", "resnet18", "--strategy", "ful"], "unknown strategy 'ful'"),
    (["bench", "resnet18", "--metric", "latencies"], "unknown metric 'latencies'"),
    (["bench", "resnet18", "--device", "gpu"], "unknown device 'gpu'"),
    (["bench", "resnet18", "--precision", "fp31"], "unknown precision 'fp31'"),
    (["bench", "resnet18", "--batch", "0", "--metric", "throughput"], "--batch must be"),
    (["bench", "resnet18", "--budget", "-3"], "--budget must be a time above 0"),
    (["choose", "--max-latency-ms", "-5"], "--max-latency-ms must be a number above 0"),
    (["list", "--sort", "size"], "unknown sort key 'size'"),
    (["results", "import", "no-such.jsonl"], "no-such.jsonl: cannot read"),
    (["runn"], "runn"),
]


@pytest.mark.parametrize(("words", "expected"), LINES)
def test_one_line_and_exit_two(words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    lines = capsys.readouterr().err.strip().splitlines()
    assert caught.value.code == 2
    assert len(lines) == 1
    assert lines[0].startswith("zoo: error: ")
    assert expected in lines[0]

"""Help says whole what there is, and usage errors are one line with the nearest names."""

from __future__ import annotations

from importlib import metadata

import pytest

import zoo
from zoo.choice.limits import limits_by_name
from zoo.cli.limits import limit_flag
from zoo.cli.main import main
from zoo.cli.table import COMMANDS


def call(words: list[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(words)
    shown = capsys.readouterr()
    assert caught.value.code == code, shown.err
    return shown.err if code else shown.out


SUBCOMMANDS = ["list", "export", "import", "merge", "remove"]


@pytest.mark.parametrize("words", [*([name] for name in COMMANDS), *(["results", name] for name in SUBCOMMANDS)])
def test_help_of_every_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    lines = call([*words, "--help"], capsys).splitlines()
    assert lines[0].startswith(f"Usage: zoo {' '.join(words)} [OPTIONS]")
    assert "  -h, --help" in "\n".join(lines)
    assert call([*words, "-h"], capsys).splitlines() == lines
    examples = [line for line in lines if line.startswith("  Example:  ")]
    assert len(examples) == (words != ["results"])
    assert all(line.startswith(f"  Example:  zoo {' '.join(words)}") for line in examples)
    assert all(len(line) <= 80 for line in lines if line not in examples)


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--version"], capsys) == f"zoo {zoo.__version__}\n"
    assert zoo.__version__ == metadata.version("backbone-zoo")


def test_an_example_is_on_one_line_to_be_copied(capsys: pytest.CaptureFixture[str]) -> None:
    example = "  Example:  zoo bench resnet18 mobilenet_v2 --threads 1 --metric latency,throughput --batch 16\n"
    assert example in call(["bench", "--help"], capsys)
    example = "  Example:  zoo run quick    measures the eight classics here and recommends one.\n"
    assert example in call(["--help"], capsys)


def test_what_is_listed_is_not_cut_short(capsys: pytest.CaptureFixture[str]) -> None:
    listed = " ".join(call(["--help"], capsys).split())
    assert all(f" {name} {line}" in listed for name, (_, line) in COMMANDS.items())
    listed = call(["results", "--help"], capsys)
    assert "..." not in listed.partition("Commands:")[2]
    names = [line.split()[0] for line in listed.partition("Commands:")[2].splitlines() if line[2:3].strip()]
    assert names == SUBCOMMANDS


def test_options_with_their_defaults_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(call(["bench", "--help"], capsys).split())
    assert "--threads N,... CPU threads, or all. [default: 1, all]" in text
    assert "--aa Also time the anchor twice, for the noise floor. --budget TIME" in text
    assert "--data FOLDER A folder a class, named by WordNet id or index. [required]" in " ".join(
        call(["evaluate", "--help"], capsys).split()
    )


def test_choose_has_an_option_for_every_limit(capsys: pytest.CaptureFixture[str]) -> None:
    text = call(["choose", "--help"], capsys)
    flags = [limit_flag(quantity) for _, quantity in limits_by_name().values()]
    assert {"--min-accuracy", "--max-latency-ms", "--min-throughput", "--max-params", "--max-macs"} <= set(flags)
    places = [text.index(f"\n  {flag} NUMBER") for flag in flags]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chose"], "No such command 'chose'. Did you mean 'choose'?"),
        (["results", "exprt"], "No such command 'exprt'. Did you mean 'export'?"),
        (["results", "list", "--stor", "x"], "No such option '--stor'. Did you mean '--store'?"),
        (["choose", "--max-latency", "3"], "'--max-latency-ms'"),
        (["show"], "Missing argument 'NAME'."),
        (["bench"], "Missing argument 'NAME...'."),
        (["evaluate", "resnet18"], "Missing option '--data'."),
        (["show", "a", "b"], "Got unexpected extra argument (b)"),
        (["list", "--sort"], "Option '--sort' requires an argument."),
        (["list", "--pretrained=3"], "Option '--pretrained' does not take a value."),
        (["transfer", "resnet18", "--seeds", "x"], "Invalid value for '--seeds': 'x' is not a valid integer."),
        (["choose", "--threads", "x"], "Invalid value for '--threads': 'x' is not a valid integer."),
        (["pretrain", "resnet18", "--seed", "-1"], "Invalid value for '--seed': -1 is not in the range"),
        (["-x"], "No such option '-x'."),
    ],
    ids=" ".join,
)
def test_a_usage_error_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    line = call(words, capsys, code=2)
    assert line.startswith("zoo: error: ")
    assert said in line
    assert line.endswith(" (see `zoo --help`)\n")
    assert len(line.splitlines()) == 1


def test_a_usage_error_stays_a_line_with_debug(capsys: pytest.CaptureFixture[str]) -> None:
    assert "No such option '--nope'." in call(["list", "--debug", "--nope"], capsys, code=2)


def test_an_option_may_be_repeated_and_the_last_counts_where_one_is_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["list", "resnet18", "--licence", "mit", "--licence", "apache*", "--source", "x", "--source", "timm"]
    assert call([*words, "--format", "csv"], capsys).splitlines()[1].startswith("timm/resnet18,")


def test_an_interrupted_command_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("zoo.commands.list_models.list_specs", interrupted)
    assert "zoo: interrupted; nothing was changed by halves: `zoo list` begins anew" in call(
        ["list"], capsys, code=130
    )

"""A report names its machines so that two of one name are told apart."""

from __future__ import annotations

from dataclasses import replace

from tests.machine.test_differences import KNOWN
from tests.machine.test_fingerprint import OLD
from tests.results.planted import a_suite, cost, transfer
from zoo.api.results import Results
from zoo.machine.fingerprint import Machine
from zoo.report.sections.environment import environment_lines


def test_a_machine_of_an_old_record_is_shown_as_it_was() -> None:
    assert environment_lines({"k": Machine.from_dict(OLD)}) == [
        "machine `k`: AMD EPYC, 2 of 2 cores usable, 8 GiB; A GPU (driver 550.54); Linux 6.1",
        "Python 3.11, torch 2.15.0, torchvision 0.29.2, timm 1.0.31, backbone-zoo 0.1.0",
    ]


def test_two_machines_of_one_name_are_told_apart() -> None:
    other = replace(KNOWN, model="1", capability="AVX2", cpu_quota=None, gpus=())
    lines = environment_lines({"a": KNOWN, "b": other})
    assert lines[0] == (
        "machine `a`: AMD EPYC (family 25, model 17, stepping 1, AVX512), 2 of 4 cores usable, CPU quota 1.5 cores, "
        "8 GiB; A GPU (driver 550); Linux 6.1"
    )
    assert lines[2] == (
        "machine `b`: AMD EPYC (family 25, model 1, stepping 1, AVX2), 2 of 4 cores usable, 8 GiB; no GPU; Linux 6.1"
    )
    assert environment_lines({"c": Machine(cpu="A CPU", python="3.11")}) == [
        "machine `c`: A CPU",
        "Python 3.11",
    ]


def test_a_reader_is_told_that_the_place_of_a_folder_is_theirs_to_fill_in() -> None:
    page = Results([cost("resnet18", 20.0), transfer("resnet18", "full", 0.8, task="birds")]).to_markdown()
    told = page.index("once you have put the places of your folders and files where it says `path/to/`")
    command = page.index("zoo transfer ", told)
    assert "--task path/to/birds " in page[command:].splitlines()[0]
    assert "Reproduce with:" not in page
    without = Results(a_suite()).to_markdown()
    assert "Reproduce with:" in without
    assert "path/to" not in without

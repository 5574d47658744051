"""Groups hold cases whose processes they share: planned without a process, cheap models first, twins together."""

from __future__ import annotations

import pickle
import subprocess
import sys

from tests.cohorts.planted import case
from zoo.cohorts.groups import ANCHOR, plan_groups
from zoo.cost.case import HIDDEN

SIX = ("vgg16", "squeezenet1_0", "mobilenet_v2", "alexnet", "googlenet", "resnet18")


def test_every_case_is_in_one_cohort_of_one_group_and_a_cohort_has_one_setting() -> None:
    cases = [
        case(name, metric=metric, batch=batch, device=device)
        for device in ("cpu", "cuda")
        for metric, batch in (("latency", 1), ("throughput", 8))
        for name in SIX
    ]
    groups = plan_groups(cases, 5)
    assert [len(group.cases) for group in groups] == [10, 2, 10, 2]
    assert sorted(c.label + c.settings.describe() for group in groups for c in group.cases) == sorted(
        c.label + c.settings.describe() for c in cases
    )
    for group in groups:
        assert len(group.cohorts) == 2
        for cohort in group.cohorts:
            assert len({(c.settings.metric, c.settings.batch, c.settings.device) for c in cohort.everyone}) == 1
    # VGG-16 is the dearest: it waits for the second group of its device.
    assert {c.model for c in groups[1].cases} == {"torchvision/vgg16"}


def test_what_differs_in_precision_format_engine_or_form_shares_no_process() -> None:
    plain = case("resnet18")
    others: list[dict[str, str]] = [
        {"precision": "bf16"},
        {"memory_format": "channels_last"},
        {"engine": "compiled"},
        {"form": "deployed"},
        {"allocator": "default"},
    ]
    assert len(plan_groups([plain, *(case("resnet18", **changed) for changed in others)], 5)) == 6


def test_the_halves_of_a_pair_stand_in_one_cohort() -> None:
    cases = [*(case(name) for name in SIX), case("googlenet", replica=1)]
    groups = plan_groups(cases, 3)
    both = [group for group in groups if "torchvision/googlenet" in {c.model for c in group.cases}]
    assert len(both) == 1
    assert [c.replica for c in both[0].cases if c.model == "torchvision/googlenet"] == [0, 1]


def test_an_anchor_is_one_of_the_cases_or_stands_beside_them() -> None:
    asked, beside = plan_groups([case("squeezenet1_0"), case("resnet18"), case("vgg16")], 2)
    assert asked.cohorts[0].anchor == case("resnet18")
    assert asked.cohorts[0].everyone == asked.cohorts[0].cases
    hidden = beside.cohorts[0].anchor
    assert hidden is not None
    assert (hidden.model, hidden.replica) == (ANCHOR, HIDDEN)
    assert beside.cohorts[0].everyone == (*beside.cohorts[0].cases, hidden)
    (without,) = plan_groups([case("vgg16")], 2, anchor=None)
    assert without.cohorts[0].everyone == (case("vgg16"),)


def test_a_group_can_be_sent_to_another_process() -> None:
    (group,) = plan_groups([case("vgg16"), case("resnet18")], 5)
    assert pickle.loads(pickle.dumps(group)) == group


def test_the_parent_of_workers_imports_no_torch() -> None:
    script = (
        "import sys\n"
        "import zoo.cohorts.measure, zoo.executors.local\n"
        "from zoo.cost.engines import ENGINES\n"
        "from zoo.cost.metrics import METRICS\n"
        "ENGINES.values(), METRICS.values()\n"
        "heavy = {'torch', 'torchvision', 'timm', 'pandas', 'numpy', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

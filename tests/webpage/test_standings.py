"""What the page knows of its candidates is enough for every choice within limits."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product

from tests.results.planted import cost, transfer
from tests.webpage.many import many
from tests.webpage.test_rule import candidates
from zoo.candidates.candidate import Candidate
from zoo.candidates.candidates import find_candidates
from zoo.candidates.quantities import quantities
from zoo.choice.ties import rank
from zoo.registry.licences import is_permitted
from zoo.results.view import Results
from zoo.statistics.measurement import Measurement
from zoo.webpage.data import family_of, page_data
from zoo.webpage.families import LOOKS, MANY, OTHERS, Families
from zoo.webpage.standings import first_within_some_limits, standings


def test_those_that_can_be_first_are_found() -> None:
    """Against every set of limits at what models have, licences too."""
    for seed in range(20):
        found, _ = candidates(seed)
        for objective in ("accuracy", "latency"):
            ranked = sorted(
                (place for place, one in enumerate(found) if one.value(objective)),
                key=lambda p: rank(found[p], objective),
            )
            firsts = {
                within[0] for limits in everything(found) if (within := [p for p in ranked if limits(found[p])])
            }
            told = set(first_within_some_limits(found, ranked))
            # One that two others stand before, each within some licences only, is told as well, to no harm.
            assert told >= firsts
            assert told == firsts or any(one.published_weights and one.licence for one in found)


def everything(found: list[Candidate]) -> list:
    known = quantities()
    names = ("accuracy", "latency", "params", "macs")
    values = [[None, *(held.value for one in found if (held := one.value(name)) is not None)] for name in names]
    licences = sorted({one.licence for one in found if one.published_weights and one.licence})

    def meets(one: Candidate, asked: tuple, permitted: tuple[str, ...]) -> bool:
        if permitted and one.published_weights and not is_permitted(one.licence, permitted):
            return False
        return all(
            bound is None or ((held := one.value(name)) is not None and not known[name].beyond(held.value, bound))
            for name, bound in zip(names, asked, strict=True)
        )

    ways = [(), *((one,) for one in licences)]
    return [
        lambda one, asked=asked, way=way: meets(one, asked, way) for asked, way in product(product(*values), ways)
    ]


def test_a_page_of_very_many_models_stays_small() -> None:
    found = many(300)[1]
    held = standings(found, "accuracy")
    assert len(held["order"]) == 300
    assert len(held["gaps"]) < 150
    assert held["order"][0] in held["gaps"]
    assert sum(map(len, standings(found, "params")["gaps"].values())) < 60


def test_a_gap_without_bounds_is_a_number() -> None:
    found, _ = find_candidates(Results([cost("resnet18", 20.0), cost("vgg16", 90.0)]))
    for one in found:
        object.__setattr__(one, "rows", {})
    none, some = (
        replace(one, costs={"latency": Measurement(at, "ms")}) for one, at in zip(found, (0.0, 5.0), strict=True)
    )
    values = [entry[2] for listed in standings([none, some], "latency")["gaps"].values() for entry in listed]
    assert values == [1e300] or all(abs(value) <= 1e300 for value in values)


def test_the_page_tells_its_models_as_the_report_does() -> None:
    records = [cost("resnet18", 20.0, flags=("cpu pressure 9%",)), cost("mine/net", 5.0)]
    records += [transfer("resnet18", "full", 0.08, seed=seed) for seed in range(3)]
    records += [transfer("", "pixels", 0.55, seed=seed) for seed in range(3)]
    data = page_data(*find_candidates(Results(records)))
    assert [one["name"] for one in data["quantities"]] == ["accuracy", "latency", "params", "macs"]
    assert data["objective"] == "accuracy"
    resnet, mine = data["models"]
    assert resnet["described"].startswith("torchvision/resnet18.letters-am: accuracy 0.080 [")
    assert resnet["values"]["latency"]["text"].endswith("]*")
    assert resnet["below"] == "raw pixels"
    assert resnet["mind"][0].startswith("Its accuracy is below raw pixels (0.55")
    assert resnet["line"] == (
        "import zoo; model = zoo.create('torchvision/resnet18', weights='letters-am', form='deployed'); "
        "transform = zoo.image_transform('torchvision/resnet18', weights='letters-am')"
    )
    assert (resnet["family"], mine["family"]) == ("resnet", "mine")
    assert mine["values"]["accuracy"] is None
    assert mine["values"]["params"] is None


def test_the_path_of_a_users_file_is_not_told() -> None:
    found, basis = find_candidates(Results([cost("resnet18", 20.0)]))
    data = page_data([replace(found[0], weights="best.pth", file_digest="ab" * 32)], basis)
    assert data["models"][0]["line"] == ""


def test_the_largest_families_have_a_look_of_their_own() -> None:
    draw = random.Random(0)
    names = [f"family{min(draw.randrange(20), draw.randrange(20))}" for _ in range(200)]
    families = Families(names)
    groups = families.groups()
    assert len(groups) == len(LOOKS) + 1
    assert sum(group["models"] for group in groups) == 200
    assert groups[-1]["name"] == MANY
    sizes = [group["models"] for group in groups[:-1]]
    assert sizes == sorted(sizes, reverse=True)
    for place, name in enumerate(names):
        assert groups[families.group(place)]["name"] in (name, MANY)
    assert len(Families(["a", "b", "a"]).groups()) == 2
    assert family_of("timm/resnet50") == "resnet"


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_colours_stand_out_from_the_light_page_and_the_dark_one() -> None:
    """At 3 to 1, as WCAG asks of what is no text."""
    for colour, *_ in (*LOOKS, OTHERS):
        for paper in ("#ffffff", "#15181c"):
            light, dark = sorted((luminance(colour), luminance(paper)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3, (colour, paper)
    assert len({shape for _, shape, _ in LOOKS}) == len(LOOKS)

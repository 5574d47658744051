"""Licences: what is known of them limits a search, and what is not known is not presumed."""

from __future__ import annotations

import pytest

from zoo.errors import UnknownNameError
from zoo.registry.catalogue import get
from zoo.registry.licences import is_non_commercial, is_permitted, permits_commercial, warning_of
from zoo.registry.search import list_specs


@pytest.mark.parametrize(
    ("licence", "commercial", "forbidden"),
    [
        ("apache-2.0", True, False),
        ("mit", True, False),
        ("cc-by-4.0", True, False),
        ("cc-by-nc-4.0", False, True),
        ("fair-noncommercial-research-license", False, True),
        ("apple-amlr", False, True),
        ("https://github.com/facebookresearch/SWAG/blob/main/LICENSE", False, True),
        ("dinov3-license", False, False),
        ("unknown", False, False),
        (None, False, False),
    ],
)
def test_what_is_known_of_a_licence(licence: str | None, commercial: bool, forbidden: bool) -> None:
    assert permits_commercial(licence) is commercial
    assert is_non_commercial(licence) is forbidden
    assert bool(warning_of(licence)) is forbidden
    assert is_permitted(licence, ("commercial",)) is commercial


def test_a_search_holds_every_model_to_the_licences_asked_for() -> None:
    everything = list_specs(source="timm", pretrained=True)
    good = list_specs(source="timm", licence=["commercial"])
    assert 0 < len(good) < len(everything)
    assert all(permits_commercial(spec.licence) for spec in good)
    names = {spec.architecture for spec in good}
    for spec in everything:
        if spec.architecture not in names:
            tags = [get(f"timm/{spec.architecture}.{tag}") for tag in spec.tags]
            assert not any(permits_commercial(tag.licence) for tag in tags)
    # Where the default weights have another licence, the first tag that has it stands for the architecture.
    assert any(spec.name.endswith(f".{spec.tag}") for spec in good)
    assert {spec.licence for spec in list_specs(licence=["cc-by-nc-*"])} == {"cc-by-nc-4.0"}
    assert list_specs("timm/resnet18.*", licence=["mit"]) == []


def test_a_licence_that_no_weights_have_is_named() -> None:
    with pytest.raises(UnknownNameError, match="did you mean apache-2"):
        list_specs(licence=["apache"])


@pytest.mark.parametrize("licence", ["CC-BY-NC-4.0", "cc-by-nc", "CC BY-NC 4.0", "cc_by_nc_sa_4.0"])
def test_a_licence_in_any_spelling_is_warned_of(licence: str) -> None:
    assert is_non_commercial(licence)
    assert not is_permitted(licence, ["commercial"])
    assert is_permitted("Apache 2.0", ["apache-2.0"])

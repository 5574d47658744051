"""Weights of one data set have one source, whoever packed them."""

from __future__ import annotations

import pytest

from zoo.advice.source import source_of


@pytest.mark.parametrize(
    ("tag", "source"),
    [
        ("letters-am", "letters-am"),
        ("packaged", "ImageNet-1k"),
        ("IMAGENET1K_V1", "ImageNet-1k"),
        ("IMAGENET1K_V2", "ImageNet-1k"),
        ("a1_in1k", "ImageNet-1k"),
        ("ra_in1k_288", "ImageNet-1k"),
        ("augreg_in21k", "ImageNet-21k"),
        ("augreg_in21k_ft_in1k", "ImageNet-21k, then ImageNet-1k"),
        ("fb_swsl_ig1b_ft_in1k", "fb_swsl_ig1b_ft_in1k"),
        ("laion2b_ft_in1k", "laion2b_ft_in1k"),
        ("mine", "mine"),
        ("main1k", "main1k"),
        ("best.pth", "best.pth"),
    ],
)
def test_a_tag_names_its_source(tag: str, source: str) -> None:
    assert source_of(tag) == source


def test_files_of_one_name_and_other_bytes_are_other_sources() -> None:
    assert source_of("best.pth", "0123456789abcdef") == "best.pth (01234567)"
    assert source_of("best.pth", "f" * 64) == "best.pth (ffffffff)"
    assert source_of("mine", "f" * 64) == "mine"
    assert source_of("letters-am", "f" * 64) == "letters-am"

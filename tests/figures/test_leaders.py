"""A figure of lines shows the most accurate models, and says how many there are."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.figures.leaders import MOST, leaders


@dataclass(frozen=True)
class Point:
    model: str
    y: float


def test_the_most_accurate_are_kept_by_their_highest_in_the_order_given() -> None:
    points = [Point(f"m{place}", float(place)) for place in range(MOST + 3)] + [Point("m0", 99.0), Point("m1", 0.5)]
    kept, said = leaders(points, lambda point: point.y)
    assert {point.model for point in kept} == {"m0", *(f"m{place}" for place in range(4, MOST + 3))}
    assert kept == [point for point in points if point in kept]
    assert said == f" Of {MOST + 3} models the {MOST} most accurate are drawn."


def test_a_figure_may_have_room_for_fewer_and_say_of_what_the_numbers_are() -> None:
    points = [Point("slow", 1.0), Point("fast", 9.0), Point("middle", 5.0)]
    kept, said = leaders(points, lambda point: point.y, "fastest", 2)
    assert [point.model for point in kept] == ["fast", "middle"]
    assert said == " Of 3 models the 2 fastest are drawn."


def test_where_all_have_room_nothing_is_said() -> None:
    points = [Point(f"m{place}", 1.0) for place in range(MOST)]
    assert leaders(points, lambda point: point.y) == (points, "")

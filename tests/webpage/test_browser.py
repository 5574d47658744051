"""The page in a browser: it draws, follows every control, asks no address, and is read by everyone."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.report import stores
from tests.results.planted import a_suite, cost
from tests.webpage.browser import Browser, a_browser
from tests.webpage.hostile import records
from tests.webpage.many import MODELS, many, write_many
from zoo.api.results import Results
from zoo.choice.choice import choose_from
from zoo.choice.description import name_of
from zoo.choice.limits import Limits
from zoo.choice.margins import Margins

pytestmark = pytest.mark.slow

LIMITS = {"latency": "max_latency_ms", "accuracy": "min_accuracy", "params": "max_params", "macs": "max_macs"}

OPENS_MS, FOLLOWS_MS = 2000, 100
"""Within which the page of 1,500 models opens, and follows a slider."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    found = a_browser(tmp_path_factory.mktemp("browser"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Results(a_suite()).write_report(tmp_path_factory.mktemp("planted"), title="Planted")[-1]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_many(tmp_path_factory.mktemp("large"), 120)


@pytest.fixture
def shots(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where pictures go: into the folder that was asked for, or away after the test."""
    folder = Path(request.config.getoption("--screenshots") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def quiet(browser: Browser) -> Iterator[Browser]:
    """The browser, in which nothing went wrong, and which asked for nothing but the page."""
    yield browser
    assert browser.read_logs() == []
    assert {address.partition(":")[0] for address in browser.requests} == {"file"}
    assert all(address.endswith("/report.html") for address in browser.requests)


def column(browser: Browser, title: str) -> list[str]:
    head, *rows = browser.table()
    place = next(place for place, cell in enumerate(head) if cell.strip(" ▲▼") == title)
    return [row[place] for row in rows]


def sort_by(browser: Browser, title: str) -> None:
    browser.js(
        "[...document.querySelectorAll('#models thead button')]"
        ".find(one => one.firstChild.textContent === arguments[0]).click()",
        title,
    )


def view(browser: Browser, expression: str) -> Any:
    """A value of the chart's own view."""
    script = "const view = document.getElementById('chart').view; return " + expression
    return browser.js(script)


def broken_rules(browser: Browser) -> dict[str, list[str]]:
    """Rules of axe that the page breaks, and where."""
    try:
        axe = files("axe_selenium_python").joinpath("node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        pytest.skip("axe is missing: pip install 'backbone-zoo[browser]'")
    browser.js(axe)
    found = browser.driver.execute_async_script("axe.run({resultTypes: ['violations']}).then(arguments[0])")
    assert len(found["passes"]) > 25
    return {one["id"]: [node["html"][:200] for node in one["nodes"]] for one in found["violations"]}


def test_it_opens_with_the_choice_of_the_report(quiet: Browser, planted: Path) -> None:
    quiet.open(planted)
    verdict, taken = quiet.text("verdict"), quiet.text("taken")
    assert verdict.startswith("Take torchvision/resnet18.letters-am: accuracy 0.810")
    assert taken.startswith(verdict.partition(" (latency on")[0])
    assert "zoo.create('torchvision/resnet18', weights='letters-am', form='deployed')" in taken
    assert column(quiet, "standing") == ["taken", "behind", "not ranked"]
    assert quiet.js("return document.querySelectorAll('figure img').length") == 3
    assert quiet.js("return [...document.images].every(one => one.complete && one.naturalWidth > 300)")


def test_every_slider_moves_the_choice_the_table_and_the_frontier(quiet: Browser, large: Path) -> None:
    """And the model taken is that of zoo.choice, at each stop."""
    _, found, basis = many(120)
    quiet.open(large)
    whole = view(quiet, "view.data('frontier').length")
    for objective, limit in LIMITS.items():
        values = sorted({held.value for one in found if (held := one.value(objective)) is not None})
        least = limit.startswith("min")
        seen = set()
        for place in (len(values) // 8, len(values) // 3, len(values) * 2 // 3):
            quiet.enter(f"limit-{objective}", place + 1 if least else place)
            choice = choose_from(found, basis, "accuracy", Limits(**{limit: values[place]}))
            assert choice.chosen is not None
            assert f"Take {name_of(choice.chosen)}: " in quiet.text("taken")
            assert f"among {choice.ranked} within the limits" in quiet.text("taken")
            assert column(quiet, "model")[0] == name_of(choice.chosen)
            assert f"of {choice.ranked + len(choice.unranked)} rows" in quiet.text("counted")
            states = view(quiet, "view.signal('states')")
            assert sum(states) == choice.ranked + len(choice.unranked)
            seen.add((name_of(choice.chosen), view(quiet, "view.data('frontier').length")))
            assert view(quiet, "view.data('chosen').length") == 1
            assert quiet.js("return document.getElementById(arguments[0]).value", f"limit-{objective}-value") != ""
        assert len(seen) > 1, objective
        quiet.js("document.getElementById('reset').click()")
        quiet.frames()
        assert view(quiet, "view.data('frontier').length") == whole
    quiet.enter("limit-latency", 0)
    quiet.enter("limit-accuracy", 119)
    assert quiet.text("taken").startswith("Nothing qualifies.")
    assert "Nearest miss: " in quiet.text("taken")
    assert view(quiet, "view.data('chosen').length") == 0


def test_numbers_objective_and_margins_are_followed(quiet: Browser, large: Path) -> None:
    _, found, basis = many(120)
    quiet.open(large)
    quiet.enter("limit-latency-value", 60)
    quiet.enter("limit-accuracy-value", 70)
    limits = Limits(max_latency_ms=60, min_accuracy=0.7)
    for objective in ("accuracy", "latency", "params", "macs"):
        quiet.enter("objective", objective)
        chosen = choose_from(found, basis, objective, limits).chosen
        assert chosen is not None
        assert f"Take {name_of(chosen)}: " in quiet.text("taken"), objective
    quiet.enter("objective", "accuracy")
    for points in (0, 4):
        quiet.enter("margin-points", points)
        choice = choose_from(found, basis, "accuracy", limits, Margins(points=points))
        assert choice.chosen is not None
        assert f"Take {name_of(choice.chosen)}: " in quiet.text("taken")
        assert column(quiet, "standing").count("tied") + column(quiet, "standing").count("best") == len(choice.ties)
    quiet.enter("limit-latency-value", "")
    quiet.enter("limit-accuracy-value", "")
    assert "among 120 within the limits" in quiet.text("taken")


def test_axes_are_picked_and_points_tell_of_themselves(quiet: Browser, planted: Path) -> None:
    quiet.open(planted)
    quiet.enter("axis-x", "params")
    quiet.wait("document.getElementById('chart').view.data('points').length === 2")
    assert sorted(view(quiet, "view.data('points').map(one => one.across)")) == ["params 1.25 M", "params 11.7 M"]
    quiet.enter("axis-y", "latency")
    quiet.wait("document.getElementById('chart').view.data('points').length === 3")
    assert view(quiet, "view.scale('x').type") == "log"
    quiet.js("document.getElementById('chart').scrollIntoView()")
    place = view(
        quiet,
        "(() => { const box = document.querySelector('#chart canvas').getBoundingClientRect();"
        " const [left, top] = view.origin(), pad = view.padding();"
        " const one = view.data('points').find(p => p.model.includes('vgg16'));"
        " return [box.left + pad.left + left + view.scale('x')(one.x),"
        " box.top + pad.top + top + view.scale('y')(one.y)]; })()",
    )
    for x, y in ((place[0] - 3, place[1]), place):
        quiet.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y})
    quiet.wait("document.querySelector('#vg-tooltip-element.visible')")
    told = quiet.text("vg-tooltip-element")
    for text in ("torchvision/vgg16.random", "vgg", "params 138 M", "latency 186 [172, 196]~ ms"):
        assert text in told


def test_the_wheel_zooms_and_a_double_click_shows_all(quiet: Browser, planted: Path) -> None:
    quiet.open(planted)
    quiet.js("document.getElementById('chart').scrollIntoView()")
    before = view(quiet, "view.scale('x').domain()")
    box = quiet.js(
        "const box = document.querySelector('#chart canvas').getBoundingClientRect();"
        "return [box.left + box.width / 2, box.top + 150]"
    )
    at = {"x": box[0], "y": box[1]}
    quiet.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved"} | at)
    quiet.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseWheel", "deltaX": 0, "deltaY": -120} | at)
    quiet.wait(f"document.getElementById('chart').view.scale('x').domain()[0] > {before[0]}")
    after = view(quiet, "view.scale('x').domain()")
    assert after[1] < before[1]
    quiet.enter("limit-latency", 1)
    assert view(quiet, "view.scale('x').domain()") == after
    for count in (1, 2):
        for kind in ("mousePressed", "mouseReleased"):
            event = {"type": kind, "button": "left", "clickCount": count} | at
            quiet.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)
    quiet.wait(f"document.getElementById('chart').view.scale('x').domain()[0] === {before[0]}")


def test_the_table_is_sorted_filtered_and_copied(quiet: Browser, large: Path) -> None:
    quiet.open(large)
    sort_by(quiet, "latency, ms")
    times = [float(cell.split(" ")[0]) for cell in column(quiet, "latency, ms")]
    assert times == sorted(times)
    sort_by(quiet, "latency, ms")
    times = [float(cell.split(" ")[0]) for cell in column(quiet, "latency, ms")]
    assert times == sorted(times, reverse=True)
    ways = "return [...document.querySelectorAll('#models thead th')].map(one => one.getAttribute('aria-sort'))"
    assert sorted(set(quiet.js(ways))) == ["descending", "none"]
    assert quiet.js(ways).count("descending") == 1
    assert quiet.js("return document.activeElement.textContent") == "latency, ms ▼"
    sort_by(quiet, "model")
    names = column(quiet, "model")
    assert names == sorted(names)
    assert len(names) == 100
    quiet.js("document.getElementById('more').click()")
    assert len(column(quiet, "model")) == 120
    quiet.enter("filter", "BEIT")
    names = column(quiet, "model")
    assert 0 < len(names) < 120
    assert all("beit" in " ".join(row).lower() for row in quiet.table()[1:])
    origin = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    quiet.driver.execute_cdp_cmd("Browser.grantPermissions", origin)
    quiet.js("document.getElementById('copy').click()")
    quiet.wait("document.getElementById('said').textContent")
    assert quiet.text("said") == f"Copied {len(names)} rows."
    pasted = quiet.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    head, *rows = [line.split("\t") for line in pasted.strip("\n").split("\n")]
    assert head[:3] == ["standing", "model", "family"]
    assert [row[1] for row in rows] == names
    quiet.enter("filter", "")
    quiet.enter("limit-latency", 5)
    assert len(column(quiet, "model")) == 6
    quiet.enter("all-models", True)
    beyond = [cell for cell in column(quiet, "standing") if cell.startswith("beyond ")]
    assert set(beyond) == {"beyond latency"}
    assert len(beyond) == 114


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_fits_a_phone_and_breaks_no_rule_of_axe(
    quiet: Browser, large: Path, shots: Path, width: int, scheme: str
) -> None:
    quiet.open(large, width=width, scheme=scheme)
    quiet.enter("limit-latency", 70)
    assert quiet.js("return document.documentElement.scrollWidth <= window.innerWidth")
    assert quiet.js(
        "return document.querySelector('#chart canvas').getBoundingClientRect().right <= window.innerWidth"
    )
    assert quiet.shoot(shots / f"page-{width}-{scheme}.png").stat().st_size > 20_000
    ink = view(quiet, "view.signal('ink')")
    assert (ink > "#888888") == (scheme == "dark")
    assert broken_rules(quiet) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_section_of_a_report_breaks_a_rule_of_axe(quiet: Browser, planted: Path, scheme: str) -> None:
    quiet.open(planted, scheme=scheme)
    quiet.js("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert broken_rules(quiet) == {}


def test_it_prints_in_dark_ink(quiet: Browser, planted: Path, shots: Path) -> None:
    quiet.open(planted, scheme="dark")
    pdf = quiet.printed()
    (shots / "page.pdf").write_bytes(pdf)
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 50_000
    quiet.js("window.dispatchEvent(new Event('beforeprint'))")
    assert view(quiet, "view.signal('ink')") == "#222222"
    assert quiet.js("return document.querySelectorAll('details:not([open])').length") == 0
    quiet.js("window.dispatchEvent(new Event('afterprint'))")
    assert view(quiet, "view.signal('ink')") == "#e6e8ea"
    assert quiet.js("return document.querySelectorAll('details[open]').length") == 0


def test_what_is_hostile_is_shown_and_never_run(quiet: Browser, tmp_path: Path) -> None:
    path = Results(records()).write_report(tmp_path / "r")[-1]
    quiet.open(path)
    quiet.enter("all-models", True)
    shown = quiet.js("return document.body.innerText")
    for text in (
        "</script><script>window.ran = 1</script>",
        "<img src=x onerror='window.ran = 2'>",
        "<svg onload=window.ran=3>",
    ):
        assert any(text in cell for cell in column(quiet, "model"))
        assert text in shown
    for place in range(3):
        quiet.enter("objective", ("latency", "params", "accuracy")[place])
        quiet.enter("limit-latency", 3 + place)
    assert quiet.js("return window.ran === undefined")
    assert quiet.js("return document.querySelectorAll('main script').length") == 1
    assert quiet.js("return [...document.querySelectorAll('img')].every(one => one.src.startsWith('data:'))")


@pytest.mark.parametrize("seed", [3, 4, 6, 9, 11, 14, 20, 27])
def test_reports_of_random_stores_are_drawn(quiet: Browser, tmp_path: Path, seed: int) -> None:
    """Of few models, without accuracies, without intervals, of models that nothing else is known of."""
    quiet.open(Results(stores.store(seed)).write_report(tmp_path / "r")[-1])
    names = quiet.js("return [...document.getElementById('objective').options].map(one => one.value)")
    for name in names:
        quiet.enter("objective", name)
        quiet.enter("axis-x", name)
        quiet.enter(f"limit-{name}", 1)
        assert quiet.text("taken")
    quiet.js("document.getElementById('reset').click()")
    quiet.frames()
    assert quiet.text("taken").startswith(("Take ", "Not recommended: "))


def test_one_model_of_which_one_number_is_known_is_drawn(quiet: Browser, tmp_path: Path) -> None:
    quiet.open(Results([cost("mine/net", 5.0)]).write_report(tmp_path / "r")[-1])
    assert quiet.text("taken").startswith("Take mine/net.random: 5.0 [5.0, 5.0] ms — best by latency among 1 within")
    assert view(quiet, "view.data('points').length") == 1


def test_very_many_models_open_soon_and_follow_a_slider(quiet: Browser, tmp_path: Path) -> None:
    path = write_many(tmp_path)
    quiet.open(path)
    opened = quiet.js("return performance.getEntriesByType('navigation')[0].loadEventEnd")
    script = """
        const done = arguments[0], took = [], slider = document.getElementById('limit-latency');
        const step = () => {
            if (took.length === 25) return done(took);
            slider.value = 1400 - 50 * took.length;
            const from = performance.now();
            slider.dispatchEvent(new Event('input'));
            const drawn = () => { took.push(performance.now() - from); step(); };
            requestAnimationFrame(() => requestAnimationFrame(drawn));
        };
        step();"""
    took = sorted(quiet.driver.execute_async_script(script))
    assert f"{MODELS:,} models in all" in quiet.text("counted")
    assert quiet.js("return document.getElementById('chart').view.data('points').length") == MODELS
    assert opened <= OPENS_MS
    assert took[len(took) // 2] <= FOLLOWS_MS, took

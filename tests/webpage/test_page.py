"""The page as a file: one, whole, with nothing of the outside in it but text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from tests.report import stores
from tests.results.planted import a_suite, cost
from tests.webpage.hostile import TRICKS, records
from zoo.api.results import Results
from zoo.errors import InputFileError, ZooError
from zoo.webpage.page import SCRIPTS, embedded

OURS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "p", "nav", "ul", "li", "a", "main",
    "section", "noscript", "div", "form", "fieldset", "legend", "button", "label", "input", "span", "table", "thead",
    "tbody", "tr", "th", "td", "caption", "script", "strong", "code", "pre", "figure", "figcaption", "img", "details",
    "summary",
}  # fmt: skip
"""Tags of the zoo's own pages."""


class Reader(HTMLParser):
    """Tags, their attributes, text and scripts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "img"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.scripts if self._open[-1:] == ["script"] else self.texts).append(data)


def written(results: Results, folder: Path) -> str:
    paths = results.write_report(folder, title="Planted")
    assert paths[-1] == folder / "report.html"
    return paths[-1].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(Results(a_suite()), tmp_path_factory.mktemp("page"))


def test_the_page_says_what_the_report_says(page: str, tmp_path: Path) -> None:
    results = Results(a_suite())
    told = " ".join(" ".join(Reader(page).texts).split())
    verdict = results._context().verdict
    assert " ".join(verdict.replace("**", "").split()) in told.replace(" — best", " — best")
    markdown = results.to_markdown()
    for heading in re.findall(r"^##+ (.+)$", markdown, re.MULTILINE):
        assert heading in told
    for cell in ("RuntimeError: planted", "cpu pressure 9%", "Planted CPU", "±3.1% after 12 rounds instead of ±2%"):
        assert cell in told
    figures = re.findall(r"^!\[(.+?)\]", markdown, re.MULTILINE)
    images = [attributes for tag, attributes in Reader(page).tags if tag == "img"]
    assert [attributes["alt"] for attributes in images] == figures
    for attributes in images:
        kind, drawn = str(attributes["src"]).split(",", 1)
        assert kind == "data:image/svg+xml;base64"
        assert base64.b64decode(drawn).startswith(b"<svg")


def test_the_page_is_one_file_that_asks_nothing_of_anybody(page: str) -> None:
    found = Reader(page)
    for tag, attributes in found.tags:
        assert tag in OURS
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("href", "src", "action", "data", "srcset", "poster"):
                assert str(value).startswith(("#section-", "data:image/svg+xml;base64,")), (tag, value)
    style = files("zoo.webpage").joinpath("page.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style


def test_only_the_zoos_scripts_may_run(page: str) -> None:
    found = Reader(page)
    policy = next(str(a["content"]) for tag, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    data, *scripts = found.scripts
    assert len(scripts) == 5
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert json.loads(data)["data"]["objective"] == "accuracy"


def test_the_scripts_put_in_text_as_text() -> None:
    for name in SCRIPTS:
        script = files("zoo.webpage").joinpath(name).read_text(encoding="utf-8")
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "eval(",
            "Function(",
            "fetch(",
            "http",
        ):
            assert way not in script, (name, way)


def test_nothing_of_the_outside_is_markup(tmp_path: Path) -> None:
    text = written(Results(records()), tmp_path / "r")
    found = Reader(text)
    assert {tag for tag, _ in found.tags} <= OURS
    assert len(found.scripts) == 6
    assert all(not name.startswith("on") for _, attributes in found.tags for name in attributes)
    told = "\n".join(found.texts)
    assert "RuntimeError: </script><script>window.ran = 1</script>" in told
    assert "<img src=x onerror='window.ran = 2'>" in told
    assert "$x^2$ =1+1 {{7*7}} ${title}" in told
    data = json.dumps(json.loads(found.scripts[0]), ensure_ascii=False)
    for sign in "\u202e\x1b":
        assert sign not in text
        assert sign not in data
    names = [model["name"] for model in json.loads(found.scripts[0])["data"]["models"]]
    assert any(TRICKS[0] in name for name in names)


def test_json_stands_between_the_tags_of_a_script() -> None:
    value = [*TRICKS, {"</script>": "<!--", "&": "]]>"}]
    text = embedded(value)
    assert not set("<>&") & set(text)
    assert text.isascii()
    assert json.loads(text) == value
    with pytest.raises(ValueError, match="not JSON compliant"):
        embedded(float("nan"))


def test_the_bundle_can_stand_in_a_page(page: str) -> None:
    """What would end a script, or open one that hides the end, is in none of them."""
    for script in Reader(page).scripts:
        assert "</script" not in script.lower()
        assert "<!--" not in script
        assert "import(" not in script


def test_a_report_without_a_model_is_a_page_without_a_script(tmp_path: Path) -> None:
    found = Reader(written(Results([]), tmp_path / "r"))
    assert found.scripts == []
    assert "No backbone can be recommended" in " ".join(found.texts)
    failed = cost("resnet18", 1.0, status="failed", reason="planted")  # type: ignore[arg-type]
    found = Reader(written(Results([failed]), tmp_path / "s"))
    assert found.scripts == []
    assert "planted" in found.texts


def test_a_page_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    (folder / "report.html").mkdir(parents=True)
    with pytest.raises(InputFileError, match=r"report\.html: cannot write the report: "):
        Results(a_suite()).write_report(folder)


def test_reports_of_random_stores_are_pages(tmp_path: Path) -> None:
    made = 0
    for seed in range(12):
        results = Results(stores.store(seed))
        try:
            text = written(results, tmp_path / "r")
        except ZooError:
            assert len(results.machines()) > 1
            continue
        found = Reader(text)
        assert {tag for tag, _ in found.tags} <= OURS
        held = json.loads(found.scripts[0])["data"] if found.scripts else None
        if held:
            made += 1
            assert held["objective"] in held["objectives"]
            assert len(held["models"]) == len(results.found[0])
    assert made > 5

"""Files of records as people bring them: read, or said to be what they are."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.results.planted import a_suite, cost
from zoo.api.results import Results
from zoo.errors import InputFileError
from zoo.report.printed import printed
from zoo.results.importers.file import read_any
from zoo.results.importers.timm import read_timm_results
from zoo.results.jsonl import read_jsonl, write_jsonl
from zoo.store.store import Store

RECORDS = [cost("resnet18", 21.0), cost("vgg16", 90.0)]
TEXT = "".join(json.dumps(record.to_dict(), ensure_ascii=False) + "\n" for record in RECORDS)


def zipped() -> bytes:
    """As a browser hands over what a pipeline kept."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("r.jsonl", TEXT)
    return held.getvalue()


def tarred() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        info = tarfile.TarInfo("r.jsonl")
        info.size = len(TEXT.encode())
        archive.addfile(info, io.BytesIO(TEXT.encode()))
    return held.getvalue()


TIMM = "model,img_size,top1,top5\nresnet50.a1_in1k,224,80.2,94.6\n"


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
        lambda text: gzip.compress(text.encode()),
        lambda text: gzip.compress(text[:500].encode()) + gzip.compress(text[500:].encode("utf-8")),
        lambda text: bz2.compress(text.encode("utf-8-sig")),
        lambda text: lzma.compress(text.encode()),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: ("\n\n" + text).encode(),
    ],
    ids=["mark", "utf-16", "utf-16 big end", "utf-32", "gzip", "gzips", "bzip2 mark", "xz", "CRLF", "empty lines"],
)
def test_marks_encodings_and_packed_files_are_read(tmp_path: Path, written: Callable[[str], bytes]) -> None:
    path = tmp_path / "r.jsonl"  # whatever it is called
    path.write_bytes(written(TEXT))
    assert read_jsonl(path) == read_any(path) == RECORDS
    table = tmp_path / "results-imagenet.csv.gz"
    table.write_bytes(written(TIMM))
    [record] = read_timm_results(table).records
    assert record.outcome.metrics["top1"].value == pytest.approx(0.802)


def test_files_that_were_put_together_have_a_mark_each(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b"".join((line + "\n").encode("utf-8-sig") for line in TEXT.splitlines()))
    assert read_jsonl(path) == RECORDS


def test_an_export_called_gz_is_packed_and_the_same_each_time(tmp_path: Path) -> None:
    one, two = tmp_path / "r.jsonl.gz", tmp_path / "s.jsonl.gz"
    for path in (one, two):
        write_jsonl(RECORDS, path)
    assert one.read_bytes() == two.read_bytes()
    assert gzip.decompress(one.read_bytes()).count(b"\n") == 2
    assert read_jsonl(one) == RECORDS


def test_ends_of_lines_within_text_are_none(tmp_path: Path) -> None:
    odd = replace(RECORDS[0], suite="a\u2028b\x85c\x0bd")
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(odd.to_dict(), ensure_ascii=False) + "\n", encoding="utf-8")
    assert read_jsonl(path) == [odd]


def test_one_record_over_several_lines_is_one(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps(RECORDS[0].to_dict(), indent=2))
    assert read_any(path) == read_jsonl(path) == RECORDS[:1]


def write_store(path: Path) -> None:
    with Store(f"sqlite:///{path}") as store:
        store.add_all(RECORDS)


def tidy(form: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(printed(Results(a_suite()), form))


BENCHMARKS = json.dumps({"benchmarks": [{"name": "x", "stats": {}}]}, indent=2)


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (
            tidy("csv"),
            "a report's table (results.csv), without the samples behind its numbers; import the JSON Lines",
        ),
        (tidy("json"), "a table that a command printed as JSON, without the samples behind its numbers; import the"),
        (lambda path: path.write_text(TIMM), "a table of published results; `zoo results import --timm"),
        (lambda path: path.write_text(BENCHMARKS), "benchmark"),
        (lambda path: path.write_text(json.dumps([r.to_dict() for r in RECORDS])), "records as one list of JSON"),
        (write_store, "a SQLite database; of a record store, `zoo results export FILE --store "),
        (lambda path: path.mkdir(), "a folder; name a file in it"),
        (lambda path: path.write_bytes(b""), "holds no record, since it is empty"),
        (lambda path: path.write_bytes(gzip.compress(TEXT.encode())[:-20]), "packed, and cut short or damaged"),
        (lambda path: path.write_bytes(zipped()), "a zip archive; unpack it, and name the file that was in it"),
        (lambda path: path.write_bytes(gzip.compress(tarred())), "a tar archive; unpack it"),
        (lambda path: path.write_bytes(gzip.compress(gzip.compress(TEXT.encode()))), "packed twice; unpack it"),
        (lambda path: path.write_bytes(b"\x28\xb5\x2f\xfd" + b"\0" * 40), "packed by zstd; unpack it"),
        (lambda path: path.write_bytes(bz2.compress(TEXT.encode())[:-9] + b"x" * 9), "packed, and"),
        (lambda path: path.write_bytes(lzma.compress(TEXT.encode())[:60]), "packed, and cut short or damaged"),
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00"), "not text"),
        (lambda path: path.write_text(TEXT[:-40]), "line 2: not JSON"),
        (lambda path: None, "cannot read: No such file or directory"),
    ],
)
def test_what_holds_no_records_is_said_to_be_what_it_is(
    tmp_path: Path, write: Callable[[Path], object], expected: str
) -> None:
    path = tmp_path / "file"
    write(path)
    for read in (read_any, read_jsonl):
        with pytest.raises(InputFileError) as caught:
            read(path)
        line = str(caught.value)
        assert line.startswith(str(path))
        assert expected in line
        assert "\n" not in line


def test_a_file_with_a_broken_line_is_read_not_at_all_and_says_how_much_was_whole(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(TEXT + "{}\n" + TEXT[:-30])
    with pytest.raises(InputFileError) as caught:
        read_any(path)
    line = str(caught.value)
    assert "line 3: not a record of the zoo" in line
    assert line.endswith(" (2 of 5 lines not whole; none is read)")


def test_a_record_of_the_future_is_refused_where_it_comes_in(tmp_path: Path) -> None:
    """It would stand for every record to come; a clock that is a little ahead, or was reset, does no harm."""
    path = tmp_path / "r.jsonl"
    for ahead_s, refused in ((3600.0, False), (40 * 86400.0, True), (-time.time() + 5.0, False)):
        outcome = replace(RECORDS[0].outcome, started=time.time() + ahead_s)
        write_jsonl([replace(RECORDS[0], outcome=outcome)], path)
        if refused:
            with pytest.raises(
                InputFileError, match=r"line 1: not a whole record: outcome\.started must be a time that"
            ):
                read_any(path)
        else:
            assert len(read_any(path)) == 1


def test_a_table_for_people_given_as_published_results_is_named(tmp_path: Path) -> None:
    path = tmp_path / "results-imagenet.csv"
    for text, expected in (
        (TEXT, "JSON; `zoo results import FILE` reads it"),
        (printed(Results(a_suite()), "csv"), "a report's table"),
    ):
        path.write_text(text)
        with pytest.raises(InputFileError) as caught:
            read_timm_results(path)
        assert expected in str(caught.value)
    assert next(csv.reader(io.StringIO(text)))[:2] == ["kind", "model"]

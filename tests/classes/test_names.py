"""Names of classes by index, whichever way a file states them."""

from __future__ import annotations

import codecs
import gzip
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from zoo.classes.names import class_names
from zoo.errors import InputFileError

NAMES = ("dog", "bird", "cat")


@pytest.mark.parametrize(
    "text",
    [
        "dog\nbird\ncat\n",
        "\ufeffdog\r\nbird \r\ncat\r\n\r\n",
        json.dumps(NAMES),
        json.dumps({"bird": 1, "cat": 2, "dog": 0}),  # torchvision's class_to_idx
        json.dumps({"2": "cat", "0": "dog", "1": "bird"}),
        json.dumps({"0": ["dog", "Dogs"], "1": ["bird", "Birds"], "2": ["cat", "Cats"]}),  # Keras's index
    ],
)
def test_every_form_states_the_same_names(tmp_path: Path, text: str) -> None:
    file = tmp_path / "classes"
    file.write_text(text, encoding="utf-8")
    assert class_names(file).names == class_names(str(file)).names == NAMES


def test_values_do_as_well_as_a_file() -> None:
    assert class_names(list(NAMES)).names == class_names({"cat": 2, "dog": 0, "bird": 1}).names == NAMES
    # Numerals by index and indices by numeral are told apart by their values.
    assert class_names({"0": 0, "1": 1, "10": 2}).names == ("0", "1", "10")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_of_any_system_states_them(encoding: str, end: str, tmp_path: Path) -> None:
    """PowerShell's ``>`` writes 16 bits a character, and macOS accents as characters of their own."""
    mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
    file = tmp_path / "classes.txt"
    file.write_bytes(mark + unicodedata.normalize("NFD", end.join(("dog", "Äffchen", "cat", ""))).encode(encoding))
    assert class_names(file).names == ("dog", "Äffchen", "cat")
    (tmp_path / "packed.txt.gz").write_bytes(gzip.compress(file.read_bytes()))
    assert class_names(tmp_path / "packed.txt.gz").names == ("dog", "Äffchen", "cat")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no names of classes; give a list"),
        ("dog\n\ncat\n", "line 2: empty"),
        ("dog\ncat\ndog\n", "'dog' is both class 0 and class 2"),
        ('["dog", 3]', "class 1 must have a name, not 3"),
        ('{"dog": 0, "cat": 2}', "indices must count from 0 without a gap: 1 is left out"),
        ('{"dog": 0, "cat": 0}', "0 stands twice"),
        ('{"dog": 1, "cat": 2}', "0 is left out"),
        ('{"dog": 0, "dog": 1}', "'dog' stands twice"),
        ('{"dog": true, "cat": 0}', "neither an index for each name, nor a name for each index"),
        ('{"dog": "0"}', "neither an index for each name"),
        ('["dog"', "cannot be read as JSON"),
    ],
)
def test_what_is_no_order_of_names_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "classes.json"
    file.write_text(text)
    with pytest.raises(InputFileError, match=re.escape(said)) as refused:
        class_names(file)
    assert str(refused.value).startswith(str(file))


@pytest.mark.parametrize(("content", "said"), [(None, "No such file"), (b"\x80\x04}q\x00.", "not text")])
def test_a_file_that_is_none_is_one_line(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "classes.pkl"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputFileError, match=said):
        class_names(file)


def test_what_is_no_names_in_python_is_one_line() -> None:
    wrong: Any = 12
    with pytest.raises(InputFileError, match="classes: no names of classes"):
        class_names(wrong)

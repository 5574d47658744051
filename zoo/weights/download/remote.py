"""Where the file of a weights tag comes from, and where it goes."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zoo.errors import WeightsError
from zoo.registry.catalogue import tag_facts
from zoo.registry.packaged import packaged_of
from zoo.sources.lookup import source_of
from zoo.sources.naming import parse_name
from zoo.weights.caches import (
    BLOB,
    HASH_IN_NAME,
    HUB_FILES,
    LOCK,
    PART,
    blob_lock,
    hub_folder,
    name_in_snapshot,
    torch_hub_dir,
)
from zoo.weights.download.head import PASSING, OutOfReachError, head, size_of
from zoo.weights.download.reach import check_reach, host_and_port, unreached
from zoo.weights.file import WeightsFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zoo.sources.base import TagFacts


METADATA_ATTEMPTS = 4

HUB = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class Remote:
    """One file as its server states it.

    Attributes
    ----------
    name, tag : str
        ``source/architecture``, and the weights tag.
    kind : str
        ``"torch-hub"`` or ``"hugging-face"``.
    url : str
    digest : str
        What the bytes must have, as :func:`zoo.weights.digests.matches` takes it.
    size : int or None
        Bytes, where the server states them.
    target, lock : Path
        The file, and the one that whoever writes it holds.
    link : Path or None
        In the hub's cache, the file's name in the snapshot of ``revision``.
    headers : mapping
        A hub's token; never printed.
    """

    name: str
    tag: str
    kind: str
    url: str
    digest: str
    size: int | None
    target: Path
    lock: Path
    link: Path | None = None
    revision: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def here(self) -> int:
        """Bytes of it that are at hand: of one that was cut, or of the whole file."""
        for path in (self.target.with_name(self.target.name + PART), self.target):
            try:
                return path.stat().st_size
            except OSError:
                continue
        return 0

    def placed(self) -> WeightsFile:
        """The file, once it has come, under its name in the cache.

        Raises
        ------
        WeightsError
            Where the cache cannot be written.
        """
        path = self.target
        if self.link is not None:
            try:
                path = name_in_snapshot(self.target, self.revision, self.link.name)
            except OSError as error:
                raise WeightsError(f"{error.filename or self.link}: {error.strerror}; the file is {path}") from None
        return WeightsFile(path, self.tag, self.kind, self.name)


def ask(name: str, tag: str) -> Remote:
    """Ask the server of a tag's file for its size and digest.

    Mirrors: ``ZOO_TORCHVISION_MIRROR`` (a base address, joined with the file's name) and ``HF_ENDPOINT``.

    Raises
    ------
    WeightsError
        With the reason why it cannot be had, within seconds.
    """
    if (carried := packaged_of(name, tag)) is not None:
        raise WeightsError(f"it comes with the package {carried.distribution}, and from no server")
    if os.environ.get("HF_HUB_OFFLINE", "0").lower() in ("1", "true", "yes", "on"):
        raise WeightsError("HF_HUB_OFFLINE is set")
    stated = tag_facts(name, tag)
    url = _address(name, stated)
    check_reach(url)
    try:
        if stated.hub_id:
            return _on_hub(name, tag, stated.hub_id, url)
        return _on_server(name, tag, stated.file or "", url)
    except OutOfReachError as error:
        unreached[host_and_port(url)] = time.monotonic(), str(error)
        raise


def _address(name: str, stated: TagFacts) -> str:
    """Where a tag's file is asked for: its address, or the hub's endpoint."""
    if stated.hub_id:
        return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")
    source = source_of(parse_name(name).source or "")
    mirror = os.environ.get(source.mirror) if source.mirror else None
    folder = mirror or source.files
    if stated.file and mirror is None and stated.url:
        return stated.url
    if not stated.file or not folder:
        raise WeightsError("the source states no place to download it from")
    return f"{folder.rstrip('/')}/{stated.file}"


def _on_server(name: str, tag: str, file: str, url: str) -> Remote:
    match = HASH_IN_NAME.search(file)
    if match is None:
        raise WeightsError(f"{file} carries no digest in its name, so that it could not be verified")
    target = torch_hub_dir() / file
    lock = target.with_name(target.name + LOCK)
    return Remote(name, tag, "torch-hub", url, match.group(1), size_of(url), target, lock)


def _on_hub(name: str, tag: str, hub_id: str, endpoint: str) -> Remote:
    token = _token()
    for file in HUB_FILES:
        found = _metadata(f"{endpoint}/{hub_id}/resolve/main/{file}", hub_id, token)
        if found is None:
            continue
        revision, stated, size = found
        if not BLOB.fullmatch(stated) or not re.fullmatch(r"[0-9a-f]{40}", revision):
            raise WeightsError(f"{endpoint} states no digest of {hub_id}/{file}, so that it could not be verified")
        blob = hub_folder(hub_id) / "blobs" / stated
        return Remote(
            name,
            tag,
            "hugging-face",
            f"{endpoint}/{hub_id}/resolve/{revision}/{file}",
            stated,
            size,
            blob,
            blob_lock(blob),
            hub_folder(hub_id) / "snapshots" / revision / file,
            revision,
            token,
        )
    raise WeightsError(f"{hub_id} holds none of {', '.join(HUB_FILES)}")


def _token() -> dict[str, str]:
    """The header that a hub's token goes into: the one in HF_TOKEN, or of a login."""
    from huggingface_hub import constants, get_token

    token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
    if token and not (token.isascii() and token.isprintable()):
        raise WeightsError("HF_TOKEN holds characters that no token has; set it again")
    return {"authorization": f"Bearer {token}"} if token else {}


def _metadata(url: str, hub_id: str, token: Mapping[str, str]) -> tuple[str, str, int | None] | None:
    """Revision, digest and size of a file on the hub; None where the repository has no such file.

    Asked without the hub's client, which asks the endpoint for other things first and waits for each.
    """
    for attempt in range(METADATA_ATTEMPTS):
        answer = head(url, token)
        why = answer.headers.get("X-Error-Code", "")
        if why == "GatedRepo":
            raise WeightsError(
                f"{hub_id} is behind terms: accept them on its page, and set HF_TOKEN to a token of that account"
            )
        if why == "RepoNotFound" or answer.status == 401:
            raise WeightsError(f"{hub_id}: there is no such repository, or HF_TOKEN may not read it")
        if answer.status == 404:
            return None
        if answer.status < 400:
            break
        if answer.status not in PASSING or attempt + 1 == METADATA_ATTEMPTS:
            raise WeightsError(f"{hub_id}: the server answers {answer.status}")
        time.sleep(2.0**attempt / 2)
    digest = answer.headers.get("X-Linked-ETag") or answer.headers.get("ETag") or ""
    linked = str(answer.headers.get("X-Linked-Size", ""))
    size = int(linked) if linked.isdigit() else answer.length if answer.status < 300 else None
    return answer.headers.get("X-Repo-Commit", ""), digest.removeprefix("W/").strip('"'), size

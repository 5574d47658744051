"""Where the file of a weights tag comes from: its address, size, digest, and its place in a library's cache."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from zoo.errors import WeightsError
from zoo.registry.catalogue import tag_entry
from zoo.registry.facts_cache import write_atomically
from zoo.registry.http_file import PART, size_of
from zoo.registry.sources.torchvision import FILES
from zoo.registry.weights import (
    BLOB,
    HASH_IN_NAME,
    HUB_FILES,
    WeightsFile,
    hub_folder,
    hugging_face_dir,
    torch_hub_dir,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REACH_S = 2.0
"""Longest wait for a server to accept a connection, its name looked up; then it counts as out of reach."""

REMEMBERED_S = 10.0
"""How long a host that was out of reach counts as such."""

METADATA_S = 10.0
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
        What the bytes must have, as :func:`zoo.registry.digests.matches` takes it.
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

    def settle(self) -> WeightsFile:
        """Give a file that has come its name in the cache, where that is another than its place."""
        path = self.target
        if self.link is not None:
            path = name_in_snapshot(self.target, self.revision, self.link.name)
        return WeightsFile(path, self.tag, self.kind, self.name)


def name_in_snapshot(blob: Path, revision: str, file: str) -> Path:
    """Give a blob of the hub's cache its name in the snapshot of a revision, which becomes the current one."""
    repository = blob.parent.parent
    path = repository / "snapshots" / revision / file
    path.parent.mkdir(parents=True, exist_ok=True)
    _link(path, os.path.relpath(blob, path.parent))
    (repository / "refs").mkdir(exist_ok=True)
    write_atomically(repository / "refs" / "main", revision.encode())
    return path


def _link(path: Path, target: str) -> None:
    """A link that is there whole or not at all, whoever else makes it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(path)


def ask(name: str, tag: str) -> Remote:
    """Ask the server of a tag's file for its size and digest.

    Mirrors: ``ZOO_TORCHVISION_MIRROR`` (a base address, joined with the file's name) and ``HF_ENDPOINT``.

    Raises
    ------
    WeightsError
        With the reason why it cannot be had, within seconds.
    """
    if os.environ.get("HF_HUB_OFFLINE", "0").lower() in ("1", "true", "yes", "on"):
        raise WeightsError("HF_HUB_OFFLINE is set")
    stated = tag_entry(name, tag)
    if stated.get("hub_id"):
        return _on_hub(name, tag, stated["hub_id"])
    if stated.get("file"):
        return _on_server(name, tag, stated)
    raise WeightsError("the source states no place to download it from")


def _on_server(name: str, tag: str, stated: Mapping[str, Any]) -> Remote:
    file = stated["file"]
    mirror = os.environ.get("ZOO_TORCHVISION_MIRROR") if name.startswith("torchvision/") else None
    url = f"{mirror.rstrip('/')}/{file}" if mirror else stated.get("url") or f"{FILES}/{file}"
    match = HASH_IN_NAME.search(file)
    if match is None:
        raise WeightsError(f"{file} carries no digest in its name, so that it could not be verified")
    check_reach(url)
    target = torch_hub_dir() / file
    return Remote(
        name,
        tag,
        "torch-hub",
        url,
        match.group(1),
        size_of(url),
        target,
        target.with_name(target.name + ".lock"),
    )


def _on_hub(name: str, tag: str, hub_id: str) -> Remote:
    endpoint = os.environ.get("HF_ENDPOINT", HUB).rstrip("/")
    check_reach(endpoint)
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # exported lazily

    for file in HUB_FILES:
        found = _metadata(hf_hub_url(hub_id, file, endpoint=endpoint), hub_id)
        if found is None:
            continue
        revision, stated, size = found
        if not BLOB.fullmatch(stated) or not re.fullmatch(r"[0-9a-f]{40}", revision):
            raise WeightsError(f"{endpoint} states no digest of {hub_id}/{file}, so that it could not be verified")
        folder = hub_folder(hub_id)
        token = {k: v for k, v in build_hf_headers().items() if k.lower() == "authorization"}
        return Remote(
            name,
            tag,
            "hugging-face",
            hf_hub_url(hub_id, file, revision=revision, endpoint=endpoint),
            stated,
            size,
            folder / "blobs" / stated,
            # The file that the hub's own client holds while it downloads.
            hugging_face_dir() / ".locks" / folder.name / f"{stated}.lock",
            folder / "snapshots" / revision / file,
            revision,
            token,
        )
    raise WeightsError(f"{hub_id} holds none of {', '.join(HUB_FILES)}")


def _metadata(url: str, hub_id: str) -> tuple[str, str, int | None] | None:
    """Revision, digest and size of a file on the hub; None where the repository has no such file."""
    from huggingface_hub import get_hf_file_metadata
    from huggingface_hub.errors import EntryNotFoundError, GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

    for attempt in range(METADATA_ATTEMPTS):
        try:
            found = get_hf_file_metadata(url, timeout=METADATA_S)
        except EntryNotFoundError:
            return None
        except GatedRepoError:
            raise WeightsError(
                f"{hub_id} is behind terms: accept them on its page, and set HF_TOKEN to a token of that account"
            ) from None
        except RepositoryNotFoundError:
            raise WeightsError(f"{hub_id}: there is no such repository, or HF_TOKEN may not read it") from None
        except HfHubHTTPError as error:
            code = getattr(error.response, "status_code", 0)
            if code == 404:  # a mirror that does not say what it lacks
                return None
            if code not in (429, 500, 502, 503, 504) or attempt + 1 == METADATA_ATTEMPTS:
                raise WeightsError(f"{hub_id}: the server answers {code}") from None
            time.sleep(2.0**attempt / 2)
        except Exception as error:  # noqa: BLE001 - what the client raises when a connection fails is its own choice
            lines = str(error).splitlines() or [type(error).__name__]
            raise WeightsError(f"{hub_id}: {lines[0][:160]}") from None
        else:
            return found.commit_hash or "", found.etag or "", found.size
    raise AssertionError("unreachable")


def check_reach(url: str) -> None:
    """Open a connection to the host of ``url``, or to the proxy on the way, within seconds.

    Raises
    ------
    WeightsError
        Naming the host.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WeightsError(f"{url!r} is no address; a mirror is http://… or https://…")
    host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(host):
        via = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port = via.hostname or host, via.port or (443 if via.scheme == "https" else 80)
    known = _unreached.get((host, port))
    if known is not None and time.monotonic() - known[0] < REMEMBERED_S:
        raise WeightsError(known[1])
    reason: list[str] = []

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=REACH_S).close()
        except OSError as error:
            reason.append(error.strerror or str(error) or type(error).__name__)

    # Looking a name up has no time limit of its own, so it is not waited for beyond ours.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(REACH_S)
    if thread.is_alive():
        reason.append(f"no answer within {REACH_S:g} s")
    if reason:
        text = f"{host} cannot be reached: {reason[0]}"
        _unreached[host, port] = time.monotonic(), text
        raise WeightsError(text)


_unreached: dict[tuple[str, int], tuple[float, str]] = {}
"""When each host was last found out of reach, and how: many names ask for the same one."""

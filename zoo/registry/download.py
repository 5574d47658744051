"""Brings published weights into the libraries' own caches, or says within seconds why it cannot."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

REACH_S = 3.0
"""Longest wait for a server to accept a connection."""


def download(name: str, tag: str, stated: Mapping[str, Any]) -> str:
    """Download a tag's file into the cache of its library; empty text, or the reason why not.

    Mirrors: ``ZOO_TORCHVISION_MIRROR`` (a base URL, joined with the file's name) and ``HF_ENDPOINT``.
    """
    if os.environ.get("HF_HUB_OFFLINE", "0").lower() in ("1", "true", "yes", "on"):
        return "HF_HUB_OFFLINE is set"
    if name.startswith("torchvision/"):
        return _from_torchvision(name.partition("/")[2], tag, stated["file"])
    if stated.get("hub_id"):
        return _from_hub(stated["hub_id"])
    return "the source states no place to download it from"


def _from_torchvision(architecture: str, tag: str, file: str) -> str:
    from torchvision.models import get_model_weights

    from zoo.registry.http_file import bring
    from zoo.registry.weights import HASH_IN_NAME, torch_hub_dir

    mirror = os.environ.get("ZOO_TORCHVISION_MIRROR")
    url = f"{mirror.rstrip('/')}/{file}" if mirror else get_model_weights(architecture)[tag].url
    unreachable = _unreachable(url)
    if unreachable:
        return unreachable
    match = HASH_IN_NAME.search(file)
    if match is None:
        return f"{file} carries no digest in its name, so that it could not be verified"
    bring(url, torch_hub_dir() / file, match.group(1))
    return ""


def _from_hub(hub_id: str) -> str:
    unreachable = _unreachable(os.environ.get("HF_ENDPOINT", "https://huggingface.co"))
    if unreachable:
        return unreachable
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError

    from zoo.registry.weights import HUB_FILES

    for file in HUB_FILES:
        try:
            hf_hub_download(hub_id, file, etag_timeout=REACH_S)
        except EntryNotFoundError:
            continue
        except (HfHubHTTPError, OSError) as error:
            return f"{hub_id}: {str(error).splitlines()[0]}"
        return ""
    return f"{hub_id} holds none of {', '.join(HUB_FILES)}"


def _unreachable(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=REACH_S).close()
    except OSError as error:
        return f"{parts.hostname} cannot be reached: {error.strerror or error}"
    return ""

"""The one network in a checkpoint, wherever a training script put it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zoo.errors import WeightsError
from zoo.loading.pickles import read_pickle
from zoo.loading.safetensors_file import read_safetensors
from zoo.loading.tensors import WRAPPERS, some, versions_of, with_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from torch import Tensor

    Renamed = Callable[[dict[str, Tensor]], dict[str, Tensor]]


ORDER = (*WRAPPERS, "ema", "teacher", "model_state_dict", "net", "network", "module", "weights", "params")
"""Keys of networks, the first of several that fit; averaged ones come first, as in timm."""

NO_NETWORKS = ("optim", "sched", "scaler", "loops", "callback", "criterion", "loss", "rng")
"""What the names begin with of what a training script keeps beside the network."""

DEPTH, PREFIXED = 4, 5
"""How deep dictionaries are searched, and how many prefixes a name may have."""


@dataclass(frozen=True)
class FoundState:
    """Tensors of a network, by the names that it has for them.

    Attributes
    ----------
    state : dict of str to Tensor
    place : str
        The key, and the prefix of names, under which they stood; empty for a plain state dict.
    beside : dict of str to Tensor
        Tensors at that place that have not the prefix, by their whole names.
    others : tuple of str
        Places of other networks in the file that fit as well.
    fitting : int
        How many of the network's names are among ``state``.
    """

    state: dict[str, Tensor]
    place: str
    beside: dict[str, Tensor]
    others: tuple[str, ...] = ()
    fitting: int = 0


def read_network(path: Path, wanted: Collection[str], renamed: Renamed = dict) -> FoundState:
    """Find the network of a checkpoint.

    Parameters
    ----------
    path : Path
    wanted : collection of str
        Names of the network's tensors.
    renamed : callable, optional
        From a state dict to one with today's names.

    Raises
    ------
    WeightsError
        For a file that cannot be read, and one without tensors by name.
    """
    content = read_safetensors(path, None)[0] if path.suffix == ".safetensors" else read_pickle(path)
    places = list(_places(content, "", DEPTH))
    if not places:
        raise WeightsError(f"{path}: {_instead(content)}")
    found = [_freed(place, state, wanted, renamed) for place, state in places]
    best = max(found, key=lambda one: (one.fitting, -_rank(one.place), len(one.state)))
    equals = [one.place for one in found if one is not best and one.fitting == best.fitting and one.fitting]
    return replace(best, others=tuple(equals))


def _instead(content: Any) -> str:
    if not isinstance(content, dict):
        return f"holds a {type(content).__name__}, no state dict"
    if not content:
        return "holds nothing, no state dict"
    return f"is no state dict of tensors by name: {some(list(content))}; tensors are looked for at the top and below"


def _rank(place: str) -> int:
    """Where a place stands among :data:`ORDER`; what is not among them comes after."""
    words = place.split(".")
    return min((ORDER.index(word) for word in words if word in ORDER), default=len(ORDER))


def _places(content: Any, place: str, depth: int) -> Iterator[tuple[str, dict[str, Tensor]]]:
    """Dictionaries that hold tensors by name, and where they stand."""
    import torch

    if isinstance(content, list | tuple) and depth:
        for index, value in enumerate(content):
            yield from _places(value, f"{place}.{index}".strip("."), depth - 1)
    if not isinstance(content, dict):
        return
    named = {key: value for key, value in content.items() if isinstance(key, str)}
    tensors = {key: value for key, value in named.items() if isinstance(value, torch.Tensor)}
    if len(tensors) * 2 > len(content):
        yield place, with_versions(tensors, versions_of(content))
    if depth:
        for key, value in named.items():
            if not key.lower().startswith(NO_NETWORKS):
                yield from _places(value, f"{place}.{key}" if place else key, depth - 1)


def _freed(place: str, state: dict[str, Tensor], wanted: Collection[str], renamed: Renamed) -> FoundState:
    """The state without the prefix by which most of the network's names are found."""
    beside: dict[str, Tensor] = {}
    best = current = FoundState(renamed(state), place, beside, fitting=_fitting(renamed(state), wanted))
    for _ in range(PREFIXED):
        first = Counter(name.partition(".")[0] for name in current.state if "." in name).most_common(1)
        if not first or first[0][1] * 2 <= len(current.state):
            break
        prefix = first[0][0] + "."
        kept = {name[len(prefix) :]: value for name, value in current.state.items() if name.startswith(prefix)}
        beside = beside | {name: value for name, value in current.state.items() if not name.startswith(prefix)}
        versions = {name.removeprefix(prefix): v for name, v in (versions_of(current.state) or {}).items()}
        stripped = renamed(with_versions(kept, versions))
        # What has no prefix and is the network's own, as a head beside a backbone is.
        whole = {name: value for name, value in beside.items() if name in wanted and name not in stripped}
        place = f"{current.place}.{prefix[:-1]}".strip(".")
        stripped = with_versions({**stripped, **whole}, versions_of(stripped))
        rest = {name: value for name, value in beside.items() if name not in whole}
        current = FoundState(stripped, place, rest, fitting=_fitting(stripped, wanted))
        if current.fitting > best.fitting:
            best = current
    return best


def _fitting(state: Mapping[str, Tensor], wanted: Collection[str]) -> int:
    return sum(name in state for name in wanted)

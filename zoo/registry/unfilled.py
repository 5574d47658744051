"""Modules whose parameters take no memory and no time until weights are put in their place."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from zoo.registry.checkpoints import versions_of, with_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from torch import Tensor, nn

_LOCK = threading.RLock()
"""What is changed while a module is built belongs to the whole process."""


def build_filled(make: Callable[[], nn.Module], shared: Iterable[Tensor] = ()) -> nn.Module:
    """The module of ``make``, which loads its own weights, with those tensors as its parameters.

    Nothing is initialised that the weights replace, and nothing is copied: parameters are on the meta
    device while ``make`` runs, and loading assigns. Buffers are real throughout, since some are computed
    and in no file. An architecture that reads its parameters while it is built, or that the weights leave
    incomplete, is built the usual way.

    Parameters
    ----------
    make : callable
        May be called twice.
    shared : iterable of Tensor
        What a deep copy, as the library makes of its configuration, tensors and all, must not copy.
    """
    with _LOCK:
        try:
            with _unfilled(), _uncopied(shared):
                model = make()
        except Exception:  # noqa: BLE001 - whatever it was, the usual way has it too or does not
            return make()
    if any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers())):
        return make()
    return model


@contextmanager
def _uncopied(shared: Iterable[Tensor]) -> Iterator[None]:
    """A deep copy of one of these tensors is the tensor itself."""
    import torch

    own = {id(tensor): tensor for tensor in shared}
    usual = torch.Tensor.__deepcopy__

    def copied(self: Tensor, memo: Any) -> Any:
        return self if id(self) in own else usual(self, memo)  # type: ignore[no-untyped-call]

    torch.Tensor.__deepcopy__ = copied  # type: ignore[method-assign]
    try:
        yield
    finally:
        torch.Tensor.__deepcopy__ = usual  # type: ignore[method-assign]


@contextmanager
def _unfilled() -> Iterator[None]:
    """Parameters go to the meta device as they are registered, and ``load_state_dict`` puts tensors in their place.

    Type and layout of what is put there become the module's own.
    """
    import torch
    from torch import nn
    from torch.nn.modules import module

    usual = nn.Module.load_state_dict
    known: dict[int, tuple[Any, Any]] = {}
    loading = False

    def unfilled(_module: Any, _name: str, value: Any) -> Any:
        if loading or value is None or value.is_meta:
            return value
        if id(value) not in known:  # a tied parameter stays one; the original is held so that its id stays its own
            known[id(value)] = value, torch.nn.Parameter(value.detach().to("meta"), value.requires_grad)
        return known[id(value)][1]

    def assigning(self: nn.Module, state_dict: Mapping[str, Tensor], strict: bool = True, assign: bool = True) -> Any:
        nonlocal loading
        parameters = dict(self.named_parameters(remove_duplicate=False))
        own = parameters | dict(self.named_buffers(remove_duplicate=False))
        fitting = with_versions(
            {
                key: value.to(own[key].dtype).contiguous() if key in own else value
                for key, value in state_dict.items()
            },
            versions_of(state_dict),
        )
        tied: dict[int, list[str]] = {}
        for name, parameter in parameters.items():
            tied.setdefault(id(parameter), []).append(name)
        loading = True
        try:
            answer = usual(self, fitting, strict=strict, assign=assign)
            for first, *others in tied.values():
                for other in others:
                    parent, _, leaf = other.rpartition(".")
                    setattr(self.get_submodule(parent), leaf, self.get_parameter(first))
            return answer
        finally:
            loading = False

    handle = module.register_module_parameter_registration_hook(unfilled)
    nn.Module.load_state_dict = assigning  # type: ignore[method-assign]
    try:
        yield
    finally:
        nn.Module.load_state_dict = usual  # type: ignore[method-assign]
        handle.remove()

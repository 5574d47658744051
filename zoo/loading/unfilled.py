"""Modules whose parameters take no memory until they are loaded."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from zoo.loading.tensors import mismatch, versions_of, with_versions
from zoo.thread_patch import exchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from torch import Tensor, nn


COUNTERS = ("num_batches_tracked",)
"""Tensors that older files lack, and modules do without."""


class MisfitError(RuntimeError):
    """A state dict that is not the module's.

    The message counts and names the differences.
    """


def build_filled(make: Callable[[], nn.Module], shared: Iterable[Tensor] = ()) -> nn.Module:
    """The module of ``make``, with the tensors it loads as parameters.

    Nothing is initialised that the weights replace, and nothing is copied: parameters are on the meta
    device while ``make`` runs, and loading assigns. Buffers are real throughout, since some are computed
    and in no file. An architecture that reads its parameters while it is built, or that the weights leave
    incomplete, is built the usual way. Modules that other threads build or load meanwhile are theirs.

    Parameters
    ----------
    make : callable
        May be called twice.
    shared : iterable of Tensor
        What a deep copy, as the library makes of its configuration, tensors and all, must not copy.

    Raises
    ------
    MisfitError
        Where the weights are not the module's; whatever else ``make`` raises comes as it is.
    """
    misfit = None
    try:
        with _unfilled(), _uncopied(shared):
            model = make()
    except Exception as error:  # noqa: BLE001 - whatever it was, the usual way has it too or does not
        misfit = error if isinstance(error, MisfitError) else None
    else:
        if not any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers())):
            return model
    try:
        return make()
    except Exception:
        if misfit is not None:  # it says more than the library's own error
            raise misfit from None
        raise


@contextmanager
def _uncopied(shared: Iterable[Tensor]) -> Iterator[None]:
    """A deep copy of one of these tensors is the tensor itself."""
    import torch

    own = {id(tensor): tensor for tensor in shared}

    def copying(usual: Callable[[Tensor, Any], Any]) -> Callable[[Tensor, Any], Any]:
        return lambda tensor, memo: tensor if id(tensor) in own else usual(tensor, memo)

    with exchanged(torch.Tensor, "__deepcopy__", copying):
        yield


@contextmanager
def _unfilled() -> Iterator[None]:
    """Parameters go to the meta device as they are registered, and ``load_state_dict`` puts tensors in their place.

    Type and layout of what is put there become the module's own.
    """
    import torch
    from torch import nn

    known: dict[int, tuple[Any, Any]] = {}
    loading = False

    def unfilled(value: Any) -> Any:
        if loading or not isinstance(value, nn.Parameter) or value.is_meta:
            return value
        if id(value) not in known:  # a tied parameter stays one; the original is held so that its id stays its own
            known[id(value)] = value, torch.nn.Parameter(value.detach().to("meta"), value.requires_grad)
        return known[id(value)][1]

    # Not with torch's own hook on registration: it is called for every thread's modules.
    def registering(usual: Callable[..., None]) -> Callable[..., None]:
        return lambda module, name, param: usual(module, name, unfilled(param))

    def assigning(usual: Callable[..., Any]) -> Callable[..., Any]:
        def load(self: nn.Module, state_dict: Mapping[str, Tensor], strict: bool = True, assign: bool = True) -> Any:
            nonlocal loading
            loading = True
            try:
                return _assigned(usual, self, state_dict, strict, assign)
            finally:
                loading = False

        return load

    with ExitStack() as stack:
        stack.enter_context(exchanged(nn.Module, "register_parameter", registering))
        stack.enter_context(exchanged(nn.Module, "load_state_dict", assigning))
        yield


def _assigned(
    usual: Callable[..., Any], module: nn.Module, state_dict: Mapping[str, Tensor], strict: bool, assign: bool
) -> Any:
    """Put tensors in the place of a module's own, of its types and contiguous; what was tied stays so."""
    parameters = dict(module.named_parameters(remove_duplicate=False))
    own = parameters | dict(module.named_buffers(remove_duplicate=False))
    fitting = with_versions(
        {key: value.to(own[key].dtype).contiguous() if key in own else value for key, value in state_dict.items()},
        versions_of(state_dict),
    )
    tied: dict[int, list[str]] = {}
    for name, parameter in parameters.items():
        tied.setdefault(id(parameter), []).append(name)
    try:
        answer = usual(module, fitting, strict=strict, assign=assign)
    except RuntimeError as error:
        problem = mismatch(fitting, module.state_dict(), ignore=COUNTERS)
        if problem:
            raise MisfitError(problem) from error
        raise
    for first, *others in tied.values():
        for other in others:
            parent, _, leaf = other.rpartition(".")
            setattr(module.get_submodule(parent), leaf, module.get_parameter(first))
    return answer

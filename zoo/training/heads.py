"""A head that starts as a linear classifier fitted on frozen features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.models.heads import classifier_parameters
from zoo.training.precision import FP32, computing_in

if TYPE_CHECKING:
    from torch import Tensor, nn

    from zoo.training.images import Prepared, Transform


LIFT = 3.0
"""Times the largest logit: parts of an image may have larger ones than the whole."""

LOOKED_AT = 8
"""Images on which logits are compared."""

TOLERANCE = 0.01
"""By which a logit may differ, over the sum of the sizes of its products: in bf16 these are rounded."""


def take_classifier(
    model: nn.Module,
    weight: Tensor,
    bias: Tensor,
    *,
    images: Prepared,
    features: Tensor,
    transform: Transform,
    precision: str = FP32,
) -> bool:
    """Give a network's head the weights of a classifier on its features.

    Only where its logits are the classifier's then: a head may do more than multiply and add, or be two, as of a
    distilled network. Otherwise it is left as it was. All classes may have a logit more in common, which lifts them
    over the ReLU after SqueezeNet's.

    Parameters
    ----------
    model : Module
        With a head of C classes.
    weight, bias : Tensor
        (C, D) and (C,).
    images : Prepared
    features : Tensor
        What the head reads of these images, (N, D).
    transform : Transform
    precision : str
        In which features were computed.

    Returns
    -------
    bool
        Whether the head is now the classifier.
    """
    import torch

    parameters = [parameter for _, parameter in classifier_parameters(model)]
    if sorted(p.numel() for p in parameters) != sorted((weight.numel(), bias.numel())):
        return False
    before = [parameter.detach().clone() for parameter in parameters]
    device, few = parameters[0].device, slice(0, LOOKED_AT)
    weight, bias, read = weight.float(), bias.float(), features.float()
    wanted = read @ weight.T + bias
    allowed = TOLERANCE * (read[few].abs() @ weight.abs().T + bias.abs())
    batch = transform.network_input(images.take(few).to(device))
    model.eval()
    for lift in (0.0, LIFT * float(wanted.abs().max())):
        _put(parameters, [weight if parameter.ndim > 1 else bias + lift for parameter in parameters])
        with torch.inference_mode(), computing_in(precision, device):
            found = model(batch).float().cpu() - lift
        if found.shape == allowed.shape and bool(((found - wanted[few]).abs() <= allowed).all()):
            return True
    _put(parameters, before)
    return False


def _put(parameters: list[nn.Parameter], values: list[Tensor]) -> None:
    import torch

    with torch.no_grad():
        for parameter, value in zip(parameters, values, strict=True):
            parameter.copy_(value.reshape(parameter.shape).to(parameter))

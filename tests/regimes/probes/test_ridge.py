from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.errors import ZooError
from zoo.regimes.probes.ridge import (
    PENALTY_COUNT,
    SHARPNESSES,
    USUAL,
    default_penalties,
    fit_ridge_loo,
    indicators,
    leave_one_out_scores,
    probe_by_ridge,
)


def refit(x: torch.Tensor, y: torch.Tensor, penalty: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Ridge with an unpenalised intercept by plain normal equations, in the textbook's form."""
    ones = torch.ones(len(x), 1, dtype=x.dtype)
    design = torch.cat([ones, x], dim=1)
    ridge = penalty * torch.eye(design.shape[1], dtype=x.dtype)
    ridge[0, 0] = 0
    solution = torch.linalg.solve(design.T @ design + ridge, design.T @ y)
    return solution[1:], solution[0]


def blobs(samples: int, width: int, classes: int, seed: int, spread: float = 1.0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(samples) % classes
    centres = torch.randn(classes, width, generator=generator, dtype=torch.float64)
    noise = torch.randn(samples, width, generator=generator, dtype=torch.float64)
    return centres[labels] + spread * noise, labels


@pytest.mark.parametrize(("samples", "width"), [(30, 7), (12, 40), (16, 16), (9, 1)])
def test_leave_one_out_equals_refits(samples, width):
    x, labels = blobs(samples, width, 3, seed=samples)
    penalties = torch.tensor([1e-2, 1.0, 1e3], dtype=torch.float64)
    fast = leave_one_out_scores(x, labels, 3, penalties)
    y = indicators(labels, 3)
    for p, penalty in enumerate(penalties):
        for i in range(samples):
            rest = torch.arange(samples) != i
            weight, bias = refit(x[rest], y[rest], float(penalty))
            assert torch.allclose(fast[p, i], x[i] @ weight + bias, atol=1e-7)


@settings(deadline=None, max_examples=25)
@given(st.integers(4, 20), st.integers(1, 20), st.integers(0, 10_000))
def test_leave_one_out_equals_refits_for_any_shape(samples, width, seed):
    x, labels = blobs(samples, width, 2, seed)
    penalty = torch.tensor([0.5], dtype=torch.float64)
    fast = leave_one_out_scores(x, labels, 2, penalty)[0]
    rest = torch.arange(samples) != 1
    weight, bias = refit(x[rest], indicators(labels, 2)[rest], 0.5)
    assert torch.allclose(fast[1], x[1] @ weight + bias, atol=1e-7)


@pytest.mark.parametrize(("samples", "width"), [(60, 5), (20, 50)])
def test_fit_is_the_textbook_solution_at_the_best_penalty(samples, width):
    x, labels = blobs(samples, width, 4, seed=1)
    penalties = torch.logspace(-3, 3, 9, dtype=torch.float64)
    probe = fit_ridge_loo(x, labels, 4, penalties)
    weight, bias = refit(x, indicators(labels, 4), probe.penalty)
    assert torch.allclose(probe.weight, weight, atol=1e-7)
    assert torch.allclose(probe.bias, bias, atol=1e-7)
    # Leaving each out in turn, the log loss of the softmax decides, at the factor that suits the scores best.
    losses, hits = [], []
    for penalty in penalties.tolist():
        rest = [torch.arange(samples) != i for i in range(samples)]
        fits = [refit(x[kept], indicators(labels, 4)[kept], penalty) for kept in rest]
        scores = torch.stack([x[i] @ w + b for i, (w, b) in enumerate(fits)])
        each = [-(scores * factor).log_softmax(1)[torch.arange(samples), labels].mean() for factor in SHARPNESSES]
        losses.append(float(min(each)))
        hits.append(float((scores.argmax(1) == labels).double().mean()))
    best = losses.index(min(losses))
    assert probe.penalty == pytest.approx(float(penalties[best]))
    assert probe.loo_accuracy == pytest.approx(hits[best])


def test_forty_five_penalties_and_a_fit_that_ignores_the_scale_of_features():
    x, labels = blobs(40, 10, 3, seed=2)
    assert len(default_penalties(torch.ones(3, dtype=torch.float64), 10)) == PENALTY_COUNT == 45
    plain, scaled = fit_ridge_loo(x, labels, 3), fit_ridge_loo(x * 1e-9, labels, 3)
    assert plain.loo_accuracy == scaled.loo_accuracy
    assert torch.equal(plain.predict(x), scaled.predict(x * 1e-9))


def test_separable_classes_are_learned_and_noise_is_not():
    x, labels = blobs(200, 20, 4, seed=3, spread=0.3)
    test, truth = x[100:], labels[100:]
    assert (fit_ridge_loo(x[:100], labels[:100], 4).predict(test) == truth).double().mean() > 0.95
    noise = torch.randn(200, 20, generator=torch.Generator().manual_seed(0))
    # The best of 45 noisy estimates is optimistic, but far from what a fit scores on its own samples.
    assert fit_ridge_loo(noise, labels, 4).loo_accuracy < 0.45


def test_constant_features_give_a_classifier_rather_than_a_crash():
    probe = fit_ridge_loo(torch.ones(6, 4), torch.tensor([0, 1, 0, 1, 0, 1]), 2)
    assert torch.isfinite(probe.scores(torch.ones(2, 4))).all()


def test_features_that_are_not_finite_are_refused():
    with pytest.raises(ZooError, match="not finite"):
        fit_ridge_loo(torch.tensor([[1.0], [float("nan")]]), torch.tensor([0, 1]), 2)
    with pytest.raises(ZooError, match="two training images"):
        fit_ridge_loo(torch.ones(1, 3), torch.tensor([0]), 2)


def test_with_one_sample_of_a_class_the_penalty_is_fixed_and_learns():
    x, labels = blobs(40, 300, 10, seed=5, spread=1.5)
    once, rest = x[:10], x[10:]
    fitted = fit_ridge_loo(once, labels[:10], 10)
    assert fitted.loo_accuracy is None
    scale = float((once - once.mean(dim=0)).square().sum() / 10)
    assert fitted.penalty == pytest.approx(0.1 * scale)
    largest = fit_ridge_loo(once, labels[:10], 10, default_penalties(torch.tensor([scale * 10]), 10)[-1:])
    accuracy = (fitted.predict(rest) == labels[10:]).double().mean()
    assert accuracy >= 0.9
    assert accuracy >= (largest.predict(rest) == labels[10:]).double().mean()
    assert fit_ridge_loo(x[:20], labels[:20], 10).loo_accuracy is not None


def test_probabilities_keep_the_predictions_and_their_sharpness_has_the_least_loss_on_samples_left_out():
    x, labels = blobs(60, 20, 4, seed=3, spread=2.0)
    probed, fitted = probe_by_ridge(x, labels, x, 4), fit_ridge_loo(x, labels, 4)
    assert probed.probabilities.shape == (60, 4)
    assert torch.allclose(probed.probabilities.sum(dim=1), torch.ones(60))
    assert torch.equal(probed.predictions, fitted.predict(x))
    assert torch.equal(probed.probabilities.argmax(dim=1), probed.predictions)
    penalty = torch.tensor([fitted.penalty], dtype=torch.float64)
    left_out = leave_one_out_scores(x, labels, 4, penalty)[0]
    losses = {
        sharpness: float(torch.nn.functional.cross_entropy(left_out * sharpness, labels)) for sharpness in SHARPNESSES
    }
    assert fitted.sharpness == min(losses, key=losses.get)
    assert SHARPNESSES[0] < fitted.sharpness < SHARPNESSES[-1]
    assert torch.equal(probed.held_out, left_out.argmax(dim=1))
    assert probed.validation == pytest.approx(float((probed.held_out == labels).double().mean()))


def test_with_one_sample_of_a_class_the_sharpness_is_fixed_and_nothing_was_held_out():
    x, labels = blobs(3, 8, 3, seed=3)
    probed = probe_by_ridge(x, labels, x, 3)
    assert fit_ridge_loo(x, labels, 3).sharpness == USUAL
    assert (probed.validation, probed.held_out) == (None, None)
    assert torch.equal(probed.probabilities.argmax(dim=1), probed.predictions)

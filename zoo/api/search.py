"""Searching for the backbone of a user's images, now."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from zoo.api.adhoc import listener, numbers, store_of
from zoo.api.choose import limits_of
from zoo.checks import filled, flag, number, seed_count, size, text
from zoo.choice.margins import Margins
from zoo.searching.question import SEARCHED, USUAL_BUDGET_S, Question
from zoo.searching.search import search as search_now
from zoo.sources.naming import AUTO
from zoo.statistics.quantity import ACCURACY
from zoo.suites.file import check_transfer_plan
from zoo.suites.models import resolve_models
from zoo.suites.recipe import read_recipe
from zoo.training.recipe import RATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from zoo.executors.events import Event
    from zoo.searching.finding import Finding


USUAL_SEEDS = Question.seeds


def search(
    data: str | Path,
    *,
    budget_s: float = USUAL_BUDGET_S,
    models: str | Iterable[str] = (),
    strategies: str | Iterable[str] = SEARCHED,
    limits: Mapping[str, float | None] | None = None,
    licence: str | Iterable[str] = (),
    shots: int | str | None = None,
    seeds: int = USUAL_SEEDS,
    input_size: int | str = AUTO,
    fit: str = AUTO,
    augment: str = AUTO,
    measure: str = ACCURACY.key,
    recipe: Mapping[str, Any] | None = None,
    device: str = "auto",
    corrupt: str = "refuse",
    fetch: bool = False,
    margin: float = 1.0,
    margin_latency: float = 0.05,
    store_url: str | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Finding:
    """Search for the backbone of some images, within a budget of time.

    The candidates are models whose weights are at hand. What limits are on is timed; what is left is scored by frozen
    features of some training images; models, strategies and rates are halved on training images held out; and
    the few that are left are tested, with seeds. Asked the same again, it goes on from where it was.

    Parameters
    ----------
    data : str or Path
        An image folder, a list of images (CSV or JSON Lines), a data set by name, or an embedded task.
    budget_s : float
        Seconds that it all may take.
    models : iterable of str
        Only these; otherwise every model whose weights are at hand.
    strategies : iterable of str
        Those that train from weights, or fit a head on features of a frozen backbone.
    limits : mapping of str to float, optional
        As of :func:`zoo.choose`: ``{"max_latency_ms": 20}``.
    licence : str or iterable of str
        Licences that the weights may have, as :func:`zoo.registry.licences.is_permitted` takes them.
    shots : int or "all", optional
        Training images a class. Otherwise all of a folder; of embedded tasks ten.
    seeds : int
        Of the last round, as far as the time goes.
    input_size, fit, augment, measure, recipe, device, corrupt : optional
        As of :func:`zoo.transfer`.
    fetch : bool
        Bring published weights of the models; where none are named, of those that published figures speak for.
    margin, margin_latency : float
        As of :func:`zoo.choose`.

    Returns
    -------
    Finding
        Its ``choice`` is that of :func:`zoo.choose` over what was tested, its ``trail`` what became of the others.

    Raises
    ------
    ZooError
        For anything the caller has to mend, before anything is computed.
    """
    began = time.monotonic()
    budget = float(number(budget_s, "", "budget_s"))
    named = filled(models, "", "models") if models != () else ()
    question = Question(
        data=text(str(data), "", "data"),
        models=resolve_models(named, "") if named else (),
        strategies=filled(strategies, "", "strategies"),
        shots=None if shots is None else numbers(shots, "shots", "all")[0],
        seeds=seed_count(seeds, "", "seeds"),
        budget_s=budget,
        limits=limits_of({}, limits, licence),
        margins=Margins(margin, margin_latency),
        measure=measure,
        device=device,
        input_size=size(input_size, "", others=(AUTO,)),
        fit=fit,
        augment=augment,
        corrupt=corrupt,
        fetch=flag(fetch, "", "fetch"),
        recipe=read_recipe({} if recipe is None else recipe, "", table="", tuning=RATES, measure=measure),
    )
    check_transfer_plan(question.plan(), "", table="")
    question.check()
    return search_now(question, store_of(store_url), listener(on_event), began)

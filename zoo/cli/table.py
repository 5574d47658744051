"""The table of commands, each with the line that help shows of it."""

from __future__ import annotations

COMMANDS = {
    "run": ("run:run", "Run a suite, write its report, print the table and the choice."),
    "list": ("list_models:list_", "Search the models of torchvision and timm, and your own."),
    "show": ("show:show", "Show a model's card: weights, preprocessing, counts, measurements."),
    "fetch": ("fetch:fetch", "Bring weights into the caches that the libraries use, and verify them."),
    "weights": ("weights:weights", "List the weights in the caches: size, state, licence and use."),
    "bench": ("bench:bench", "Measure what some models cost, now, in interleaved rounds."),
    "tune": ("tune:tune_", "Find the fastest setting of a model here, without trying all."),
    "transfer": ("transfer:transfer", "Train and test some models under each regime, with both controls."),
    "evaluate": ("evaluate:evaluate", "Measure top-1 and top-5 of pretrained models on your images."),
    "pretrain": ("pretrain:pretrain", "Train a backbone from random on a task, as the weights NAME.TASK."),
    "report": ("report:report", "Write a report from records that are there, measuring nothing."),
    "compare": ("compare:compare", "Compare two runs, two models, or two settings."),
    "choose": ("choose:choose", "Choose a backbone from what was measured, or search for it."),
    "doctor": ("doctor:doctor", "Show what of this machine matters to a measurement."),
    "results": ("results:results", "List, export, import, merge and remove records."),
}
"""By name: module and attribute in ``zoo.commands``, and the first line of its help."""

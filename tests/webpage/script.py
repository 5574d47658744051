"""The page's rule in a JavaScript engine without a browser."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _engine() -> Any:
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    engine.eval(
        files("zoo.webpage").joinpath("rule.js").read_text(encoding="utf-8") + "\nglobalThis.rule = zooRule; 0"
    )
    return engine


def run(expression: str, **values: Any) -> Any:
    """The value of an expression in which ``rule`` is the page's, and the values are theirs."""
    given = "; ".join(f"const {name} = {json.dumps(value)}" for name, value in values.items())
    return json.loads(_engine().eval(f"(() => {{ {given}; return JSON.stringify({expression}); }})()"))

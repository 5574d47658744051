"""The page's scripts that need no document, in a JavaScript engine without a browser."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _engine() -> Any:
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    for name in ("rule", "words", "chart"):
        script = files("zoo.webpage").joinpath(f"{name}.js").read_text(encoding="utf-8")
        engine.eval(f"{script}\nglobalThis.{name} = zoo{name.title()}; 0")
    return engine


def run(expression: str, **values: Any) -> Any:
    """The value of an expression of ``rule``, ``words`` and ``chart``, which are the page's, and of values."""
    given = "; ".join(f"const {name} = {json.dumps(value)}" for name, value in values.items())
    return json.loads(_engine().eval(f"(() => {{ {given}; return JSON.stringify({expression}); }})()"))

"""Records from files of several kinds: the zoo's own JSON Lines, and pytest-benchmark's JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zoo.canonical import JsonObject, canonical_digest
from zoo.cost.settings import CostSettings
from zoo.errors import InputFileError, ZooError
from zoo.machine.fingerprint import Machine
from zoo.outcome import Outcome, Status
from zoo.results.checks import check_record
from zoo.results.jsonl import read_jsonl
from zoo.results.record import Record
from zoo.results.trial import Trial
from zoo.statistics.intervals import summarise_rounds

if TYPE_CHECKING:
    from pathlib import Path

    from zoo.statistics.measurement import Measurement


def read_any(path: Path) -> list[Record]:
    """Records of a file, whichever of the two kinds it is.

    Raises
    ------
    InputFileError
        For a file of neither kind, naming what is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputFileError(f"{path}: cannot read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputFileError(f"{path}: neither JSON Lines nor JSON (not text)") from None
    try:
        data = json.loads(text)
    except json.JSONDecodeError:
        return read_jsonl(path)
    except (ValueError, RecursionError) as error:
        raise InputFileError(f"{path}: {error}") from None
    if isinstance(data, dict) and "benchmarks" in data:
        return from_pytest_benchmark(data, str(path))
    return read_jsonl(path)


def from_pytest_benchmark(data: JsonObject, where: str) -> list[Record]:
    """Records of the benchmarks that ``benchmarks/bench_models.py`` made; others are passed over.

    Raises
    ------
    InputFileError
        Where none of the benchmarks names a model in its ``extra_info``, or one that does is not whole
        (names it).
    """
    benchmarks = data["benchmarks"]
    if not isinstance(benchmarks, list) or not all(isinstance(benchmark, dict) for benchmark in benchmarks):
        raise InputFileError(f"{where}: not a file of pytest-benchmark ('benchmarks' is no list of objects)")
    environment = _environment(data.get("machine_info"))
    started = _seconds(data.get("datetime"))
    records: list[Record] = []
    for benchmark in benchmarks:
        info = benchmark.get("extra_info")
        if not isinstance(info, dict) or not set(info) >= {"model", "weights", "settings"}:
            continue
        name = f"{where}, benchmark {str(benchmark.get('name', len(records) + 1))!r}"
        try:
            record = _record(benchmark, environment, started)
            check_record(record.to_dict())
        except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
            raise InputFileError(f"{name}: not whole ({type(error).__name__}: {error})") from None
        except ZooError as error:
            raise InputFileError(f"{name}: not whole: {error}") from None
        records.append(record)
    if not records:
        raise InputFileError(f"{where}: no benchmark here names a model; run `pytest benchmarks/bench_models.py`")
    return records


def _environment(machine: Any) -> JsonObject:
    found = machine if isinstance(machine, dict) else {}
    cpu = found.get("cpu")
    return {
        "cpu": (cpu.get("brand_raw") if isinstance(cpu, dict) else None) or found.get("processor"),
        "python": found.get("python_version"),
        "system": f"{found.get('system')} {found.get('release')}",
        "imported_from": "pytest-benchmark",
    }


def _record(benchmark: JsonObject, environment: JsonObject, started: float) -> Record:
    info, stats = benchmark["extra_info"], benchmark["stats"]
    settings = CostSettings.from_dict(dict(info["settings"]) | {"timed_by": "pytest-benchmark"})
    times = [1000 * seconds for seconds in stats.get("data") or [stats["median"]]]
    rate = settings.metric == "throughput"
    metric = (
        {"throughput": summarise_rounds([1000 * settings.batch / ms for ms in times], "images/s")}
        if rate
        else {"latency_ms": summarise_rounds(times, "ms")}
    )
    metrics: dict[str, Measurement] = dict(metric)
    return Record(
        trial=Trial(info["model"], info["weights"], settings),
        outcome=Outcome(
            Status.OK,
            metrics=metrics,
            samples={"iterations_ms": times, "round_medians_ms": times},
            flags=("timed alone, not interleaved",),
            started=started,
            duration_s=sum(times) / 1000,
        ),
        machine=canonical_digest(environment)[:16],
        environment=Machine.from_dict(environment),
        suite="pytest-benchmark",
        id=canonical_digest([info["model"], settings.to_dict(), started, times])[:32],
    )


def _seconds(text: Any) -> float:
    """Seconds since 1970; 0 where the file does not say, so that its records have the same ids each time."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return 0.0

"""Files of pytest-benchmark read as records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zoo.canonical import JsonObject, canonical_digest
from zoo.cost.settings import CostSettings
from zoo.errors import InputFileError, ZooError
from zoo.machine.fingerprint import Machine
from zoo.outcome import Outcome, Status
from zoo.results.checks import check_record
from zoo.results.jsonl import check_not_ahead
from zoo.results.quantities import quantity_of, rounds_of
from zoo.results.record import Record
from zoo.results.trial import Trial
from zoo.statistics.intervals import summarise_rounds


def from_pytest_benchmark(data: JsonObject, where: str) -> list[Record]:
    """Records of the benchmarks of ``benchmarks/bench_models.py``.

    Other benchmarks are passed over.

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
            check_not_ahead(started)
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
    quantity, held = quantity_of(settings.metric), rounds_of(settings.metric)
    if not held.is_time:
        raise ZooError(f"trial.settings.metric must be one of times or of their rate, not {settings.metric!r}")
    values = times if quantity.is_time else [1000 * settings.batch / ms for ms in times]
    return Record(
        trial=Trial(info["model"], info["weights"], settings),
        outcome=Outcome(
            Status.OK,
            metrics={quantity.key: summarise_rounds(values, quantity.unit)},
            samples={"iterations_ms": times, held.key: times},
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
    """Seconds since 1970.

    0 where the file does not say, so that its records have the same ids each time.
    """
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return 0.0

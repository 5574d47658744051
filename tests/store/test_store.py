"""The store keeps what it was given, supersedes without overwriting, and says in one line what is wrong with it."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import fields, replace
from pathlib import Path

import pytest
import sqlalchemy as sql
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.results.planted import a_suite, cost
from zoo.cost.metrics import METRICS
from zoo.cost.settings import CostSettings
from zoo.errors import InputFileError, StoreError
from zoo.machine.fingerprint import Gpu, Machine
from zoo.machine.yardstick import Yardstick
from zoo.outcome import Outcome, Status
from zoo.regimes.settings import PretrainSettings
from zoo.results.jsonl import merge, read_jsonl, write_jsonl
from zoo.results.plausible import UNITS
from zoo.results.record import Record
from zoo.results.trial import Trial
from zoo.statistics.measurement import Measurement
from zoo.store import database, queries
from zoo.store.sqlite_file import sync_side_file
from zoo.store.store import Store


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def test_a_newer_record_supersedes_in_views_and_overwrites_nothing(tmp_path: Path) -> None:
    with Store(url(tmp_path / "s.sqlite")) as store:
        store.add_all([cost("resnet18", 21.0), cost("resnet18", 25.0, seed=1)])
        assert [r.run for r in store.records()] == ["run-1"]
        assert [r.run for r in store.records(latest=False)] == ["run-0", "run-1"]
        key = cost("resnet18", 1.0).trial.key
        assert store.find(key, "m1").run == "run-1"  # type: ignore[union-attr]
        assert store.find(key, "another machine") is None


def test_very_many_trials_are_looked_up_together(tmp_path: Path) -> None:
    records = [cost(f"mine/m{number}", 1.0 + number) for number in range(2 * queries.MOST_VARIABLES + 1)]
    records = [replace(record, id=str(number)) for number, record in enumerate(records)]
    newer = replace(cost("mine/m1", 5.0, seed=1), id="newer", run="run-1")
    worse = replace(cost("mine/m2", 5.0, status=Status.FAILED, reason="planted"), id="worse", run="run-1")
    elsewhere = replace(cost("mine/m3", 5.0, machine="m2"), id="elsewhere")
    with Store(url(tmp_path / "s.sqlite")) as store:
        store.add_all([*records, newer, worse, elsewhere])
        keys = [record.trial.key for record in records]
        found = store.find_all([*keys, "no such key"], "m1")
        assert set(found) == set(keys)
        assert all(record.trial.key == key for key, record in found.items())
        assert [found[key].id for key in keys[:4]] == ["0", "newer", "2", "3"]
        assert all(found[key] == store.find(key, "m1") for key in keys[:9])
        assert store.find_all((), "m1") == {}


def test_the_same_record_twice_is_one(tmp_path: Path) -> None:
    with Store(url(tmp_path / "s.sqlite")) as store:
        assert store.add_all([cost("resnet18", 21.0)]) == 1
        assert store.add_all([cost("resnet18", 21.0), cost("vgg16", 99.0)]) == 1
        assert store.count() == 2


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    def write(model: str) -> None:
        with Store(url(tmp_path / "s.sqlite")) as store:
            for seed in range(10):
                store.add(cost(model, 10.0, seed=seed))

    with Store(url(tmp_path / "s.sqlite")):
        pass
    threads = [threading.Thread(target=write, args=(m,)) for m in ("resnet18", "vgg16")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store(url(tmp_path / "s.sqlite")) as store:
        assert store.count() == 20


def test_a_killed_writer_leaves_whole_records_and_a_sound_store(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from tests.results.planted import cost\n"
        "from zoo.store.store import Store\n"
        "with Store(sys.argv[1]) as store:\n"
        "    for seed in range(100000):\n"
        "        store.add(cost('resnet18', 10.0, seed=seed))\n"
        "        print(seed, flush=True)\n"
    )
    path = tmp_path / "s.sqlite"
    root = str(Path(__file__).resolve().parents[2])
    process = subprocess.Popen([sys.executable, "-c", script, url(path), root], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    seen = [int(next(process.stdout)) for _ in range(5)]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with Store(url(path)) as store:
        kept = [record.run for record in store.records(latest=False)]
    assert kept[: len(seen)] == [f"run-{seed}" for seed in seen]
    with sqlite3.connect(path) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    database.close()


def refused(path: Path) -> str:
    with pytest.raises(StoreError) as caught, Store(url(path)) as store:
        store.add(cost("resnet18", 21.0))
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) in line
    return line


def test_a_locked_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.1)
    path = tmp_path / "s.sqlite"
    with Store(url(path)) as store:
        store.add(cost("vgg16", 9.0))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin exclusive")
    assert "locked by another process" in refused(path)
    holder.execute("rollback")
    holder.close()
    with Store(url(path)) as store:
        assert store.count() == 1


def test_a_read_only_store_can_be_read_and_refuses_records(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(url(path)) as store:
        store.add(cost("vgg16", 9.0))
    read_only = f"sqlite:///file:{path}?mode=ro&uri=true"
    with Store(read_only) as store:
        assert store.count() == 1
        with pytest.raises(StoreError, match="read-only; make it writable"):
            store.add(cost("resnet18", 21.0))


def test_a_store_of_a_newer_version(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(url(path)):
        pass
    with sqlite3.connect(path) as database:
        database.execute("update schema set version = 99")
    database.close()
    assert "written by a newer zoo (schema 99" in refused(path)


@pytest.mark.parametrize("content", [b"no database at all, only text" * 40, b""], ids=["broken", "empty"])
def test_a_file_that_is_no_store(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.sqlite"
    path.write_bytes(content)
    if content:
        assert "not a record store" in refused(path)
        assert path.read_bytes() == content
    else:  # SQLite takes an empty file for a new database, and so does the zoo
        with Store(url(path)) as store:
            store.add(cost("resnet18", 21.0))
            assert store.count() == 1


def test_reading_makes_nothing_and_changes_nothing(tmp_path: Path) -> None:
    absent = tmp_path / "sub" / "typo.sqlite"
    with pytest.raises(StoreError, match="no store there yet"), Store(url(absent), read_only=True):
        pass
    assert list(tmp_path.iterdir()) == []
    path = tmp_path / "s.sqlite"
    with Store(url(path)) as store:
        store.add(cost("vgg16", 9.0))
    before = path.read_bytes()
    with Store(url(path), read_only=True) as store:
        assert store.count() == 1
        with pytest.raises(StoreError, match="read-only"):
            store.add(cost("resnet18", 21.0))
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_reader_sees_what_a_writer_has_just_kept(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(url(path)) as writer, Store(url(path), read_only=True) as reader:
        writer.add(cost("vgg16", 9.0))
        assert reader.count() == 1


def test_anothers_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photos.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("create table photos (name text)")
    database.close()
    assert "not a record store (holds photos)" in refused(path)
    with pytest.raises(StoreError, match="not a record store"), Store(url(path), read_only=True):
        pass
    with sqlite3.connect(path) as database:
        assert database.execute("select name from sqlite_master").fetchall() == [("photos",)]
    database.close()


@pytest.fixture
def read_only_mount(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite as it is where it can make no side file: nothing opens but what it is told cannot change."""
    real = sqlite3.connect

    def connect(name: str, **options: object) -> sqlite3.Connection:
        if "immutable=1" not in name:
            raise sqlite3.OperationalError("unable to open database file")
        return real(name, **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr("zoo.store.sqlite_file.sqlite3.connect", connect)


def test_a_store_on_a_read_only_mount_is_read(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "a store #1.sqlite"
    with Store(url(path)) as store:
        store.add(cost("vgg16", 9.0))
    request.getfixturevalue("read_only_mount")
    with Store(url(path), read_only=True) as store:
        assert store.count() == 1
    path.with_name(path.name + "-wal").write_bytes(b"what was not yet taken into the file")
    with pytest.raises(StoreError, match="its last records are still in"), Store(url(path), read_only=True):
        pass


@pytest.mark.parametrize(
    "name", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"]
)
def test_a_store_in_memory_is_refused(name: str) -> None:
    with pytest.raises(StoreError, match="a store in memory is gone when the command ends"):
        Store(name)


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    with Store(url(path)) as store:
        store.add(cost("vgg16", 9.0))
        # SQLite reports a database at its page limit exactly as it reports a full disk.
        with store._engine.connect() as connection:
            pages = connection.exec_driver_sql("pragma page_count").scalar_one()
            connection.exec_driver_sql(f"pragma max_page_count = {pages}")
        # Given back, that connection is the one that the store writes through.
        many = [cost("resnet18", 21.0, seed=seed) for seed in range(200)]
        with pytest.raises(StoreError, match="the disk is full; records made so far are kept"):
            store.add_all(many)
        assert store.records(latest=False)[0].trial.model == "torchvision/vgg16"


def test_a_url_that_is_none() -> None:
    with pytest.raises(StoreError, match="no store URL"):
        Store("nonsense://x")


text = st.text(max_size=20)
numbers = st.floats(-1e300, 1e300)
identities = st.text(st.characters(categories=("L", "N", "P")), max_size=20)
units = st.sampled_from(["", "°C", "a unit of a metric of another package"])
ordered = st.lists(numbers, min_size=3, max_size=3).map(sorted)
OWN = {one.name for kind in (PretrainSettings, CostSettings) for one in fields(kind)}
# What another version says beside: under the name of a setting of this one it is that setting, and held to its rule.
some = st.dictionaries(text.filter(lambda name: name not in OWN), st.integers() | text | st.lists(st.integers()))
# So are numbers: under a name that this version knows a number has that one's unit.
STATED = {name for known in UNITS.values() for name in known} | {one.key for one in METRICS.get("latency").every}
FAILED = (Status.FAILED, Status.OOM, Status.TIMEOUT)
records = st.builds(
    Record,
    trial=st.builds(
        Trial,
        model=text,
        weights=text,
        weights_digest=st.none() | text,
        settings=some.map(
            lambda more: PretrainSettings.from_dict(more | {"task": "digits", "seed": 0, "input_size": [3, 32, 32]})
        ),
    )
    | st.builds(
        Trial,
        model=text,
        weights=text,
        settings=some.map(lambda more: CostSettings.from_dict(more | cost("resnet18", 1.0).trial.settings.to_dict())),
    ),
    outcome=st.builds(
        Outcome,
        status=st.sampled_from(FAILED),
        reason=text,
        metrics=st.dictionaries(
            text.filter(lambda name: name not in STATED),
            st.builds(lambda ends, unit: Measurement(ends[1], unit, ends[0], ends[2]), ordered, units),
        ),
        samples=st.dictionaries(text, st.lists(numbers)),
        flags=st.lists(text).map(tuple),
        started=st.floats(0, 1.7e9),
        duration_s=st.floats(0, 1e9),
        notes=st.dictionaries(text, st.none() | numbers | text),
    ),
    machine=identities,
    environment=st.builds(
        Machine,
        cpu=st.none() | text,
        instruction_sets=st.none() | st.lists(text).map(tuple),
        cpu_quota=st.none() | numbers,
        gpus=st.none() | st.lists(st.builds(Gpu, text, text)).map(tuple),
        libraries=st.none() | st.dictionaries(text, text),
        yardstick=st.none() | st.builds(Yardstick, st.floats(0.01, 1e6), st.floats(0.01, 1e6)),
        other=st.dictionaries(text.map("x-{}".format), text),
    ),
    suite=text,
    run=identities,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(found=st.lists(records, min_size=1, max_size=4))
def test_json_lines_give_back_every_record(found: list[Record], tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    assert write_jsonl(found, path) == len(found)
    assert read_jsonl(path) == found
    assert merge(found, read_jsonl(path)) == found


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "holds no record"),
        (b'{"format": 1', "line 1: not JSON"),
        (b'{"x": 1}\n', "line 1: not a record of the zoo"),
        (b'{"format": 7}\n', "format 7, and this zoo knows up to 3"),
        (b'{"format": 1, "id": "a"}\n', "line 1: not a whole record"),
        (b"\xff\xfe\x00", "not text"),
    ],
)
def test_broken_json_lines_are_named_by_line(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputFileError) as caught:
        read_jsonl(path)
    assert expected in str(caught.value)
    assert str(path) in str(caught.value)


def test_an_export_has_the_rights_that_the_umask_gives_or_keeps_those_it_had(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    old = os.umask(0o022)
    try:
        write_jsonl([cost("resnet18", 21.0)], path)
        assert path.stat().st_mode & 0o777 == 0o644
        path.chmod(0o664)
        write_jsonl([cost("resnet18", 21.0)], path)
        assert path.stat().st_mode & 0o777 == 0o664
    finally:
        os.umask(old)


def test_an_export_through_a_link_writes_what_the_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "real.jsonl", tmp_path / "link.jsonl"
    link.symlink_to(target)
    for model in ("resnet18", "vgg16"):  # the first makes the target, the second writes it anew
        write_jsonl([cost(model, 21.0)], link)
        assert link.is_symlink()
        assert [record.trial.model for record in read_jsonl(target)] == [f"torchvision/{model}"]


def test_an_export_into_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=write_jsonl, args=([cost("resnet18", 21.0)], pipe))
    writer.start()
    assert '"torchvision/resnet18"' in pipe.read_text()
    writer.join()
    assert pipe.is_fifo()


def test_an_export_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    write_jsonl([cost("resnet18", 21.0)], path)
    before = path.read_bytes()

    def broken():  # type: ignore[no-untyped-def]
        yield cost("vgg16", 9.0)
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError, match="planted"):
        write_jsonl(broken(), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_more_records_than_a_question_can_name(tmp_path: Path) -> None:
    """SQLite took 999 values in a question until 2020, and 32,766 since."""
    first = cost("resnet18", 21.0)
    many = [replace(first, id=f"{number:032x}") for number in range(1001)]
    with Store(url(tmp_path / "s.sqlite")) as store:

        @sql.event.listens_for(store._engine, "checkout")
        def limit(connection: sqlite3.Connection, *_: object) -> None:
            connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)

        assert store.add_all(iter(many)) == 1001
        assert store.add_all([*many, replace(first, id="one more")]) == 1
        assert len(store.records(latest=False)) == 1002
        assert len({tuple(one.outcome.samples["iterations_ms"]) for one in store.stream(latest=False)}) == 1
        assert len(store.outlines(ids=[record.id for record in many])) == 1001
        assert store.remove([record.id for record in many]) == 1001
        assert [record.id for record in store.records()] == ["one more"]


def test_what_is_read_of_a_record_is_what_was_kept(tmp_path: Path) -> None:
    given = a_suite()
    with Store(url(tmp_path / "s.sqlite")) as store:
        store.add_all(given)
        found = {record.id: record for record in store.records(latest=False)}
        streamed = {record.id: record for record in store.stream(latest=False)}
    assert found == streamed == {record.id: record for record in given}  # samples are read though the store is closed
    one = found["tr-resnet18-full-10-0-digits-0-m1-{}"]
    assert one.trial.key == Trial.from_dict(one.trial.to_dict()).key
    assert pickle.loads(pickle.dumps(one)) == one
    assert json.loads(json.dumps(one.to_dict())) == one.to_dict()
    assert repr(one.outcome.samples) == repr({"correct": list(one.outcome.samples["correct"])})
    assert replace(one.outcome, notes=dict(one.outcome.notes) | {"x": 1}).notes["x"] == 1


def test_samples_of_a_record_that_is_gone_are_not_made_up(tmp_path: Path) -> None:
    with Store(url(tmp_path / "s.sqlite")) as store:
        store.add(cost("resnet18", 21.0))
        [record] = store.records()
        store.remove([record.id])
        with pytest.raises(StoreError, match="its samples are gone; was it removed meanwhile"):
            len(record.outcome.samples)


def test_machines_and_settings_are_kept_once(tmp_path: Path) -> None:
    records = [cost("resnet18", 21.0), cost("vgg16", 90.0), cost("vgg16", 9.0, machine="m2")]
    records.append(cost("vgg16", 1.0, batch=2))
    with Store(url(tmp_path / "s.sqlite")) as store:
        for record in records:
            store.add(record)
        store.add_all([replace(record, id=f"{record.id}-2") for record in records])
        with store._engine.connect() as connection:
            assert connection.exec_driver_sql("select count(*) from parts").scalar_one() == 4  # two of either
        with Store(url(tmp_path / "s.sqlite")) as another:  # a writer that knows of parts outlives their records
            assert another.remove([record.id for record in store.records(latest=False)]) == 8
        store.add(records[0])
        assert store.records() == records[:1]


def test_what_is_kept_is_forced_onto_the_disk_once_a_second_and_at_each_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    clock = [100.0]
    monkeypatch.setattr(database, "sync_side_file", lambda path: synced.append(path.name))
    monkeypatch.setattr(database.time, "monotonic", lambda: clock[0])
    with Store(url(tmp_path / "s.sqlite")) as store:
        store.add(cost("resnet18", 21.0))
        assert len(synced) == 1  # at once
        for seed in range(1, 4):
            clock[0] += 0.3
            store.add(cost("resnet18", 21.0, seed=seed))
        assert len(synced) == 1
        store.sync()
        store.sync()
        assert len(synced) == 2  # and not again for nothing
        clock[0] += 1.0
        store.add(cost("resnet18", 21.0, seed=5))
        assert len(synced) == 3
        store.add(cost("resnet18", 21.0, seed=6))
    assert len(synced) == 4  # at the end


def test_forcing_onto_the_disk_reaches_the_side_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "s.sqlite"
    forced: list[str] = []
    real = os.fsync

    def fsync(number: int) -> None:
        forced.append(Path(f"/proc/self/fd/{number}").readlink().name if Path("/proc/self/fd").is_dir() else "")
        real(number)

    monkeypatch.setattr("os.fsync", fsync)
    with Store(url(path)) as store:
        store.add(cost("resnet18", 21.0))
    assert forced in (["s.sqlite-wal"], [""])
    sync_side_file(tmp_path / "none.sqlite")  # where there is none, nothing is to be done

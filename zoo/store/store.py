"""The store: every record that was ever made, in a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError

from zoo.errors import StoreError, ZooError
from zoo.results.standing import PassedOver, passed_over, standing
from zoo.store import queries
from zoo.store.broken import not_whole, parsed
from zoo.store.columns import BROKEN, Reading, Rows
from zoo.store.database import Database
from zoo.store.migrate import AT_ONCE, insert, old_record, reversible
from zoo.store.schema import FAULTS, OLD_RECORDS, PARTS, RECORDS, SAMPLES, SCHEMA_VERSION
from zoo.store.stored import SamplesReader

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from zoo.canonical import JsonObject
    from zoo.machine.fingerprint import Machine
    from zoo.results.record import Record

NAMED = 3
"""Of the records that are not whole, so many are named."""

IS_KEPT = sql.select(RECORDS.c.number).where(RECORDS.c.id == sql.bindparam("id"))


class Store(Database):
    """A database of records, as a context manager.

    See :class:`zoo.store.database.Database`, and :mod:`zoo.results.standing` for which record of a trial
    stands.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        super().__init__(url, read_only=read_only)
        self._kept_parts: set[str] = set()
        self._machine: tuple[Machine, str] | None = None

    def add(self, record: Record) -> None:
        """Keep one record, before this returns, over the death of the process.

        A power cut may take what was kept in the last second; see docs/measuring.md#what-a-power-cut-takes.
        """
        rows = Rows(self._kept_parts, self._machine)
        rows.add(record)

        def change(connection: sql.Connection) -> int:
            try:
                with reversible(connection):
                    insert(connection, rows)
                return 1
            except IntegrityError:  # asked only then: most records are new
                if connection.execute(IS_KEPT, {"id": record.id}).first() is None:
                    raise
                return 0

        self._write(change)
        self._kept_parts.update(rows.parts)
        self._machine = rows.last

    def add_all(self, records: Iterable[Record]) -> int:
        """Keep records in one transaction.

        Those already there, by id, are left alone.

        Returns
        -------
        int
            How many were new.
        """
        parts: set[str] = set()

        def change(connection: sql.Connection) -> int:
            count = 0
            for some in queries.chunks(records, AT_ONCE):
                new = {record.id: record for record in some}
                for ids in queries.chunks(new):
                    known = connection.execute(sql.select(RECORDS.c.id).where(RECORDS.c.id.in_(ids)))
                    for identity in known.scalars().all():
                        del new[identity]
                rows = Rows(self._kept_parts | parts)
                for record in new.values():
                    rows.add(record)
                insert(connection, rows)
                parts.update(rows.parts)
                count += len(new)
            return count

        count = self._write(change)
        self._kept_parts |= parts
        return count

    def records(
        self,
        *,
        latest: bool = True,
        passed_over: bool = False,
        machine: str | None = None,
        kind: str | None = None,
        suite: str | None = None,
        run: str | None = None,
    ) -> list[Record]:
        """Whole records that match, oldest first.

        What is no whole record is left out; :meth:`faults` names it.

        Parameters
        ----------
        latest : bool
            Only those that stand; False for all that were ever made.
        passed_over : bool
            Beside those that stand also the newer ones that do not, since they are worse.
        """
        values = {"machine": machine, "kind": kind, "suite": suite, "run": run}
        if self._is_old:
            return self._old_records(values, latest=latest, passed=passed_over)
        query = queries.standing(values, passed_over=passed_over) if latest else queries.every(values)
        return self._records(self._read(query))

    def standing_of(self, machine: str | None) -> list[Record]:
        """Records that stand, and newer ones that were passed over for them.

        Those of one machine with what others published, which is of none; of all where that machine has no record.
        """
        found = self.records(passed_over=True, machine=machine)
        if machine is None:
            return found
        known = {record.id for record in found}
        published = [record for record in self.records(kind="published") if record.id not in known]
        return [*found, *published] if found else self.records(passed_over=True)

    def passed_over(self) -> list[PassedOver]:
        """Newer records that do not stand since they are worse, oldest first."""
        if self._is_old:
            every = self._old_records({})
            return list(passed_over(every, standing(every)))
        newer = self._records(self._read(queries.standing({}, stands=False, passed_over=True)))
        pairs = ((record, self.find(record.trial.key, record.machine)) for record in newer)
        return [PassedOver(record, kept) for record, kept in pairs if kept is not None]

    def stream(self, *, latest: bool = True, suite: str | None = None, run: str | None = None) -> Iterator[Record]:
        """The same records one by one, of which few are held at once."""
        values = {"suite": suite, "run": run}
        if self._is_old:
            yield from self._old_records(values, latest=latest)
            return
        query = queries.standing(values, passed_over=False) if latest else queries.every(values)
        numbers = [row.number for row in self._read(query.with_only_columns(RECORDS.c.number))]
        for some in queries.chunks(numbers):
            page = sql.select(RECORDS).where(RECORDS.c.number.in_(some)).order_by(*queries.IN_ORDER)
            yield from self._records(self._read(page))

    def find(self, key: str, machine: str) -> Record | None:
        """The record that stands of a trial on a machine."""
        return self.find_all((key,), machine).get(key)

    def find_all(self, keys: Iterable[str], machine: str) -> dict[str, Record]:
        """The records that stand of some trials on a machine, by key."""
        wanted = set(keys)
        if self._is_old:
            every = standing(self._old_records({"machine": machine}))
            return {key: record for (key, _), record in every.items() if key in wanted}
        parts = (self._read(queries.of_trials(some, machine)) for some in queries.chunks(wanted))
        best = {row.key: row for rows in parts for row in rows}
        key_of = {row.id: key for key, row in best.items()}
        return {key_of[record.id]: record for record in self._records(list(best.values()))}

    def keys(self, suite: str) -> set[str]:
        """Keys of the trials that a suite has a record of."""
        if self._is_old:
            return {record.trial.key for record in self._old_records({"suite": suite})}
        c = RECORDS.c
        rows = self._read(sql.select(c.key).where(c.suite == suite, c.good != BROKEN).distinct())
        return {row.key for row in rows}

    def faults(self) -> list[str]:
        """A line for each record that is not whole, and how it is removed."""
        if self._is_old:
            found: list[str] = []
            self._old_records({}, faults=found)
            return found
        rows = self._read(sql.select(FAULTS.c.id, FAULTS.c.reason).order_by(FAULTS.c.id))
        return [not_whole(self.name, row.id, row.reason) for row in rows]

    def fault_lines(self) -> list[str]:
        """The first of :meth:`faults`, and how many more there are."""
        found = self.faults()
        more = [f"{self.name}: {len(found) - NAMED} more records are not whole"] if len(found) > NAMED else []
        return found[:NAMED] + more

    def count(self) -> int:
        """How many records there are, superseded ones included."""
        return int(self._read(sql.select(sql.func.count()).select_from(RECORDS))[0][0])

    def runs(self) -> list[JsonObject]:
        """Each run with its suite, machine, records and start, newest first."""
        columns = RECORDS.c
        query = (
            sql.select(
                columns.run,
                columns.suite,
                columns.machine,
                sql.func.count().label("records"),
                sql.func.min(columns.started).label("started"),
            )
            .group_by(columns.run, columns.suite, columns.machine)
            .order_by(sql.desc("started"))
        )
        return [dict(row._mapping) for row in self._read(query)]

    def outlines(
        self, *, ids: Collection[str] = (), run: str | None = None, suite: str | None = None
    ) -> list[JsonObject]:
        """Id, run, suite, machine and kind of the records that match.

        Superseded ones are among them, the oldest first.

        Nothing of their contents is read, so that a record that is broken is found too.
        """
        columns = RECORDS.c
        query = sql.select(columns.id, columns.run, columns.suite, columns.machine, columns.kind)
        rows = self._read(queries.where(query, {"run": run, "suite": suite}).order_by(columns.number))
        wanted = set(ids)
        return [dict(row._mapping) for row in rows if not wanted or row.id in wanted]

    def remove(self, ids: Collection[str]) -> int:
        """Delete records by id, in one transaction, and return how many.

        An older record of a trial counts again.
        """
        if not ids:
            return 0

        def change(connection: sql.Connection) -> int:
            gone = 0
            for some in queries.chunks(dict.fromkeys(ids)):
                gone += connection.execute(sql.delete(RECORDS).where(RECORDS.c.id.in_(some))).rowcount
                for table in (SAMPLES, FAULTS):
                    connection.execute(sql.delete(table).where(table.c.id.in_(some)))
            # Parts stay: another process, which knows that they are kept, may be writing a record that has them.
            return gone

        return self._write(change)

    @property
    def _is_old(self) -> bool:
        """Whether the tables are those of an older schema, of which nothing may be changed."""
        return self._version < SCHEMA_VERSION

    def _records(self, rows: Sequence[Any]) -> list[Record]:
        ids = [row.id for row in rows]
        digests = {row.settings for row in rows} | {row.environment for row in rows}
        parts = self._bodies(PARTS, PARTS.c.digest, digests)
        return Reading(self.name, parts, SamplesReader(ids, self._samples, self._parsed)).records(rows)

    def _samples(self, ids: Sequence[str]) -> Mapping[str, str]:
        return self._bodies(SAMPLES, SAMPLES.c.id, ids)

    def _parsed(self, identity: str, text: str | None) -> JsonObject:
        if text is None:
            raise StoreError(f"{self.name}, record {identity}: its samples are gone; was it removed meanwhile?")
        return parsed(self.name, identity, text, dict)

    def _bodies(self, table: sql.Table, column: sql.Column[str], names: Iterable[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in queries.chunks(names):
            rows = self._read(sql.select(column, table.c.body).where(column.in_(some)))
            found.update((row[0], row[1]) for row in rows)
        return found

    def _old_records(
        self,
        values: dict[str, str | None],
        *,
        latest: bool = False,
        passed: bool = False,
        faults: list[str] | None = None,
    ) -> list[Record]:
        """The same as of today's tables, for which every record has to be read whole."""
        found = []
        query = queries.where(sql.select(OLD_RECORDS), values, OLD_RECORDS)
        for row in self._read(query.order_by(OLD_RECORDS.c.number)):
            try:
                found.append(old_record(row))
            except (ZooError, ValueError, TypeError, RecursionError) as error:
                if faults is not None:
                    faults.append(not_whole(self.name, row.id, error))
        found.sort(key=lambda record: record.outcome.started)
        if not latest:
            return found
        stand = standing(found)
        over = {one.record.id for one in passed_over(found, stand)} if passed else set()
        ids = over | {record.id for record in stand.values()}
        return [record for record in found if record.id in ids]

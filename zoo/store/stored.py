"""Parts of a record that are read out of a store when they are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zoo.store.broken import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PAGE = 32
"""Records whose samples are read at once."""

PAGES = 8
"""Pages that are held, since a reader goes on to the neighbours of what it has read."""


class _Lazy(Mapping[str, Any]):
    """A mapping that is made when it is first asked for anything, and otherwise like a dictionary."""

    __slots__ = ()

    def _whole(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def __getitem__(self, key: str) -> Any:
        return self._whole()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def __repr__(self) -> str:
        return repr(dict(self._whole()))

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self._whole()),)


class StoredMapping(_Lazy):
    """A mapping that is parsed once, when it is first read."""

    __slots__ = ("_found", "_identity", "_name", "_read", "_text")

    def __init__(
        self, name: str, identity: str, text: str, read: Callable[[dict[str, Any]], Mapping[str, Any]]
    ) -> None:
        self._name = name
        self._identity = identity
        self._text = text
        self._read = read
        self._found: Mapping[str, Any] | None = None

    def _whole(self) -> Mapping[str, Any]:
        if self._found is None:
            self._found, self._text = parsed(self._name, self._identity, self._text, self._read), ""
        return self._found


class StoredSamples(_Lazy):
    """Samples of a record, read whenever they are wanted.

    They are not kept: those of all records together would fill the memory.
    """

    __slots__ = ("_place", "_reader")

    def __init__(self, reader: SamplesReader, place: int) -> None:
        self._reader = reader
        self._place = place

    def _whole(self) -> Mapping[str, Any]:
        return self._reader.at(self._place)


class SamplesReader:
    """Samples of the records of one reading, read page by page.

    Parameters
    ----------
    ids : sequence of str
        Of the records, in order.
    read : callable
        Gives the text of the samples of some records, by id.
    parse : callable
        Makes samples of a record's id and its text, None of a record that is gone.
    """

    def __init__(
        self,
        ids: Sequence[str],
        read: Callable[[Sequence[str]], Mapping[str, str]],
        parse: Callable[[str, str | None], Mapping[str, Any]],
    ) -> None:
        self._ids = ids
        self._read = read
        self._parse = parse
        self._pages: dict[int, Mapping[str, str]] = {}

    def at(self, place: int) -> Mapping[str, Any]:
        """Samples of the record at a place."""
        number = place // PAGE
        page = self._pages.pop(number, None)
        if page is None:
            page = self._read(self._ids[number * PAGE : (number + 1) * PAGE])
            if len(self._pages) >= PAGES:
                del self._pages[next(iter(self._pages))]
        self._pages[number] = page  # the last, so that the page read longest ago goes first
        identity = self._ids[place]
        return self._parse(identity, page.get(identity))

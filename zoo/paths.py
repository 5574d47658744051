"""Where the zoo keeps what it makes, each place movable by a variable."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import stat
import unicodedata
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = re.compile(r"[A-Za-z][\w+.-]*://")
"""How a URL begins, and no path of a file."""


def composed(name: str) -> str:
    """A name with each letter and its accents as one character.

    Folders that were made on macOS have two for them.
    """
    return unicodedata.normalize("NFC", name)


def shown_name(path: Path) -> str:
    """The last name of a file or folder, which is no secret as its path is.

    The same however the path is written: with a slash at its end, relative, as ``.`` or ``..``.
    """
    return composed(path.expanduser().resolve().name) or "folder"


def shown_path(text: str) -> str:
    """A path as a page may show it.

    As written in or below the current folder, else its last name.
    """
    path = Path(text)
    hidden = path.is_absolute() or text.startswith("~") or ".." in path.parts
    return shown_name(path) if hidden else text


def shown_command(*words: str) -> str:
    """A command of the zoo as a page may show it."""
    return shlex.join(["zoo", *map(shown_path, words)])


def cache_dir() -> Path:
    """Folder of what can be made again (``$ZOO_CACHE``).

    Features, computed facts, the zoo's own weights.
    """
    return Path(os.environ.get("ZOO_CACHE") or platformdirs.user_cache_dir("backbone-zoo")).expanduser()


def data_dir() -> Path:
    """Folder of published data sets (``$ZOO_DATA``), as torchvision has it."""
    named = os.environ.get("ZOO_DATA")
    return Path(named).expanduser() if named else cache_dir() / "data"


def weights_dir() -> Path:
    """Folder of weights that ``zoo pretrain`` made, one sub-folder a source."""
    return cache_dir() / "weights"


def features_dir() -> Path:
    """Folder of cached features, one file a key."""
    return cache_dir() / "features"


def tasks_dir() -> Path:
    """Folder of what is remembered of tasks, one file a task."""
    return cache_dir() / "tasks"


def facts_path() -> Path:
    """File of static facts that the shipped catalogue lacks."""
    return cache_dir() / "facts.json"


def macs_path() -> Path:
    """File of MACs that were counted at other sizes than the catalogue's."""
    return cache_dir() / "macs.json"


def default_store_url() -> str:
    """SQLAlchemy URL of the record store.

    ``$ZOO_STORE`` names another: a URL, or the path of a SQLite file.
    """
    if named := os.environ.get("ZOO_STORE"):
        return store_url(named)
    return store_url(str(Path(platformdirs.user_data_dir("backbone-zoo")) / "records.sqlite"))


def store_url(named: str) -> str:
    """URL of a store that is named by one, or by a SQLite file's path.

    A path is taken as it stands, whatever is in its name, but that ``~/`` before it is the home folder.
    """
    if URL.match(named):
        return named
    path = str(Path(named).expanduser()) if named.startswith("~/") else named
    return "sqlite:///" + path.replace("%", "%25").replace("?", "%3F")


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write into that is named ``path`` when the block ends well.

    A link stays a link, and what it leads to is written; permissions are those of the file that was there, or
    as the umask has them. What is no regular file (``/dev/stdout``, a pipe) is written into as it is.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        with path.open("wb") as file:
            yield file
        return
    temporary = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}")
    with temporary.open("xb") as file:
        try:
            yield file
            file.flush()
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_atomically(path: Path, content: bytes) -> None:
    """Write a whole file or none, whatever interrupts."""
    with written_whole(path) as file:
        file.write(content)

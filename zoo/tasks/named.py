"""A published data set as a task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.datasets.files import data_set_files
from zoo.paths import data_dir
from zoo.tasks.folders.folder import FilesTask
from zoo.tasks.folders.parts import FolderFiles

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True)
class DataSetTask(FilesTask):
    """The task of a data set by name, with the policy for its corrupt images.

    Attributes
    ----------
    name : str
        Torchvision's, or that of a task of VTAB-1k.
    """

    name: str = ""

    noun = "data set"

    @classmethod
    def of(cls, name: str, corrupt: str) -> Self:
        """The task of a name, with the folder where its data set is looked for."""
        return cls(data_dir() / name, corrupt, name)

    def find(self) -> FolderFiles:
        """Files of the data set, by :func:`zoo.datasets.files.data_set_files`."""
        found = data_set_files(self.name)
        return FolderFiles(found.root, found.train, found.test)

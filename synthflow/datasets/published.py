"""Published benchmarks: their rows, from the Hugging Face Hub or from files that were downloaded."""

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthflow.data_models.schema import Json
from synthflow.datasets.placed import Placed, first, json_rows
from synthflow.datasets.tables import Row, as_arrays
from synthflow.errors import DataError

if TYPE_CHECKING:
    from synthflow.datasets.tables import Splits


@dataclass(frozen=True)
class Benchmark:
    """Where a benchmark is published."""

    title: str
    """How people call it."""
    loader: str
    """The function that loads it, for messages."""
    hub: str
    """Its name on the Hugging Face Hub."""
    config: str
    """Which form of it."""
    files: Mapping[str, tuple[str, ...]]
    """For the split to train on and the one to test on, the names that its file may have."""

    def load(
        self, row: Callable[[str, dict[str, Json]], Row], folder: str | Path | None, limit: int | None
    ) -> "Splits":
        """Load both splits.

        Args:
            row: Makes the input and the answer of what was published, given its place.
            folder: Where the files are; None reads from the Hub.
            limit: How many rows to read of each split, from the first; None reads all.

        Raises:
            DataError: There is no such file, it holds no rows, or the Hub cannot be read.
        """
        train, test = (
            as_arrays([row(*one) for one in first(self._rows(split, folder), limit)]) for split in self.files
        )
        if not (len(train[0]) and len(test[0])):
            raise DataError(f"{self.title} is to have rows in each of {' and '.join(self.files)}, and one is empty.")
        return train, test

    def _rows(self, split: str, folder: str | Path | None) -> Iterator[Placed]:
        yield from self._on_hub(split) if folder is None else json_rows(self._file(split, Path(folder)))

    def _file(self, split: str, folder: Path) -> Path:
        names = self.files[split]
        for name in names:
            if (folder / name).is_file():
                return folder / name
        raise DataError(
            f"There is no file with the {split} rows of {self.title} in {str(folder)!r}; "
            f"it is called {' or '.join(map(repr, names))}."
        )

    def _on_hub(self, split: str) -> Iterator[Placed]:
        try:
            load_dataset: Any = importlib.import_module("datasets").load_dataset
        except (ImportError, AttributeError) as error:  # a folder of this name is imported too, but loads nothing
            raise DataError(
                f"{self.title} is read from the Hugging Face Hub with the package datasets, "
                f"which cannot be imported: {error}.\n"
                "  pip install 'synthflow[datasets]'   <- install it, or read files that you have:\n"
                f'  {self.loader}("folder")   <- with {" and ".join(names[0] for names in self.files.values())} in it'
            ) from error
        try:
            rows = load_dataset(self.hub, self.config, split=split)
        except Exception as error:  # the package lets through whatever its network, disk and file readers raise
            raise DataError(
                f"{self.title} could not be read from the Hugging Face Hub, where it is {self.hub!r}, "
                f"{self.config!r}: {type(error).__name__}: {error!s:.300}.\n"
                f'  {self.loader}("folder")   <- reads {" and ".join(names[0] for names in self.files.values())}, '
                "if you have them"
            ) from error
        return ((f"{self.hub}, {split} row {number}", row) for number, row in enumerate(rows, 1))


def text_of(place: str, row: Mapping[str, Any], field: str) -> str:
    """Give a text of a row.

    Raises:
        DataError: It has none of that name.
    """
    value = row.get(field)
    if not isinstance(value, str):
        there = ", ".join(map(repr, row)) or "nothing"
        raise DataError(f"{place} has no text {field!r}; it has {there}. Is it a file of another benchmark?")
    return value

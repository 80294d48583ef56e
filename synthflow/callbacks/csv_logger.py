"""CSVLogger: the logs of each epoch as a line of a table."""

import csv
from pathlib import Path

from synthflow.callbacks.callback import Callback, Logs


class CSVLogger(Callback):
    """Writes one line per epoch, each as soon as the epoch ends.

    The columns are `epoch` (the first is 0) and the logs of the first epoch; a log that a
    later epoch lacks is left empty.

    Args:
        filename: Where to write; folders are made.
        separator: What stands between two columns, one character.
        append: Whether to go on in a file that exists; else it is written anew.

    Raises:
        ValueError: When writing, if an epoch has a log that the table has no column for.
    """

    def __init__(self, filename: str | Path, separator: str = ",", append: bool = False) -> None:
        self.filename = Path(filename)
        self.separator = separator
        self.append = append
        self._columns: list[str] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Read the columns of a file to go on in; empty any other."""
        self.filename.parent.mkdir(parents=True, exist_ok=True)
        self._columns = []
        if self.append and self.filename.exists():
            with self.filename.open(newline="", encoding="utf-8") as lines:
                self._columns = next(csv.reader(lines, delimiter=self.separator), [])
        else:
            self.filename.write_text("", encoding="utf-8")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write a line."""
        line = {"epoch": epoch, **(logs or {})}
        first = not self._columns
        if first:
            self._columns = list(line)
        if unknown := [name for name in line if name not in self._columns]:
            raise ValueError(
                f"CSVLogger has no column for {unknown[0]!r} in {str(self.filename)!r}; "
                f"it has {', '.join(map(repr, self._columns))}. Write to another file."
            )
        with self.filename.open("a", newline="", encoding="utf-8") as lines:
            table = csv.DictWriter(lines, self._columns, delimiter=self.separator)
            if first:
                table.writeheader()
            table.writerow(line)

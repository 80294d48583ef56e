"""Files: readable JSON, written atomically.

A program's file holds its wiring, its variables by path, the population that the next
`fit` starts from, and what `compile` was given. Scripts are lists of lines, so that
`diff` shows how the algorithm changed.
"""

import os
import tempfile
from pathlib import Path

from synthflow.data_models.schema import Json
from synthflow.errors import SavingError

FORMAT = 1
"""Version of the format; a file of a later one is refused."""


def write_json(path: str | os.PathLike[str], content: Json) -> None:
    """Write readable JSON, so that the file is either the old or the new one at every moment.

    Raises:
        SavingError: The name does not end in `.json`, or the content is more than JSON can
            say the same everywhere, such as an integer of more than 64 bits; no file is touched.
    """
    import orjson

    if Path(path).suffix != ".json":
        raise SavingError(f"Programs are saved as JSON, so the name ends in .json: {os.fspath(path)!r}.")
    try:
        text = orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError as error:
        raise SavingError(f"{os.fspath(path)} was not written: {error}.") from error
    write_text(path, text.decode())


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file, so that it is either the old or the new one at every moment."""
    target = Path(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _permissions(target))
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_json(path: str | os.PathLike[str]) -> dict[str, Json]:
    """Read a file that `write_json` wrote.

    Raises:
        SavingError: It is not such a file, or of a later format.
    """
    import orjson

    try:
        content = orjson.loads(Path(path).read_bytes())
    except orjson.JSONDecodeError as error:
        raise SavingError(f"{os.fspath(path)} is not JSON, or only a part of it: {error}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("synthflow"), int):
        raise SavingError(f"{os.fspath(path)} was not written by synthflow: it has no field 'synthflow'.")
    if content["synthflow"] > FORMAT:
        raise SavingError(
            f"{os.fspath(path)} has format {content['synthflow']}, and this version reads {FORMAT}. Upgrade synthflow."
        )
    return content


def _permissions(target: Path) -> int:
    """Keep those of a file that is there; a new one gets what the process gives new files."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

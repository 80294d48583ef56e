"""Files are readable JSON, and either the old or the new one at every moment."""

import os

import pytest

from synthflow.errors import SavingError
from synthflow.programs.files import FORMAT, read_json, write_json, write_text


def test_what_is_written_is_read(tmp_path):
    """With an indent and a last line."""
    write_json(tmp_path / "a.json", {"synthflow": FORMAT, "ü": [1, "x"]})

    assert read_json(tmp_path / "a.json") == {"synthflow": FORMAT, "ü": [1, "x"]}
    assert (tmp_path / "a.json").read_text(encoding="utf-8").splitlines()[1] == f'  "synthflow": {FORMAT},'


@pytest.mark.parametrize("content", [{"n": 2**70}, {"s": "\ud800"}, {"o": object()}])
def test_what_json_cannot_hold_leaves_the_old_file(tmp_path, content):
    """And nothing beside it."""
    write_json(tmp_path / "a.json", {"synthflow": FORMAT})

    with pytest.raises(SavingError, match="was not written"):
        write_json(tmp_path / "a.json", content)
    assert read_json(tmp_path / "a.json") == {"synthflow": FORMAT}
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize("broken", ["replace", "fsync", "chmod"])
def test_a_crash_in_the_middle_leaves_the_old_file(tmp_path, monkeypatch, broken):
    """And no part of the new one."""
    write_text(tmp_path / "a.txt", "old")

    def crash(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr(os, broken, crash)
    with pytest.raises(OSError, match="no space"):
        write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_permissions_are_those_of_the_old_file_or_of_any_new_one(tmp_path):
    """Not those of a temporary file."""
    write_text(tmp_path / "new", "")
    (tmp_path / "plain").touch()
    (tmp_path / "old").touch(0o600)
    os.chmod(tmp_path / "old", 0o640)
    write_text(tmp_path / "old", "")

    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["program.pkl", "program", "program.JSON"])
def test_a_name_that_is_not_json_is_refused(tmp_path, name):
    """The message shows it."""
    with pytest.raises(SavingError, match=r"ends in \.json"):
        write_json(tmp_path / name, {})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b'{"synthflow": 1, ', "not JSON"),
        (b"\x80\x04\x95pickle", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"synthflow": NaN}', "not JSON"),
        (b"[]", "not written by synthflow"),
        (b'{"weights": 1}', "not written by synthflow"),
        (b'{"synthflow": "1"}', "not written by synthflow"),
        (b'{"synthflow": 2}', "Upgrade"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, content, words):
    """The message names it."""
    (tmp_path / "a.json").write_bytes(content)

    with pytest.raises(SavingError, match=words) as raised:
        read_json(tmp_path / "a.json")
    assert str(tmp_path / "a.json") in str(raised.value)

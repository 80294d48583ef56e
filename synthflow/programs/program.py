"""Program: a whole graph, or a class of one's own, that is trained, saved and served as one."""

import os
from collections.abc import Mapping
from typing import Any, Self

from synthflow.errors import SavingError
from synthflow.graph import render
from synthflow.language_models.defaults import set_default_language_model
from synthflow.programs import files
from synthflow.programs.graph_format import decode_program
from synthflow.programs.objects import decode, shared_models
from synthflow.programs.training import TrainableProgram


class Program(TrainableProgram):
    """A graph of modules that is compiled, trained, saved and served as one.

    There are three ways to make one. *Functional*: give `inputs` and `outputs`.
    *Subclassed*: write a class with modules as attributes and a `call` that awaits
    them. *Mixed*: write a class with `async def build(self, inputs)` that wires the
    modules and ends with `self.close_graph(inputs, outputs)`; it is called once, with promises.

    Args:
        inputs: What `Input(...)` returned, or a list, tuple or dict of such.
        outputs: What modules promised, in any such structure.
        name: Its name in messages and saved files.
        description: What it is for; shown to whoever proposes new values.
        trainable: Whether training may change its variables.

    Raises:
        GraphError: The outputs need an input that was not given, or names clash.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> from synthflow.modules.identity import Identity
    >>> from synthflow.modules.input import Input
    >>> class Question(DataModel):
    ...     content: str
    >>> async def main():
    ...     inputs = Input(data_model=Question)
    ...     program = Program(inputs=inputs, outputs=await Identity()(inputs))
    ...     return await program(Question(content="Why?"))
    >>> asyncio.run(main())
    JsonDataModel({'content': 'Why?'})
    """

    @classmethod
    def load(cls, path: str | os.PathLike[str], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Make a program from a file that `save` wrote, compiled as it was.

        Its models have no ledger and no key but that of the environment; a server that the file names, and that is
        not on this machine, is asked nothing before `trust_server()`: see `program.language_models`.

        Args:
            path: The file.
            custom_objects: Your own classes and functions that the file names, by name.

        Raises:
            SavingError: The file is damaged, of another kind, or names what is not trusted.
        """
        content = files.read_json(path)
        if "program" not in content:
            raise SavingError(
                f"{os.fspath(path)} holds variables only.\n"
                "  program.load_variables(path)   <- on the program they belong to"
            )
        known = {**{kind.__name__: kind for kind in (*_program_classes(), cls)}, **(custom_objects or {})}
        try:
            with shared_models():
                program = decode_program(content["program"], known)
                compiled = decode(content["compile"], known) if "compile" in content else None
            if not isinstance(program, cls):
                raise SavingError(f"{os.fspath(path)} holds a {type(program).__name__}, not a {cls.__name__}.")
            for name, variable in program.named_variables():
                variable.trainable = name not in content["frozen"]
            program.restore(content, path)
            if compiled is not None:
                program.recompile(compiled)
        except SavingError:
            raise
        except (LookupError, AttributeError, TypeError, ValueError, RecursionError) as error:
            raise SavingError(
                f"{os.fspath(path)} is not a program of this format: {type(error).__name__}: {error}"
            ) from error
        return program


def plot_program(program: Program, to_file: str = "program.svg", *, show_schemas: bool = True) -> str:
    """Draw a program as an SVG file; no graphviz is needed.

    Args:
        program: A program with a graph.
        to_file: Where to write.
        show_schemas: Whether boxes show the fields.

    Returns:
        The path of the file.

    Raises:
        ValueError: The name does not end in `.svg`.
        GraphError: The program has no graph.
    """
    if not to_file.endswith(".svg"):
        raise ValueError(f"The drawing is SVG, so the name ends in .svg: {to_file!r}.")
    files.write_text(to_file, render.to_svg(program.graph, show_schemas=show_schemas))
    return to_file


def clear_session() -> None:
    """Forget the default language model, the one thing that is kept between programs."""
    set_default_language_model(None)


def _program_classes() -> list[type[Program]]:
    """Give the classes that a file may name: those of synthflow itself."""
    from synthflow.programs.sequential import Sequential  # a subclass, so it cannot be imported above

    return [Program, Sequential]

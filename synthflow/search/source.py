"""Reading the source of scripts that a proposer wrote, without running them."""

import ast
import warnings


def parse(script: str) -> ast.Module:
    """Parse a script; its warnings, such as that of an odd escape sequence, are nobody's.

    Raises:
        SyntaxError: It is not Python, or is nested too deeply to be read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(script)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or "nested too deeply") from None


def functions(script: str) -> dict[str, str]:
    """Give the content of each top-level function by name; what lies between them is under ''.

    Two functions with the same content differ at most in comments and layout.

    Raises:
        SyntaxError: The script does not parse.

    >>> list(functions("def f(x): return x"))
    ['f', '']
    """
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    parts: dict[str, list[ast.stmt]] = {}
    rest: list[ast.stmt] = []
    for node in parse(script).body:
        if isinstance(node, kinds):
            parts.setdefault(node.name, []).append(node)
        else:
            rest.append(node)
    try:
        return {name: "\n".join(ast.dump(node) for node in nodes) for name, nodes in {**parts, "": rest}.items()}
    except (RecursionError, ValueError) as error:  # too deep, or an integer too long to be written
        raise SyntaxError(str(error)) from None

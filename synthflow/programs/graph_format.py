"""The graph of a program as JSON: its nodes in order, each with what it reads.

A node reads `"name"`, the only output of that node, or `{"node": "name", "path": [...]}`,
one of several. Structures of such are `{"$list": [...]}`, `{"$tuple": [...]}` and `{"$dict": {...}}`.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.data_models.schema import Json
from synthflow.errors import SavingError
from synthflow.graph.graph import Graph
from synthflow.graph.symbolic import OPERATORS, Combine, Constant, Node, Source, SymbolicDataModel, as_promise
from synthflow.modules.input import Input
from synthflow.naming import distinct
from synthflow.programs.objects import decode, encode
from synthflow.programs.wired import WiredProgram


def encode_program(program: WiredProgram, *, opaque: bool = False) -> Json:
    """Turn a program's wiring and configuration into JSON, without the values of its variables."""
    kind = type(program)
    about = {
        "class": kind.__name__,
        "name": program.name,
        "description": program.description,
        "trainable": program.trainable,
    }
    if program.has_graph and kind.build is WiredProgram.build:
        return {**about, "graph": _encode_graph(program.graph, opaque=opaque)}
    encoded = {**about, "config": encode(program.get_config(), opaque=opaque)}
    if program.has_graph:
        encoded["inputs"] = _pack(lambda promise: _encode_source(promise.node.operation), program.graph.inputs)
    return encoded


def decode_program(content: Json, known: Mapping[str, Any]) -> WiredProgram:
    """Make the program that `encode_program` described.

    Args:
        content: What `encode_program` gave.
        known: The program classes that a file may name, and what else the caller trusts, by name.

    Raises:
        SavingError: A class is unknown, or the content is not of this format.
    """
    if content["class"] not in known:
        raise SavingError(
            f"The file holds a {content['class']!r}, which is not one of synthflow's own.\n"
            f"  load(path, custom_objects={{{content['class']!r}: {content['class']}}})   <- if you trust it"
        )
    kind = known[content["class"]]
    about = {key: content[key] for key in ("name", "description", "trainable")}
    if "graph" in content:
        inputs, outputs = _decode_graph(content["graph"], known)
        program: WiredProgram = kind(inputs=inputs, outputs=outputs, **about)
        return program
    program = kind.from_config(decode(content["config"], known))
    if "inputs" in content:
        run_wiring(program.build(_unpack(lambda source: Input(**decode(source)), content["inputs"])))
    for key, value in about.items():
        setattr(program, key, value)
    return program


def run_wiring(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that only wires modules, and so never waits, without an event loop.

    Raises:
        SavingError: It does wait for something.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise SavingError(
        "build() waited for something. It may only wire modules and operators, so that a file can be loaded."
    )


def _encode_graph(graph: Graph, *, opaque: bool) -> Json:
    names: dict[Node, str] = {}
    nodes = []

    def reads(promise: SymbolicDataModel) -> Json:
        name = names[promise.node]
        return {"node": name, "path": list(promise.path)} if promise.path else name

    for node in graph.nodes:
        first = next((other for other in names if other.operation is node.operation), None)
        what = {"calls": names[first]} if first else _encode_operation(node, opaque=opaque)
        names[node] = distinct(graph.name(node), names.values())
        arguments = {"reads": [_pack(reads, argument) for argument in node.arguments]} if node.arguments else {}
        nodes.append({"node": names[node], **what, **arguments})
    return {"inputs": _pack(reads, graph.inputs), "nodes": nodes, "outputs": _pack(reads, graph.outputs)}


def _encode_operation(node: Node, *, opaque: bool) -> dict[str, Json]:
    operation: Any = node.operation
    if isinstance(operation, Source):
        return {"input": _encode_source(operation)}
    if isinstance(operation, Constant):
        value = operation.value
        return {"constant": {"json": encode(value.get_json()), "schema": encode(value.get_schema())}}
    if isinstance(operation, Combine):
        return {"operator": operation.default_name}
    frozen = {} if operation.trainable else {"trainable": False}  # it may have been frozen since it was made
    return {"module": encode(operation, opaque=opaque), **frozen}


def _decode_graph(content: Json, known: Mapping[str, Any]) -> tuple[Any, Any]:
    outputs: dict[str, Any] = {}
    operations: dict[str, Any] = {}

    def wired(leaf: Json) -> Any:
        promised = outputs[leaf if isinstance(leaf, str) else leaf["node"]]
        for key in () if isinstance(leaf, str) else leaf["path"]:
            promised = promised[key]
        return promised

    for entry in content["nodes"]:
        name = entry["node"]
        arguments = tuple(_unpack(wired, argument) for argument in entry.get("reads", ()))
        if "input" in entry:
            outputs[name] = Input(**decode(entry["input"]))
        elif "constant" in entry:
            outputs[name] = as_promise(JsonDataModel(**decode(entry["constant"])))
        elif "operator" in entry:
            outputs[name] = OPERATORS[entry["operator"]](*arguments)
        else:
            operations[name] = operations[entry["calls"]] if "calls" in entry else _decode_module(entry, known)
            outputs[name] = run_wiring(operations[name](*arguments))
    return _unpack(wired, content["inputs"]), _unpack(wired, content["outputs"])


def _decode_module(entry: Mapping[str, Json], known: Mapping[str, Any]) -> Any:
    module = decode(entry["module"], known)
    module.trainable = entry.get("trainable", True)
    return module


def _encode_source(source: Source) -> Json:
    return {"schema": encode(source.schema), "name": source.name, "optional": source.optional}


def _pack(leaf: Callable[[Any], Json], structure: Any) -> Json:
    if isinstance(structure, dict):
        return {"$dict": {key: _pack(leaf, part) for key, part in structure.items()}}
    if isinstance(structure, (list, tuple)):
        return {f"${type(structure).__name__}": [_pack(leaf, part) for part in structure]}
    return leaf(structure)


def _unpack(leaf: Callable[[Json], Any], packed: Json) -> Any:
    if isinstance(packed, dict):
        if "$dict" in packed:
            return {key: _unpack(leaf, part) for key, part in packed["$dict"].items()}
        if "$list" in packed:
            return [_unpack(leaf, part) for part in packed["$list"]]
        if "$tuple" in packed:
            return tuple(_unpack(leaf, part) for part in packed["$tuple"])
    return leaf(packed)

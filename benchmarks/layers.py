"""What each layer of the shipped network costs.

XNNPACK runs the whole network as one operator and tells nobody how long its parts
take. So the network is cut after each layer in turn: a layer costs what a network
with it costs more than one without. What only other outputs need is not computed, so
that each branch is counted by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from ai_edge_litert.tools import flatbuffer_utils
from benchmarks.measure import in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items()}


def layers(flatbuffer: bytes, repeats: int) -> Iterator[tuple[str, str, float]]:
    """Yield operator, shape of its output, and microseconds.

    Parameters
    ----------
    flatbuffer : bytes
        Of branches that come one after the other, each from the input to where they
        join, as the converter writes them.
    repeats : int > 0
    """
    model = _parse(flatbuffer)
    graph = model.subgraphs[0]
    count = len(graph.operators)
    cuts = [_interpreter(_cut(flatbuffer, n)) for n in range(1, count + 1)]
    times = np.median(in_turn(*(x.invoke for x in cuts), repeats=repeats), axis=1)
    costs = 1e6 * times
    # Where the tensor that is needed first was made; costs there are counted already.
    made = {int(graph.inputs[0]): 0.0}
    for operator, cost in zip(graph.operators, costs, strict=True):
        known = [made[int(x)] for x in operator.inputs if int(x) in made]
        output = int(operator.outputs[0])
        made[output] = float(cost)
        name = _NAMES[model.operatorCodes[operator.opcodeIndex].builtinCode]
        shape = " x ".join(str(n) for n in graph.tensors[output].shape[1:])
        before = sum(known) if name == "ADD" else max(known)
        yield name.lower(), shape, max(0.0, float(cost) - before)


def _parse(flatbuffer: bytes) -> Any:  # noqa: ANN401 - generated, untyped
    return flatbuffer_utils.convert_bytearray_to_object(bytearray(flatbuffer))


def _cut(flatbuffer: bytes, count: int) -> bytes:
    """Keep the first operators only; what the last of them gives is the output."""
    model = _parse(flatbuffer)
    graph = model.subgraphs[0]
    graph.operators = graph.operators[:count]
    graph.outputs = graph.operators[-1].outputs
    model.signatureDefs = []
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _interpreter(flatbuffer: bytes) -> Any:  # noqa: ANN401 - untyped
    interpreter = Interpreter(model_content=flatbuffer, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter

"""Invokes a model in a process of its own, as often as it is told to.

    python invoker.py MODULE MODEL THREADS

Two TensorFlow Lite runtimes want two versions of numpy, so each runs in its own
environment; this file needs nothing else. After a line with its own version it reads
counts from standard input and answers with the processor seconds that so many
invocations took, and with those of the clock.
"""

from __future__ import annotations

import importlib
import sys
import time
from importlib.metadata import version
from pathlib import Path

_DISTRIBUTION = {
    "ai_edge_litert.interpreter": "ai-edge-litert",
    "tflite_runtime.interpreter": "tflite-runtime",
}


def main() -> None:
    """Run from the command line."""
    module, model, threads = sys.argv[1:]
    interpreter = importlib.import_module(module).Interpreter(
        model_content=Path(model).read_bytes(), num_threads=int(threads)
    )
    interpreter.allocate_tensors()
    _answer(version(_DISTRIBUTION[module]))
    for line in sys.stdin:
        processor, clock = time.process_time(), time.perf_counter()
        for _ in range(int(line)):
            interpreter.invoke()
        _answer(f"{time.process_time() - processor} {time.perf_counter() - clock}")


def _answer(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

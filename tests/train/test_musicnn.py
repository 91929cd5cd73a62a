"""musicnn written down once more: what its own code says, from its own weights."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.errors import ConfigError
from genre_train import musicnn
from genre_train.musicnn import N_VALUES, SAMPLE_RATE, TAGS, Musicnn

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

installed = pytest.mark.skipif(
    importlib.util.find_spec("musicnn") is None,
    reason="the teacher is not installed: pip install --no-deps musicnn==0.1.0",
)

# The graph that was saved with the weights, in a process of its own: it needs the ways
# of TensorFlow 1. Its code asks for layers that are no longer there.
OWN = """
import sys
import numpy as np
import tensorflow as tf
v1 = tf.compat.v1
v1.disable_eager_execution()
folder, mel, out = sys.argv[1:]
meta = v1.MetaGraphDef()
meta.ParseFromString(open(folder + "/.meta", "rb").read())
for node in meta.graph_def.node:
    node.attr.pop("_output_shapes", None)
wanted = ["model/moments/Squeeze", "model/Max", "model/dense_1/BiasAdd"]
graph = v1.graph_util.extract_sub_graph(meta.graph_def, wanted)
weights = v1.train.NewCheckpointReader(folder + "/")
v1.import_graph_def(graph, name="")
found = v1.get_default_graph()
names = {node.name: node.op for node in graph.node}
feeds = {
    name + ":0": weights.get_tensor(name.removesuffix("/read"))
    for name in names
    if name.endswith("/read")
}
mel = np.load(mel)
for name in [name for name, kind in names.items() if kind == "Placeholder"]:
    holder = found.get_tensor_by_name(name + ":0")
    feeds[holder] = mel if holder.dtype == tf.float32 else False
with v1.Session() as session:
    mean, peak, logits = session.run([name + ":0" for name in wanted], feeds)
np.savez(out, mean=mean, peak=peak, scores=1 / (1 + np.exp(-logits)))
"""


def sound(seconds: float) -> NDArray[np.float32]:
    """A plucked tune over a little noise."""
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    root = 220 * 2 ** (np.array([0, 4, 7, 12])[(t / 0.4).astype(int) % 4] / 12)
    tone = np.sin(2 * np.pi * root * t) * np.exp(-5 * (t % 0.4))
    hiss = np.random.default_rng(0).normal(0, 0.01, t.size)
    return np.asarray(0.4 * tone + hiss, np.float32)


@installed
def test_an_embedding_every_second(rng: np.random.Generator) -> None:
    network = Musicnn()
    told, scores = network.hear(sound(6.0), window_s=2.0, hop_s=1.0)
    assert told.shape == (5, N_VALUES)
    assert np.isfinite(told).all()
    assert scores.shape == (5, len(TAGS))
    noise = (0.1 * rng.standard_normal(6 * SAMPLE_RATE)).astype(np.float32)
    other, _ = network.hear(noise, window_s=2.0, hop_s=1.0)
    within, between = np.std(told[1] - told[2]), np.std(told[1] - other[1])
    assert between > 2 * within


@installed
def test_its_tags_are_those_that_its_own_code_names() -> None:
    own = (musicnn._installed().parent / "configuration.py").read_text()
    (labels,) = (
        ast.literal_eval(one.value)
        for one in ast.parse(own).body
        if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "MSD_LABELS"
    )
    assert labels == [*TAGS]


@installed
def test_a_sound_shorter_than_a_window_gives_one() -> None:
    told = Musicnn().hear(sound(1.0), window_s=2.0, hop_s=1.0)
    assert told.embeddings.shape == (1, N_VALUES)
    assert told.scores.shape == (1, len(TAGS))


@installed
@pytest.mark.slow
def test_it_says_what_the_saved_graph_says(tmp_path: Path) -> None:
    mel, told = tmp_path / "mel.npy", tmp_path / "told.npz"
    samples = sound(3.0)
    np.save(mel, musicnn._mel(samples)[None, :187])  # as long as it was saved for
    folder = str(musicnn._installed())
    command = [sys.executable, "-W", "ignore", "-c", OWN, folder, str(mel), str(told)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    own = np.load(told)
    network = Musicnn()
    channels = network._channels(musicnn._mel(samples)[:187])
    np.testing.assert_allclose(channels.mean(axis=0), own["mean"].ravel(), atol=2e-3)
    np.testing.assert_allclose(channels.max(axis=0), own["peak"].ravel(), atol=2e-3)
    scores = network.hear(samples, window_s=3.0, hop_s=1.0).scores
    np.testing.assert_allclose(scores, own["scores"], atol=5e-3)


def test_without_the_package_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match="pip install --no-deps musicnn"):
        Musicnn()


@pytest.mark.slow
def test_another_folder_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_text(json.dumps({}))
    with pytest.raises(ConfigError, match="cannot read musicnn"):
        Musicnn(tmp_path)

"""The bundle: what is written is read back, and nothing else is trusted."""

from __future__ import annotations

import json
import re
import struct
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_daemon.errors import BundleError
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import (
    SHIPPED,
    BundleInfo,
    Calibration,
    _calibration,
    read_bundle,
    write_bundle,
)
from genre_daemon.inference.classifier import Classifier
from genre_daemon.smoothing import FilterSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INFO = BundleInfo(
    name="test",
    version="1",
    labels=("jazz", "metal"),
    spec=FeatureSpec(),
    calibration=Calibration(temperature=1.5, threshold=0.3),
    provenance={"seed": 440},
    metrics={"valid": {"accuracy": 0.5, "n": 2}},
)
FLATBUFFER = b"\x1c\0\0\0TFL3" + bytes(range(256)) * 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A bundle whose flatbuffer no runtime would take, but whose frame is sound."""
    written = tmp_path / "model.tflite"
    write_bundle(written, FLATBUFFER, INFO)
    return written


def test_what_is_written_is_read_back(path: Path) -> None:
    bundle = read_bundle(path)
    assert bundle.info == INFO
    assert bundle.flatbuffer == FLATBUFFER
    assert not list(path.parent.glob("*.part"))


def test_same_content_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    write_bundle(tmp_path / "again", FLATBUFFER, INFO)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_any_zip_tool_lists_it(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["labels.txt", "model.json"]
        assert archive.read("labels.txt") == b"jazz\nmetal\n"


def test_shipped_bundle_loads_and_tells_its_figures() -> None:
    info = read_bundle(SHIPPED).info
    assert info.spec == FeatureSpec(chunk_frames=info.spec.chunk_frames)
    assert len(info.labels) >= 10
    assert info.provenance
    assert info.metrics


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        BundleError, match=r"cannot read the bundle .*no.tflite: No suc"
    ):
        read_bundle(tmp_path / "no.tflite")
    with pytest.raises(BundleError, match=r"cannot read the bundle .*: Is a directory"):
        read_bundle(tmp_path)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda data: b"", "is not a TensorFlow Lite model"),
        (lambda data: b"RIFF" + data, "is not a TensorFlow Lite model"),
        (lambda data: data[:2000], "without a description of ours"),
        (lambda data: data[:100] + b"\xff" + data[101:], "is damaged: its model does"),
        (lambda data: FLATBUFFER, "without a description of ours"),
    ],
)
def test_damage_is_told_in_a_sentence(
    path: Path, damage: Callable[[bytes], bytes], sentence: str
) -> None:
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BundleError, match=sentence):
        read_bundle(path)


def rewrite(path: Path, **changes: Any) -> None:  # noqa: ANN401 - any JSON
    """Change keys of the description, keeping everything else."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    description = {**json.loads(members["model.json"]), **changes}
    members["model.json"] = json.dumps(description).encode()
    path.write_bytes(FLATBUFFER)
    with zipfile.ZipFile(path, "a") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": 99}, "format 99 is not 1: it was built for another version"),
        ({"labels": ["jazz"]}, "labels.txt and model.json disagree"),
        ({"spec": {"n_fft": 2048}}, "the feature spec lacks"),
        ({"spec": None}, "a feature spec is a JSON object, got None"),
        ({"calibration": {"temperature": 0}}, "temperature must be 0.01 to 100, got 0"),
        ({"calibration": None}, "calibration is missing"),
        ({"name": ""}, "name must be 1 to 64 characters"),
        ({"metrics": []}, "metrics must be an object"),
    ],
)
def test_a_bad_description_is_told_in_a_sentence(
    path: Path, changes: dict[str, Any], sentence: str
) -> None:
    rewrite(path, **changes)
    with pytest.raises(BundleError, match=sentence):
        read_bundle(path)


def test_a_bundle_from_before_there_were_chunks_hears_whole_patches(
    path: Path,
) -> None:
    spec = INFO.spec.to_json()
    del spec["chunk_frames"]
    rewrite(path, spec=spec)
    assert read_bundle(path).info.spec == FeatureSpec(chunk_frames=216)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (("jazz",), "2 to 1000 labels are needed, got 1"),
        (("jazz", "jazz"), "labels must differ"),
        (("jazz", "silence"), "label 'silence' is reserved"),
        (("jazz", "Hard Rock"), "label 'Hard Rock' must be lower-case"),
        (("jazz", "a/b"), "label 'a/b' must be lower-case"),
    ],
)
def test_labels_must_be_fit_for_a_topic(labels: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(INFO, labels=labels)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_mutated_bundles_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "model.tflite"
    write_bundle(path, FLATBUFFER, INFO)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(content) - 1))
        content[start] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))] or content)
    try:
        assert read_bundle(path).flatbuffer == FLATBUFFER
    except BundleError as error:
        assert str(path) in str(error)  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    ("mark", "place", "field"),
    [
        (b"PK\x05\x06", 16, struct.pack("<I", 0x7FFF_FFFF)),
        (b"PK\x01\x02", 6, struct.pack("<H", 255)),
    ],
    ids=["a directory before the file", "a zip of the far future"],
)
def test_an_absurd_zip_is_refused_in_a_sentence(
    path: Path, mark: bytes, place: int, field: bytes
) -> None:
    # Both were found by fuzzing.
    content = bytearray(path.read_bytes())
    start = content.rindex(mark) + place
    content[start : start + len(field)] = field
    path.write_bytes(content)
    with pytest.raises(BundleError, match=str(path)):
        read_bundle(path)


def test_runtime_refuses_garbage_in_a_sentence(path: Path) -> None:
    with pytest.raises(BundleError, match="the runtime refuses the model"):
        Classifier(read_bundle(path))


def test_model_must_fit_its_own_description(tmp_path: Path) -> None:
    shipped = read_bundle(SHIPPED)
    path = tmp_path / "model.tflite"
    spec = shipped.info.spec
    short = replace(spec, chunk_frames=spec.chunk_frames - 1)
    write_bundle(path, shipped.flatbuffer, replace(shipped.info, spec=short))
    shapes = [(1, one.chunk_frames, one.n_mels, 1) for one in (spec, short)]
    sentence = "the model takes {}, its features have the shape {}".format(*shapes)
    with pytest.raises(BundleError, match=re.escape(sentence)):
        Classifier(read_bundle(path))
    write_bundle(path, shipped.flatbuffer, replace(shipped.info, labels=("a", "b")))
    with pytest.raises(BundleError, match="it names 2 labels"):
        Classifier(read_bundle(path))


def test_a_bundle_that_was_not_fitted_gets_the_usual_filter() -> None:
    described = {"temperature": 1.5, "threshold": 0.3}
    assert _calibration(described) == Calibration(1.5, 0.3, FilterSettings())


def test_a_filter_of_another_version_is_read_as_far_as_it_is_known() -> None:
    described = {"temperature": 1.0, "filter": {"stay": 0.95, "mood": "blue"}}
    assert _calibration(described).filter == FilterSettings(stay=0.95)


@pytest.mark.parametrize("fitted", [[0.9], {"stay": 2}, {"evidence": "much"}])
def test_a_filter_that_makes_no_sense_is_refused(fitted: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        _calibration({"temperature": 1.0, "filter": fitted})

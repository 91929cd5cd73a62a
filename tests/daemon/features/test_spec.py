"""The feature spec: what it accepts, and that it survives JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.features.spec import FeatureSpec


def test_default_is_the_design() -> None:
    spec = FeatureSpec()
    assert (spec.sample_rate, spec.n_fft, spec.hop_length) == (22_050, 2_048, 512)
    assert spec.patch_samples == 112_128
    assert spec.patch_s == pytest.approx(5.085, abs=1e-3)
    assert spec.hop_s == 1.0
    assert (spec.chunk_frames, spec.n_chunks, spec.chunk_hops) == (86, 4, 2)


def test_survives_json() -> None:
    spec = FeatureSpec(sample_rate=16_000, fmax=8_000.0, n_mels=64)
    assert FeatureSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_digest_tells_specs_apart() -> None:
    assert FeatureSpec().digest == FeatureSpec().digest
    assert FeatureSpec().digest != FeatureSpec(n_mels=64).digest


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"n_fft": 2048.0}, "n_fft must be a whole number, got 2048.0"),
        ({"n_mels": 0}, "n_mels must be 4 to 512, got 0"),
        ({"fmin": "low"}, "fmin must be a number, got 'low'"),
        ({"fmax": float("nan")}, "fmax must be 1 to 96000, got nan"),
        ({"fmax": 12_000.0}, "fmin < fmax <= sample_rate / 2 must hold"),
        ({"hop_length": 4096}, "hop_length must be at most n_fft=2048, got 4096"),
        ({"patch_frames": True}, "patch_frames must be a whole number, got True"),
        ({"chunk_frames": 86.0}, "chunk_frames must be a whole number, got 86.0"),
        ({"chunk_frames": 7}, "chunk_frames must be 8 to 4096, got 7"),
        ({"chunk_frames": 217}, "chunk_frames must be at most patch_frames=216, got 2"),
        ({"patch_frames": 85}, "chunk_frames must be at most patch_frames=85, got 86"),
    ],
)
def test_refuses_what_makes_no_sense(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        FeatureSpec(**change)


def test_names_missing_and_unknown_keys() -> None:
    values = FeatureSpec().to_json()
    with pytest.raises(ValueError, match="has colour"):
        FeatureSpec.from_json({**values, "colour": 1})
    del values["n_fft"]
    with pytest.raises(ValueError, match="lacks n_fft"):
        FeatureSpec.from_json(values)


def test_before_there_were_chunks_a_patch_was_heard_as_a_whole() -> None:
    values = FeatureSpec(patch_frames=128).to_json()
    del values["chunk_frames"]
    spec = FeatureSpec.from_json(values)
    assert spec == FeatureSpec(patch_frames=128, chunk_frames=128)
    assert (spec.n_chunks, spec.chunk_hops) == (1, 3)
    del values["patch_frames"]
    with pytest.raises(ValueError, match="lacks chunk_frames, patch_frames"):
        FeatureSpec.from_json(values)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
_NEARLY = st.fixed_dictionaries(dict.fromkeys(FeatureSpec().to_json(), _JSON))


@given(_JSON | _NEARLY)
def test_any_json_gives_a_spec_or_a_sentence(values: object) -> None:
    try:
        spec = FeatureSpec.from_json(values)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either outcome is right
    else:
        assert spec.to_json() == values

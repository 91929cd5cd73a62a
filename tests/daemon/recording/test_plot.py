"""Pictures of a recording: spectrogram, verdicts and probabilities on one axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from genre_daemon.features.logmel import LogMel
from genre_daemon.features.mel import band_edges_hz
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.history.drawing import colour
from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.messages import Prediction, Segment
from genre_daemon.recording.melimage import heat, mel_columns
from genre_daemon.recording.plot import plot_file, stacked
from genre_daemon.recording.report import FileReport, classify_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Image: Any = pytest.importorskip(
    "PIL.Image", reason="pictures are an extra: pip install pillow"
)
SPEC = FeatureSpec()
RATE = SPEC.sample_rate


def write(path: Path, y: NDArray[np.float32], rate: int = RATE) -> Path:
    import soundfile  # noqa: PLC0415 - slow

    soundfile.write(path, y, rate)
    return path


def tone(seconds: float, hz: float) -> NDArray[np.float32]:
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(0.5 * np.sin(2 * np.pi * hz * t), np.float32)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Ten seconds at 440 Hz, then ten at 4 kHz."""
    y = np.concatenate([tone(10, 440), tone(10, 4_000)])
    return write(tmp_path / "two tones.wav", y)


def report(path: Path) -> FileReport:
    """What a model would say that hears the two tones as jazz and metal."""
    labels = ("jazz", "metal")
    predictions = [
        Prediction(float(t), np.array([t <= 10, t > 10], np.float32), -9.0)
        for t in range(5, 21)
    ]
    parts = (Segment(0, 10, "jazz", 0.9), Segment(10, 20, "metal", 0.8))
    return FileReport(
        path, 20.0, "jazz", 0.9, parts, tuple(predictions), labels, partial=False
    )


def test_columns_are_the_frames_averaged(tmp_path: Path) -> None:
    samples = SPEC.n_fft + 249 * SPEC.hop_length
    y = np.asarray(np.random.default_rng(440).normal(0, 0.1, samples), np.float32)
    path = write(tmp_path / "noise.flac", y)
    duration_s = samples / RATE
    few = mel_columns(path, SPEC, 10, duration_s)
    assert few.shape == (10, SPEC.n_mels)
    frames = LogMel(SPEC).push(y)
    expected = frames.reshape(10, 25, SPEC.n_mels).mean(axis=1)
    np.testing.assert_allclose(few, expected, atol=0.05)  # FLAC keeps 16 bits
    assert len(mel_columns(path, SPEC, 10_000, duration_s)) == 250


def test_a_recording_shorter_than_its_header_says_is_no_trouble(
    recording: Path,
) -> None:
    found = mel_columns(recording, SPEC, 100, 40.0)
    assert 45 <= len(found) <= 55


def test_colours_go_evenly_from_dark_to_light() -> None:
    colours = heat(np.linspace(0, 1, 256, dtype=np.float32)).astype(float)
    brightness = colours @ (0.299, 0.587, 0.114)
    assert (np.diff(brightness) >= -0.5).all()
    assert tuple(colours[0]) == (0, 0, 4)
    assert tuple(colours[-1]) == (252, 253, 191)


def test_areas_are_as_high_as_their_probabilities() -> None:
    colours = [(1, 0, 0), (2, 0, 0), (3, 0, 0)]
    table = np.array([[0.5, 0.3, 0.2], [0.0, 0.0, 1.0]], np.float32)
    area = stacked(table, colours, 100)[..., 0]
    assert [(area[:, 0] == i).sum() for i in (1, 2, 3)] == [50, 30, 20]
    assert area[-1, 0] == 1, "the first label is at the bottom"
    assert (area[:, 1] == 3).all()


def test_everything_is_where_the_axes_say(recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    plot_file(report(recording), SPEC, out)
    with Image.open(out) as image:
        picture = np.asarray(image.convert("RGB")).astype(int)
    mel = picture[170:730, 150:1_850].sum(axis=2)
    centres_hz = band_edges_hz(SPEC)[1:-1]
    for left, right, hz in ((50, 800, 440), (900, 1_650, 4_000)):
        brightest = mel[:, left:right].mean(axis=1).argmax()
        band = SPEC.n_mels - 1 - brightest * SPEC.n_mels / 560
        assert np.interp(band, np.arange(SPEC.n_mels), centres_hz) == pytest.approx(
            hz, rel=0.06
        )
    for row in (755, 960):  # verdicts, and probabilities below
        assert tuple(picture[row, 160]) == colour("jazz")
        assert tuple(picture[row, 1_840]) == colour("metal")
        edge = np.argmax((picture[row, 150:1_850] == colour("metal")).all(axis=1))
        assert edge == pytest.approx(850, abs=3)


def test_a_real_report_can_be_drawn(recording: Path, tmp_path: Path) -> None:
    bundle = read_bundle(SHIPPED)
    out = tmp_path / "out.png"
    plot_file(classify_file(recording, bundle), bundle.info.spec, out)
    assert out.stat().st_size > 20_000


@pytest.mark.parametrize("seconds", [0.2, 1.0])
def test_the_shortest_recording_can_be_drawn(tmp_path: Path, seconds: float) -> None:
    bundle = read_bundle(SHIPPED)
    path = write(tmp_path / "short.wav", tone(seconds, 440))
    out = tmp_path / "out.png"
    plot_file(classify_file(path, bundle), bundle.info.spec, out)
    assert out.exists()

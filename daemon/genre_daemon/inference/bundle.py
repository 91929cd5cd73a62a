"""The model bundle: one ``.tflite`` file that describes itself.

A TensorFlow Lite flatbuffer with a zip appended (the TensorFlow Lite Metadata
convention, so ``unzip -l model.tflite`` lists it) that holds ``labels.txt`` and
``model.json``. Nothing in a bundle is trusted before sizes, hash, shapes and label
count agree.

References
----------
https://ai.google.dev/edge/litert/conversion/tensorflow/metadata
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import struct
import zipfile
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from genre_daemon.errors import BundleError
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.messages import NO_MUSIC, STATES
from genre_daemon.smoothing.settings import FITTED, FilterSettings

SHIPPED = Path(__file__).parents[1] / "models" / "genre-listen.tflite"
"""The bundle that comes with the daemon."""

FORMAT = 1
"""Version of the layout of ``model.json``."""

_MAX_BYTES = 64 * 1024 * 1024
_MAX_MEMBER_BYTES = 1024 * 1024
_MIN_LABELS, _MAX_LABELS = 2, 1_000
_MAX_NAME = 64
_LABEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_MEMBERS = ("labels.txt", "model.json")
# What the zip module raises for a damaged or unusual member.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    struct.error,
)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bundle has the same bytes on any day


@dataclass(frozen=True)
class Calibration:
    """How scores become probabilities of being right, and when to say nothing."""

    temperature: float = 1.0
    """Logits are divided by this before the softmax."""
    threshold: float = 0.4
    """Confidence under which a verdict is ``unknown``."""
    filter: FilterSettings = field(default_factory=FilterSettings)
    """How predictions become verdicts; defaults where a bundle was not fitted."""

    def __post_init__(self) -> None:
        for name, low, high in (("temperature", 0.01, 100.0), ("threshold", 0.0, 1.0)):
            value = getattr(self, name)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not (number and math.isfinite(value) and low <= value <= high):
                raise ValueError(f"{name} must be {low:g} to {high:g}, got {value!r}")


@dataclass(frozen=True)
class BundleInfo:
    """What a bundle says of itself: the content of ``model.json``."""

    name: str
    version: str
    labels: tuple[str, ...]
    spec: FeatureSpec
    calibration: Calibration
    provenance: dict[str, Any] = field(default_factory=dict)
    """Data set, counts, split, seed, commit: how the model came to be."""
    metrics: dict[str, Any] = field(default_factory=dict)
    """Measured figures, each with n and an interval, and int8 against float."""

    def __post_init__(self) -> None:
        for key in ("name", "version"):
            value = getattr(self, key)
            if not (isinstance(value, str) and 0 < len(value) <= _MAX_NAME):
                raise ValueError(
                    f"{key} must be 1 to {_MAX_NAME} characters, got {value!r:.80}"
                )
        _check_labels(self.labels)
        for key in ("provenance", "metrics"):
            if not isinstance(getattr(self, key), dict):
                raise ValueError(f"{key} must be an object")

    @property
    def title(self) -> str:
        """Name and version, as one word for logs and MQTT."""
        return f"{self.name}-{self.version}"

    def to_json(self) -> dict[str, Any]:
        """Return all of it as a JSON object."""
        return {
            "name": self.name,
            "version": self.version,
            "labels": list(self.labels),
            "spec": self.spec.to_json(),
            "calibration": asdict(self.calibration),
            "provenance": self.provenance,
            "metrics": self.metrics,
        }


@dataclass(frozen=True)
class Bundle:
    """A bundle that was checked: its description and its flatbuffer."""

    info: BundleInfo
    flatbuffer: bytes = field(repr=False)
    path: Path


def _check_labels(labels: tuple[str, ...]) -> None:
    if not _MIN_LABELS <= len(labels) <= _MAX_LABELS:
        raise ValueError(
            f"{_MIN_LABELS} to {_MAX_LABELS} labels are needed, got {len(labels)}"
        )
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise ValueError(
                f"label {label!r:.80} must be lower-case letters, digits, - and _"
            )
    if len(set(labels)) != len(labels):
        raise ValueError("labels must differ from each other")
    reserved = (set(STATES) - {NO_MUSIC}) & set(labels)
    if reserved:
        raise ValueError(f"label {min(reserved)!r} is reserved for the daemon")


def write_bundle(path: Path, flatbuffer: bytes, info: BundleInfo) -> None:
    """Write flatbuffer and description as one file, replacing it in one step."""
    description = {
        "format": FORMAT,
        **info.to_json(),
        "sha256": hashlib.sha256(flatbuffer).hexdigest(),
    }
    buffer = io.BytesIO(flatbuffer)
    buffer.seek(0, io.SEEK_END)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("labels.txt", "\n".join(info.labels) + "\n"),
            ("model.json", json.dumps(description, indent=2, allow_nan=False) + "\n"),
        ):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, text)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(buffer.getvalue())
    partial.replace(path)


def read_bundle(path: Path) -> Bundle:
    """Read and check a bundle.

    Raises
    ------
    BundleError
        If the file is missing, too large, corrupt, or no bundle of this project.
    """
    data = _read_bytes(path)
    if data[4:8] != b"TFL3":
        raise BundleError(
            f"{path} is not a TensorFlow Lite model: "
            "build one with 'genre-export build'"
        )
    flatbuffer, members = _split(path, data)
    try:
        info = _parse(members)
    except ValueError as error:
        raise BundleError(f"{path} has a bad description: {error}") from error
    digest = json.loads(members["model.json"]).get("sha256")
    if hashlib.sha256(flatbuffer).hexdigest() != digest:
        raise BundleError(
            f"{path} is damaged: its model does not match its own checksum; "
            "copy or build it again"
        )
    return Bundle(info, flatbuffer, path)


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise BundleError(
                f"{path} is too large for a bundle: {size} bytes, "
                f"at most {_MAX_BYTES} are accepted"
            )
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise BundleError(f"cannot read the bundle {path}: {reason}") from error


def _split(path: Path, data: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Separate the flatbuffer from the members of the zip behind it."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _UNREADABLE as error:
        raise BundleError(
            f"{path} is a TensorFlow Lite model without a description of ours "
            "(labels, features): build a bundle with 'genre-export build'"
        ) from error
    with archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        for name in _MEMBERS:
            if name not in entries:
                raise BundleError(
                    f"{path} lacks {name}: it was not built by 'genre-export build'"
                )
            if entries[name].file_size > _MAX_MEMBER_BYTES:
                raise BundleError(
                    f"{path} holds an oversized {name}: {entries[name].file_size} bytes"
                )
        start = min(entry.header_offset for entry in entries.values())
        try:
            return data[:start], {name: archive.read(name) for name in _MEMBERS}
        except _UNREADABLE as error:
            raise BundleError(f"{path} is damaged: {error}; copy it again") from error


def _parse(members: dict[str, bytes]) -> BundleInfo:
    description = json.loads(members["model.json"].decode())
    if not isinstance(description, dict):
        raise ValueError("model.json is no object")
    if description.get("format") != FORMAT:
        raise ValueError(
            f"format {description.get('format')!r:.20} is not {FORMAT}: it was built "
            "for another version of genre-listen"
        )
    labels = members["labels.txt"].decode().split()
    if description.get("labels") != labels:
        raise ValueError("labels.txt and model.json disagree")
    calibration = description.get("calibration")
    if not isinstance(calibration, dict):
        raise ValueError("calibration is missing")
    return BundleInfo(
        name=description.get("name", ""),
        version=description.get("version", ""),
        labels=tuple(labels),
        spec=FeatureSpec.from_json(description.get("spec")),
        calibration=_calibration(calibration),
        provenance=description.get("provenance", {}),
        metrics=description.get("metrics", {}),
    )


def _calibration(described: dict[str, Any]) -> Calibration:
    """Take the numbers that are known; others are those of a later version."""
    numbers = {k: v for k, v in described.items() if k in ("temperature", "threshold")}
    fitted = described.get("filter", {})
    if not isinstance(fitted, dict):
        raise ValueError(f"filter must be an object, got {fitted!r:.40}")
    known = {k: v for k, v in fitted.items() if k in FITTED}
    return Calibration(**numbers, filter=FilterSettings(**known))

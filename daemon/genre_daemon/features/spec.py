"""The one definition of the features, written into every bundle.

Training and listening build their stages from the same :class:`FeatureSpec`, so
that a model never hears features other than those it was trained on.

Conventions
-----------
Rates and frequencies are in hertz, lengths in samples or frames as named.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

# Bounds that keep a hostile or mistaken bundle from asking for absurd memory.
_LIMITS: dict[str, tuple[float, float]] = {
    "sample_rate": (4_000, 192_000),
    "n_fft": (64, 16_384),
    "hop_length": (16, 16_384),
    "n_mels": (4, 512),
    "fmin": (0.0, 96_000.0),
    "fmax": (1.0, 96_000.0),
    "amin": (1e-20, 1.0),
    "top_db": (1.0, 200.0),
    "patch_frames": (8, 4_096),
    "chunk_frames": (8, 4_096),
    "hop_samples": (64, 1_920_000),
}


@dataclass(frozen=True)
class FeatureSpec:
    """Everything that decides what a patch is, and what is heard of it at once.

    Raises
    ------
    ValueError
        If a number is of the wrong type or outside its range.
    """

    sample_rate: int = 22_050
    """Hertz, of the mono signal the features are computed from."""
    n_fft: int = 2_048
    """Samples in one analysis window (periodic Hann)."""
    hop_length: int = 512
    """Samples between two frames."""
    n_mels: int = 128
    """Mel bands (Slaney scale and norm)."""
    fmin: float = 0.0
    """Hertz, lower edge of the lowest band."""
    fmax: float = 11_025.0
    """Hertz, upper edge of the highest band."""
    amin: float = 1e-10
    """Power below which the level is not followed."""
    top_db: float = 80.0
    """Decibels under the maximum of the chunk at which levels are clipped."""
    patch_frames: int = 216
    """Frames in one patch (5 s)."""
    hop_samples: int = 22_050
    """Samples between two patches (1 s), and between two chunks of a patch."""
    chunk_frames: int = 86
    """Frames in one chunk (2 s): what the network hears at once. As long as a patch,
    it hears every patch anew; shorter, each hop only brings one new chunk."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            whole = field.type == "int"
            if isinstance(value, bool) or not isinstance(
                value, int if whole else (int, float)
            ):
                kind = "a whole number" if whole else "a number"
                raise ValueError(f"{field.name} must be {kind}, got {value!r}")
            low, high = _LIMITS[field.name]
            if not (math.isfinite(value) and low <= value <= high):
                raise ValueError(
                    f"{field.name} must be {low:g} to {high:g}, got {value!r}"
                )
        if not self.fmin < self.fmax <= self.sample_rate / 2:
            raise ValueError(
                "fmin < fmax <= sample_rate / 2 must hold, got "
                f"fmin={self.fmin:g}, fmax={self.fmax:g}, "
                f"sample_rate={self.sample_rate}"
            )
        if self.hop_length > self.n_fft:
            raise ValueError(
                f"hop_length must be at most n_fft={self.n_fft}, got {self.hop_length}"
            )
        if self.chunk_frames > self.patch_frames:
            raise ValueError(
                f"chunk_frames must be at most patch_frames={self.patch_frames}, got "
                f"{self.chunk_frames}"
            )

    @property
    def patch_samples(self) -> int:
        """Samples that one patch spans."""
        return self.n_fft + (self.patch_frames - 1) * self.hop_length

    @property
    def patch_s(self) -> float:
        """Seconds that one patch spans."""
        return self.patch_samples / self.sample_rate

    @property
    def hop_s(self) -> float:
        """Seconds between two patches."""
        return self.hop_samples / self.sample_rate

    @property
    def n_chunks(self) -> int:
        """Chunks in one patch."""
        spare = self.patch_frames - self.chunk_frames
        return 1 + spare * self.hop_length // self.hop_samples

    @property
    def chunk_hops(self) -> int:
        """Hops that are about as long as a chunk."""
        return max(1, round(self.chunk_frames * self.hop_length / self.hop_samples))

    def due(self, number: int) -> int:
        """Return how many frames have come when a patch is complete.

        Counted in samples, not by adding up rounded periods, so that hops never drift.

        Parameters
        ----------
        number : int
            Of the patch, from 0. The chunks of the first patch but its last one end
            where patches of negative numbers would.
        """
        return self.patch_frames + number * self.hop_samples // self.hop_length

    def chunk_stops(self, number: int = 0) -> list[int]:
        """Return where the chunks of a patch end, frames from its beginning.

        Neighbouring patches have all chunks but one in common.
        """
        start = self.due(number) - self.patch_frames
        chunks = range(number - self.n_chunks + 1, number + 1)
        return [self.due(one) - start for one in chunks]

    @property
    def digest(self) -> str:
        """Short hash of all the numbers, for naming caches."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """Return the numbers as a plain JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Build a spec from a JSON object that names every number and no other.

        Without ``chunk_frames``, as before there were chunks, the network hears a
        patch as a whole.

        Raises
        ------
        ValueError
            If a key is missing, unknown, or its value is out of range.
        """
        if not isinstance(values, dict):
            raise ValueError(f"a feature spec is a JSON object, got {values!r}"[:200])
        if "patch_frames" in values:
            values = {"chunk_frames": values["patch_frames"], **values}
        known = {field.name for field in fields(cls)}
        for wrong, word in (
            (known - set(values), "lacks"),
            (set(values) - known, "has"),
        ):
            if wrong:
                named = ", ".join(sorted(map(str, wrong)))
                raise ValueError(f"the feature spec {word} {named}"[:200])
        return cls(**values)

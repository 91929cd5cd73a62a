"""What a bundle says of itself, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genre_daemon.inference.bundle import Bundle


def as_object(bundle: Bundle) -> dict[str, Any]:
    """Return the description as a JSON object."""
    info = bundle.info
    return {
        "path": str(bundle.path),
        "bytes": len(bundle.flatbuffer),
        "name": info.name,
        "version": info.version,
        "labels": list(info.labels),
        "spec": info.spec.to_json(),
        "calibration": {
            "temperature": info.calibration.temperature,
            "threshold": info.calibration.threshold,
        },
        "provenance": info.provenance,
        "metrics": info.metrics,
    }


def render(bundle: Bundle) -> str:
    """Return the description as lines of text."""
    info, spec = bundle.info, bundle.info.spec
    hears = (
        f"{spec.patch_s:.1f} s every {spec.hop_s:g} s: {spec.n_mels} mel bands, "
        f"{spec.fmin:g} to {spec.fmax:g} Hz, at {spec.sample_rate} Hz"
    )
    says = (
        f"'unknown' under {info.calibration.threshold:.0%} confidence "
        f"(temperature {info.calibration.temperature:.2f})"
    )
    lines = [
        f"{info.title}  ({bundle.path})",
        f"  {len(bundle.flatbuffer) / 1e3:.0f} kB, int8",
        f"  names     {', '.join(info.labels)}",
        f"  hears     {hears}",
        f"  says      {says}",
    ]
    for title, table in (("made from", info.provenance), ("measured", info.metrics)):
        if table:
            lines += ["", f"  {title}"]
            lines += [f"    {key:28} {value}" for key, value in _flat(table)]
    return "\n".join(lines)


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield nested keys as ``outer.inner`` with values a person can read."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, float):
            yield f"{prefix}{key}", f"{value:.4g}"
        elif isinstance(value, list):
            yield f"{prefix}{key}", ", ".join(map(str, value))[:200]
        else:
            yield f"{prefix}{key}", str(value)

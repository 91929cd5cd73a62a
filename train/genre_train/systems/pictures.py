"""Log-mel windows as the pictures that some systems learn from. Pure functions.

Conventions
-----------
A window is (frames, bands); a picture is (rows, columns, channels) in [0, 1], with 256
levels as in a file, time to the right and the lowest band in the bottom row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEVELS = 255.0


def resize_frames(windows: NDArray[np.float32], n_frames: int) -> NDArray[np.float32]:
    """Average or repeat frames until there are so many.

    Parameters
    ----------
    windows : ndarray, shape (n, frames, bands)

    Returns
    -------
    ndarray, shape (n, n_frames, bands), float32
    """
    frames = windows.shape[1]
    edges = np.linspace(0, frames, n_frames + 1)
    first = np.minimum(edges[:-1].astype(int), frames - 1)
    last = np.maximum(edges[1:].astype(int), first + 1)
    columns = [
        windows[:, start:stop].mean(axis=1)
        for start, stop in zip(first, last, strict=True)
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def grey_image(windows: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Draw windows in grey, shape (n, size, bands), the loudest point white.

    Returns
    -------
    ndarray, shape (n, bands, size, 1), float32 in [0, 1]
    """
    squares = resize_frames(windows, size)
    low = squares.min(axis=(1, 2), keepdims=True)
    span = squares.max(axis=(1, 2), keepdims=True) - low
    grey = np.rint((squares - low) / np.maximum(span, 1e-3) * _LEVELS) / _LEVELS
    upright = grey.transpose(0, 2, 1)[:, ::-1, :, None]
    return np.ascontiguousarray(upright, np.float32)


def colour_image(windows: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Draw windows in matplotlib's default colours, shape (n, bands, size, 3)."""
    from matplotlib import colormaps  # noqa: PLC0415 - slow, and only here

    grey = grey_image(windows, size)[..., 0]
    levels = np.rint(grey * _LEVELS).astype(np.intp)
    return np.asarray(colormaps["viridis"](levels)[..., :3], np.float32)


def of_patches(shown: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return patches (n, frames, bands, 1) to look at: (n, bands, frames)."""
    return shown[..., 0].transpose(0, 2, 1)


def of_images(shown: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return pictures (n, rows, columns, channels) to look at, lowest band first."""
    return np.asarray(shown.mean(axis=-1)[:, ::-1])


def of_squares(shown: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return squares (n, bands, frames) as they are."""
    return shown

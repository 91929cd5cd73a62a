"""Figures drawn with matplotlib. Pure functions: nothing is shown or written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_train.systems.scoring import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from genre_train.report.content import Content, Mistake
    from genre_train.systems.scoring import Predictions

INK = "#16191d"
"""Of text and lines; the page replaces it by its own text colour."""
ACCENT, SECOND, THIRD = "#3f7fd4", "#d9822b", "#4b9e6b"

_BINS = 10
_STRONG = 0.6  # share of a row above which text on the accent is white


def style() -> AbstractContextManager[None]:
    """Return the style in which everything is drawn and written."""
    import matplotlib as mpl  # noqa: PLC0415 - slow, and only here

    return mpl.rc_context(
        {
            "font.family": "sans-serif",
            "font.size": 10,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": False,
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
            "legend.frameon": False,
            "svg.fonttype": "none",
            "svg.hashsalt": "genre-train",
            **dict.fromkeys(
                (
                    "text.color",
                    "axes.edgecolor",
                    "axes.labelcolor",
                    "axes.titlecolor",
                    "xtick.color",
                    "ytick.color",
                ),
                INK,
            ),
        }
    )


def drawings(content: Content) -> Iterator[tuple[str, str, Figure]]:
    """Draw everything that a run gives cause for.

    Yields
    ------
    name : str
        Of the PNG, without its suffix.
    title : str
    figure : Figure
    """
    yield "accuracy", "How often it is right", accuracy(content.figures)
    yield "genres", "Each genre", genres(content.figures["per_genre"])
    yield (
        "confusion",
        "What is taken for what",
        confusion(np.array(content.figures["confusion"]), content.predictions.labels),
    )
    yield (
        "calibration",
        "Whether its confidence is kept",
        calibration(content.predictions),
    )
    if content.history:
        yield "learning", "How it learned", learning(content.history)
    seen = [mistake for mistake in content.mistakes if mistake.picture is not None]
    if seen:
        yield "mistakes", "Where it was surest and wrong", mistakes(seen)


def accuracy(figures: dict[str, Any]) -> Figure:
    """Draw window and track accuracy and macro F1 with their intervals."""
    figure, axes = _canvas(7.0, 2.0)
    rows = (
        ("example", "accuracy"),
        ("track", "track_accuracy"),
        ("macro F1", "macro_f1"),
    )
    for place, (_, key) in enumerate(rows):
        found = Interval(**figures[key])
        axes.plot([found.low, found.high], [place, place], color=ACCENT, lw=2)
        axes.plot(found.value, place, "o", color=ACCENT)
        axes.annotate(
            f"{found.value:.3f}",
            (found.value, place),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
        )
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_ylim(len(rows) - 0.5, -0.7)
    axes.set_xlim(0, 1)
    axes.set_xlabel("95 % interval")
    return figure


def genres(per_genre: dict[str, dict[str, float]]) -> Figure:
    """Draw precision, recall and F1 of every genre."""
    figure, axes = _canvas(7.0, 1.2 + 0.42 * len(per_genre))
    height = 0.26
    names = (("precision", ACCENT), ("recall", SECOND), ("f1", THIRD))
    places = np.arange(len(per_genre))
    for i, (name, colour) in enumerate(names):
        values = [row[name] for row in per_genre.values()]
        axes.barh(places + (i - 1) * height, values, height, color=colour, label=name)
    labels = [f"{label} (n={row['support']})" for label, row in per_genre.items()]
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def confusion(matrix: NDArray[np.int64], labels: Sequence[str]) -> Figure:
    """Draw a confusion matrix: a row a genre, coloured by its share of the row."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgb  # noqa: PLC0415

    n = len(labels)
    side = 1.6 + 0.5 * n
    figure, axes = _canvas(side, side)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    colour = to_rgb(ACCENT)
    fading = LinearSegmentedColormap.from_list("fading", [(*colour, 0), (*colour, 1)])
    axes.imshow(shares, cmap=fading, vmin=0, vmax=1)
    for said, named in np.argwhere(matrix):
        strong = shares[said, named] > _STRONG
        axes.text(
            named,
            said,
            str(matrix[said, named]),
            ha="center",
            va="center",
            color="white" if strong else INK,
        )
    axes.set_xticks(range(n), labels, rotation=45, ha="right")
    axes.set_yticks(range(n), labels)
    axes.set_xlabel("named")
    axes.set_ylabel("said")
    return figure


def calibration(predictions: Predictions) -> Figure:
    """Draw how often it is right, over how sure it is."""
    figure, axes = _canvas(5.0, 4.4)
    confidence = predictions.probabilities.max(axis=1)
    right = predictions.probabilities.argmax(axis=1) == predictions.genre
    place = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    filled = [b for b in range(_BINS) if (place == b).any()]
    sure = [float(confidence[place == b].mean()) for b in filled]
    kept = [float(right[place == b].mean()) for b in filled]
    count = np.array([int((place == b).sum()) for b in filled])
    axes.plot([0, 1], [0, 1], "--", color=INK, alpha=0.4, lw=1)
    axes.plot(sure, kept, color=ACCENT)
    axes.scatter(sure, kept, s=20 + 220 * count / count.max(), color=ACCENT, alpha=0.6)
    axes.set(
        xlim=(0, 1),
        ylim=(0, 1),
        xlabel="confidence (uncalibrated)",
        ylabel="share that is right",
    )
    return figure


def learning(history: dict[str, list[float]]) -> Figure:
    """Draw loss and accuracy over the epochs, as far as they were written down."""
    figure, grid = _canvases(7.0, 4.6, rows=2)
    above, below = np.ravel(grid)
    epoch = history["epoch"]
    for axes, measure in ((above, "loss"), (below, "accuracy")):
        for prefix, colour, label in (
            ("", ACCENT, "training"),
            ("valid_", SECOND, "held out"),
        ):
            values = history.get(prefix + measure)
            if values:
                axes.plot(epoch, values, color=colour, label=label, lw=1.4)
        axes.set_ylabel(measure)
    handles = [line for axes in (above, below) for line in axes.lines]
    figure.legend(
        handles={line.get_label(): line for line in handles}.values(),
        loc="outside upper right",
        ncols=2,
    )
    below.set_xlabel("epoch")
    return figure


def mistakes(shown: Sequence[Mistake]) -> Figure:
    """Draw the spectrograms of what was named wrongly."""
    columns = 3
    rows = -(-len(shown) // columns)
    figure, grid = _canvases(7.4, 2.5 * rows, rows=rows, columns=columns)
    for axes in np.ravel(grid):
        axes.set_axis_off()
    for axes, mistake in zip(np.ravel(grid), shown, strict=False):
        axes.imshow(mistake.picture, origin="lower", aspect="auto", cmap="magma")
        axes.set_title(
            f"{mistake.track}\n{mistake.said}, named {mistake.named} "
            f"({mistake.confidence:.2f})",
            fontsize=8,
        )
    return figure


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    figure, axes = _canvases(width, height)
    return figure, axes


def _canvases(
    width: float, height: float, rows: int = 1, columns: int = 1
) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow, and only here

    figure = Figure((width, height), layout="constrained")
    return figure, figure.subplots(rows, columns)

"""The model card: what people read, what a page holds, and what a liar cannot do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from genre_daemon.cli import app
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.bundle import (
    SHIPPED,
    Bundle,
    BundleInfo,
    Calibration,
    read_bundle,
)
from genre_daemon.inference.modelcard import as_object, markdown, render

if TYPE_CHECKING:
    from collections.abc import Mapping

LABELS = ("blues", "jazz", "no_music")


def share(value: float, n: int = 50, **more: int) -> dict[str, Any]:
    return {"value": value, "n": n, "low": value - 0.1, "high": value + 0.1, **more}


METRICS: dict[str, Any] = {
    "on": "valid",
    "window_accuracy": {"int8": share(0.7), "float": share(0.71)},
    "same_top1": share(0.99),
    "recall": {"blues": 0.8, "jazz": 0.5},
    "confusion": [[8, 2, 0], [4, 5, 1], [0, 0, 9]],
    "calibration": {
        "fitted_on": "folds",
        "measured": "cross-fitted",
        "n": 640,
        "bins": "15 of equal size",
        "calibration_error": 0.041,
        "calibration_error_before": 0.12,
        "calibration_error_by_chance": 0.038,
        "named": share(0.9),
        "right_when_named": None,
        "risk_coverage": [{"coverage": 0.5, "threshold": 0.8, "n": 320, "risk": 0.1}],
    },
    "conditions": {
        "conditions": {"clean": "as it is", "phone": "300 Hz to 6 kHz"},
        "accuracy": {"clean": share(0.66, recordings=15)},
        "change": {
            "phone": {"value": -0.03, "low": -0.08, "high": 0.02, "recordings": 33}
        },
        "no_music": {"speech": {"clean": share(0.97, recordings=25)}},
        "named": {"environment": {"clean": share(0.04, recordings=80)}},
    },
}
PROVENANCE = {
    "data": "arrays.npz",
    "counts": {"train": {"tracks": 443, "per_genre": {"blues": 46, "jazz": 43}}},
    "limits": ["Only 3 s of each track.", "Western genres."],
}


def bundle(
    metrics: Mapping[str, Any] = METRICS, labels: tuple[str, ...] = LABELS
) -> Bundle:
    info = BundleInfo(
        "toy", "1", labels, FeatureSpec(), Calibration(), PROVENANCE, dict(metrics)
    )
    return Bundle(info, b"x" * 50_000, Path("toy.tflite"))


@pytest.mark.parametrize("write", [render, markdown])
@pytest.mark.parametrize(
    "told",
    [
        "0.700",
        "0.600 to 0.800",
        "4 of 10",
        "0.041",
        "0.038",
        "speech called no_music",
        "0.970",
        "phone against clean: -3.0 points (-8.0 to +2.0) over 33 clips, of which 15",
        "environmental sound given a genre",
        "blues 46, jazz 43",
        "Only 3 s of each track.",
    ],
)
def test_everything_that_matters_is_told(write: Any, told: str) -> None:  # noqa: ANN401 - either writer
    assert told in write(bundle())


@pytest.mark.parametrize("write", [render, markdown])
def test_what_a_room_costs_networks_that_did_not_learn_the_clips_comes_first(
    write: Any,  # noqa: ANN401 - either writer
) -> None:
    unlearned = {
        "model": "2 runs, each on the clips that it did not learn",
        "conditions": {"living room": "a loudspeaker, each clip in 8"},
        "accuracy": {"clean": share(0.64, recordings=33)},
        "change": {
            "living room": {"value": -0.042, "low": -0.09, "high": 0.01}
            | {"recordings": 33}
        },
    }
    told = {**METRICS["conditions"], "unlearned": unlearned}
    text = write(bundle({**METRICS, "conditions": told}))
    assert "2 runs, each on the clips that it did not learn; a loudspeaker" in text
    ours = "living room against clean: -4.2 points (-9.0 to +1.0) over 33 clips, "
    assert text.index(ours + "cross-validated") < text.index("phone against clean")
    assert text.index("0.640") < text.index("0.660")


def test_the_worst_confusion_comes_first() -> None:
    lines = render(bundle()).splitlines()
    begin = next(i for i, line in enumerate(lines) if "Known confusions" in line)
    assert lines[begin + 2].split()[:2] == ["jazz", "blues"]


def test_a_model_without_the_class_says_so() -> None:
    assert "no class for it" in render(bundle(labels=("blues", "jazz", "rock")))
    assert "no class for it" not in render(bundle())


def test_a_model_that_was_not_measured_is_told_without_figures() -> None:
    text = render(bundle({}))
    assert "names  blues, jazz, no_music" in text
    assert "How good it is" not in text


@pytest.mark.parametrize("key", METRICS)
@pytest.mark.parametrize(
    "nonsense", [None, 3, "x", [], {}, [[1, "a"]], {"a": {}}, [[0, 1, -1]] * 3]
)
def test_figures_of_another_form_are_passed_over(key: str, nonsense: object) -> None:
    text = render(bundle({**METRICS, key: nonsense}))
    assert "Made from" in text


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_nothing_in_a_description_reaches_the_terminal_as_a_command(
    value: object,
) -> None:
    strange = bundle({**METRICS, "on": value})
    info = replace(strange.info, provenance={"limits": [value], "x": value})
    for write in (render, markdown):
        text = write(replace(strange, info=info))
        assert all(c.isprintable() or c == "\n" for c in text)


def test_a_page_is_made_of_headings_tables_and_lists() -> None:
    page = markdown(bundle())
    assert page.startswith("# toy-1\n")
    for line in page.splitlines():
        assert not line.startswith(" ")
    table = page.split("## Recall of each genre\n\n")[1].split("\n\n")[0]
    assert table.splitlines() == [
        "| genre | named rightly |",
        "| --- | --- |",
        "| blues | 0.80 |",
        "| jazz | 0.50 |",
    ]


def test_the_page_says_how_it_is_made_and_not_where() -> None:
    done = CliRunner().invoke(app, ["model", "--markdown"])
    assert done.exit_code == 0
    assert "`genre-daemon model --markdown`" in done.output
    assert str(SHIPPED.parent) not in done.output


def test_the_page_in_the_documentation_is_that_of_the_shipped_model() -> None:
    """If not: ``genre-daemon model --markdown > docs/model.md``."""
    page = Path(__file__).parents[3] / "docs" / "model.md"
    assert page.read_text(encoding="utf-8") == markdown(read_bundle(SHIPPED)) + "\n"


def test_programs_get_all_of_it() -> None:
    told = as_object(bundle())
    assert told["metrics"] == METRICS
    assert told["provenance"] == PROVENANCE
    assert told["calibration"]["temperature"] == 1.0


def test_the_shipped_model_is_told() -> None:
    text = render(read_bundle(SHIPPED))
    for title in ("What it is", "How good it is", "Recall of each genre", "Made from"):
        assert title in text

"""The report: all that it must hold, and that a real browser shows it."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from genre_train.report.build import build_report
from genre_train.report.content import Content, Mistake
from genre_train.report.drawings import drawings, style
from genre_train.report.page import render_page
from genre_train.report.rendering import as_svg
from genre_train.systems.scoring import Predictions, figures

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PICTURES = {"accuracy", "genres", "confusion", "calibration", "learning", "mistakes"}


@pytest.fixture
def content(rng: np.random.Generator) -> Content:
    """A run that is right about half of the time."""
    labels = ("blues", "drum & bass", "rock")
    genre = rng.integers(0, 3, 60)
    scores = rng.random((60, 3)).astype(np.float32)
    scores[np.arange(60), genre] += 0.4
    predictions = Predictions(
        labels,
        scores / scores.sum(axis=1, keepdims=True),
        genre,
        np.array([f"t{i}" for i in range(60)]),
    )
    picture = rng.normal(size=(32, 40)).astype(np.float32)
    return Content(
        title="a <run>",
        leaky=False,
        facts={"system": "flat-cnn", "split": "honest: by track"},
        predictions=predictions,
        figures=figures(predictions),
        history={
            "epoch": [1.0, 2.0],
            "loss": [2.0, 1.0],
            "valid_loss": [2.1, 1.5],
            "accuracy": [0.3, 0.6],
            "valid_accuracy": [0.3, 0.5],
        },
        mistakes=[Mistake("t0", "blues", "rock", 0.97, picture)],
    )


def page_of(content: Content) -> str:
    with style():
        drawn = [(n, t, as_svg(figure, n)) for n, t, figure in drawings(content)]
    return render_page(content, drawn)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("src", "href", "xlink:href") and value:
                self.outside.append(value)


def test_the_page_holds_every_figure_and_loads_nothing(content: Content) -> None:
    page = page_of(content)
    tags = _Tags()
    tags.feed(page)
    assert set(tags.ids) >= PICTURES
    assert len(tags.ids) == len(set(tags.ids))
    assert all(link.startswith(("#", "data:")) for link in tags.outside)
    for text in (
        "precision",
        "recall",
        "support",
        "macro F1",
        "95 %",
        "drum &amp; bas",
    ):
        assert text in page or text == "support"
    assert "a &lt;run&gt;" in page
    assert "<run>" not in page
    assert "<script" not in page


def test_a_leaky_run_is_stamped_in_title_numbers_and_words(content: Content) -> None:
    honest = page_of(content)
    assert "LEAKY" not in honest
    leaky = Content(**{**content.__dict__, "leaky": True})
    page = page_of(leaky)
    assert "<title>LEAKY a &lt;run&gt;" in page
    assert page.count("LEAKY") >= 5
    assert "Leaky split." in page


def test_a_drawing_takes_the_colour_of_the_page(content: Content) -> None:
    page = page_of(content)
    assert "currentColor" in page
    assert "#16191d" not in page
    assert re.search(r"prefers-color-scheme:\s*dark", page)


def shot(page: Path, out: Path) -> Image.Image:
    """Let a headless browser draw the page."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium is installed (apt package chromium)")
    subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={out.parent / 'profile'}",
            "--window-size=900,3000",
            f"--screenshot={out}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return Image.open(out).convert("L")


@pytest.mark.parametrize("dark", [False, True])
def test_a_real_browser_shows_it_light_and_dark(
    content: Content, tmp_path: Path, *, dark: bool
) -> None:
    page = tmp_path / "report.html"
    text = page_of(content)
    if dark:  # the browser has no flag for it: make the rule hold always
        text = text.replace("@media (prefers-color-scheme: dark)", "@media all")
    page.write_text(text)
    grey = np.asarray(shot(page, tmp_path / "shot.png"), float)
    ground = grey[:, 2].mean()
    assert (ground < 40) if dark else (ground > 245)
    # Every tenth of the page but the last holds something that stands out.
    for band in np.array_split(grey, 10)[:-3]:
        assert (np.abs(band - ground) > 60).mean() > 0.002


def test_a_run_folder_becomes_a_page_and_pictures(
    tmp_path: Path, small_run: Path
) -> None:
    page = build_report(small_run, tmp_path / "report")
    assert page.read_text().startswith("<!doctype html>")
    pictures = {path.stem for path in page.parent.glob("*.png")}
    assert pictures >= PICTURES - {"mistakes"}
    for path in page.parent.glob("*.png"):
        with Image.open(path) as picture:
            assert min(picture.size) > 250

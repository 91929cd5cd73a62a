"""The eleven systems: what each is, as its source describes it, and how it is trained.

``compact`` is this project's own and is trained by ``genre_train.fitting``; the others
share one protocol. The sources are student and industry reports that do not state
everything; what had to be chosen is said in the docstring of the model function, and
here for the recipe. Every optimiser is Adam.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_train.systems import inputs, pictures
from genre_train.systems.networks.flat import flat_cnn, flat_cnn_2x2, flat_cnn_first
from genre_train.systems.networks.pictures import hybrid, image_cnn
from genre_train.systems.networks.temporal import mfcc_lstm, time_axis_cnn
from genre_train.systems.networks.vectors import feature_cnn, feature_dnn, feature_mlp

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from genre_train.systems.inputs import Sources
    from genre_train.systems.material import Material

COMPACT = "compact"
"""The shipped network, which has a training loop of its own."""

_UNTIL_IT_STOPS = 100  # epochs, where only the patience is published


@dataclass(frozen=True)
class Recipe:
    """How a system is trained."""

    epochs: int
    batch_size: int = 32
    learning_rate: float = 0.001
    patience: int = 0
    """Epochs without a lower loss on the stopping side, then the best weights are
    restored; 0 trains to the end."""


@dataclass(frozen=True)
class System:
    """A published system."""

    name: str
    source: str
    shown: str
    """Its input, in words."""
    published: str
    """The figure of its source."""
    differs: str
    """Why the honest figure is another one."""
    parameters: int
    """Trainable or not, with the input as published and the genres as published."""
    shapes: tuple[tuple[int, ...], ...]
    """Shape of one example of each input as published."""
    prepare: Callable[..., Material]
    """Takes ``Sources`` and ``clips``."""
    network: Callable[[tuple[NDArray[np.float32], ...], int], Any]
    recipe: Recipe
    picture: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None
    """Turns its first input into spectrograms to look at, where it is one."""
    genres: int = 0
    """Genres it knows, the first by name; 0 for all."""
    leaky: bool = True
    """Whether its source let tracks or artists fall on both sides."""
    clips: bool = False
    """Whether its source cut each track into several examples."""

    def material(self, sources: Sources, *, clips: bool) -> Material:
        """Return what the system is shown of what the user has.

        Raises
        ------
        ConfigError
            If what it needs is not there.
        """
        try:
            found = self.prepare(sources, clips=clips and self.clips)
        except ConfigError as error:
            raise ConfigError(f"{self.name}: {error}") from error
        return found.first_genres(self.genres)


_STUDENT = "student project on a regularised CNN"
_COMPARISON = "student comparison of four kinds of network"
_CUT = "5 s clips of one track were on both sides"
_ARTISTS = "artists and duplicates were on both sides"

_PUBLISHED = (
    System(
        name="flat-cnn",
        source=_STUDENT,
        shown="5 s mel, 128x216, dB over its maximum, 26 clips a track",
        published="80 %",
        differs=f"{_CUT}; 3 s a track here instead of 30 s",
        parameters=2_157_450,
        shapes=((216, 128, 1),),
        prepare=inputs.spectrograms,
        picture=pictures.of_patches,
        network=flat_cnn,
        recipe=Recipe(_UNTIL_IT_STOPS, patience=5),
        clips=True,
    ),
    System(
        name="flat-cnn-first",
        source=f"{_STUDENT}, first attempt",
        shown="5 s mel, 128x216, dB as they are",
        published="about 60 %, overfits",
        differs=f"{_CUT}; one of its layers was removed for that figure",
        parameters=222_232,
        shapes=((216, 128, 1),),
        prepare=inputs.spectrograms,
        picture=pictures.of_patches,
        network=flat_cnn_first,
        recipe=Recipe(10),
        clips=True,
    ),
    System(
        name="flat-cnn-2x2",
        source=f"{_STUDENT}, variant",
        shown="5 s mel, 128x216, dB as they are",
        published="as good as flat-cnn",
        differs=f"{_CUT}; 3 s a track here instead of 30 s",
        parameters=4_368_890,
        shapes=((216, 128, 1),),
        prepare=inputs.spectrograms,
        picture=pictures.of_patches,
        network=flat_cnn_2x2,
        recipe=Recipe(_UNTIL_IT_STOPS, patience=3),
        clips=True,
    ),
    System(
        name="feature-cnn",
        source=_COMPARISON,
        shown="57 summary features of 30 s, standardised",
        published="75.15 %",
        differs=_ARTISTS,
        parameters=140_362,
        shapes=((57,),),
        prepare=inputs.summaries,
        network=feature_cnn,
        recipe=Recipe(10, batch_size=4),
    ),
    System(
        name="image-cnn",
        source=_COMPARISON,
        shown="grey spectrogram picture, 128x128",
        published="43.20 %",
        differs="3 s a track here instead of 30 s; size and epochs are not published",
        parameters=3_705_930,
        shapes=((128, 128, 1),),
        prepare=inputs.grey_pictures,
        picture=pictures.of_images,
        network=image_cnn,
        recipe=Recipe(20),
    ),
    System(
        name="mfcc-lstm",
        source=_COMPARISON,
        shown="MFCC 1-13 of 130 frames (3 s)",
        published="78.97 %",
        differs="pieces of one track were on both sides; one piece a track here",
        parameters=57_802,
        shapes=((130, 13),),
        prepare=inputs.sequences,
        network=mfcc_lstm,
        recipe=Recipe(60),
        clips=True,
    ),
    System(
        name="feature-mlp",
        source=_COMPARISON,
        shown="57 summary features of 30 s, standardised",
        published="about 65 %",
        differs=_ARTISTS,
        parameters=16_330,
        shapes=((57,),),
        prepare=inputs.summaries,
        network=feature_mlp,
        recipe=Recipe(100),
    ),
    System(
        name="hybrid",
        source="conference paper on joining features",
        shown="128x128x3 spectrogram picture and 57 features",
        published="macro F1 0.80",
        differs=f"{_ARTISTS}; the picture shows 3 s here instead of 30 s",
        parameters=851_050,
        shapes=((128, 128, 3), (57,)),
        prepare=inputs.pictures_and_summaries,
        picture=pictures.of_images,
        network=hybrid,
        recipe=Recipe(20),
    ),
    System(
        name="feature-dnn",
        source="industry tutorial",
        shown="57 features of 3 s pieces, standardised",
        published="92.93 %",
        differs="pieces of one track were on both sides; one piece a track here",
        parameters=202_826,
        shapes=((57,),),
        prepare=inputs.pieces,
        network=feature_dnn,
        recipe=Recipe(600, batch_size=128),
        clips=True,
    ),
    System(
        name="time-axis-cnn",
        source="student project that keeps songs apart",
        shown="30 s mel, square (128x128), mono, six genres",
        published="80.06 %",
        differs="3 s a track here instead of 30 s; which six genres is not published",
        parameters=8_713_510,
        shapes=((128, 128),),
        prepare=inputs.squares,
        picture=pictures.of_squares,
        network=time_axis_cnn,
        recipe=Recipe(30),
        genres=6,
        leaky=False,
    ),
)

SYSTEMS: dict[str, System] = {system.name: system for system in _PUBLISHED}
"""The ten published systems by name; ``compact`` is not among them."""

NAMES: tuple[str, ...] = (COMPACT, *SYSTEMS)
"""All eleven."""


def find(name: str) -> System:
    """Return a published system.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    if name not in SYSTEMS:
        raise ConfigError(
            f"there is no system {name!r}: choose one of {', '.join(NAMES)}"
        )
    return SYSTEMS[name]

"""Genres by the tags that others were trained to tell, without any label of ours.

musicnn has learned what listeners call music, YAMNet what annotators do, and among
their tags are genres. Asked about a recording, they say nothing of where a genre of
ours ends and the next begins; but they have heard far more of each than a few hundred
windows hold, and they hear the recording itself, not one that was made to sound again.

Taggers have favourites, and scores of rare tags are low: of each genre only counts how
far a recording stands out among all that are asked about. Of a genre that a tagger has
no tag for it has no opinion.

References
----------
Y. Xian et al., "Zero-shot learning: a comprehensive evaluation of the good, the bad
and the ugly", IEEE TPAMI 41(9), 2019.
J. Choi et al., "Zero-shot learning for audio-based music classification and tagging",
ISMIR 2019.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_train.embeddings import TAGS, scores_of
from genre_train.heads import Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from genre_train.embeddings import Rows

_ALSO = {
    "classical": ("classical music", "opera"),
    "country": ("bluegrass",),
    "hiphop": ("hip-hop", "hip hop music"),
    "jazz": ("swing music",),
    "metal": ("heavy metal",),
    "pop": ("pop music",),
    "reggae": ("ska",),
    "rock": (
        *("rock music", "rock and roll", "hard rock", "classic rock", "punk rock"),
        *("progressive rock", "psychedelic rock", "grunge"),
    ),
}
"""Tags that stand for a genre beside its own name, whatever their case."""

_WEIGHT = 0.7  # of each tagger, against a classifier that has learned from labels
_LEAST_SCORE = 1e-4  # below it, scores tell nothing


def zero_shot(genres: Sequence[str], heard: Sequence[Rows]) -> NDArray[np.float32]:
    """Return how much recordings stand out for each genre.

    Parameters
    ----------
    genres : sequence of str
    heard : sequence of Rows, not empty
        Those of recordings, which are compared with each other.

    Returns
    -------
    ndarray, shape (n_recordings, n_genres), float32
        Logits, but for a constant of each recording.
    """
    together = np.zeros((len(heard), len(genres)), np.float32)
    for tagger, tags in TAGS.items():
        rows = [recording[scores_of(tagger)] for recording in heard]
        scores = np.stack([one.astype(np.float32).mean(axis=0) for one in rows])
        levels = np.log(scores + _LEAST_SCORE)
        for place, genre in enumerate(genres):
            standing = [number for number, tag in enumerate(tags) if names(tag, genre)]
            if standing:
                strongest = levels[:, standing].max(axis=1)
                together[:, place] += _WEIGHT * Scale.of(strongest).apply(strongest)
    return together


def names(tag: str, genre: str) -> bool:
    """Tell whether a tag of others stands for a genre."""
    known = tag.casefold()
    return known == genre.casefold() or known in _ALSO.get(genre.casefold(), ())

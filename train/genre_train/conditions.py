"""How good a model is in a room, at the end of a bad line, and without any music.

Every sound is played four times (:func:`listening`): as it is, and through three
channels. Speech, noise and unlabelled music are of the held-out side. Of the clips,
those in ``train`` only serve to see what a channel costs; a final model that was
trained on ``valid`` too has heard the first 3 s of every clip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.messages import NO_MUSIC
from genre_train.channel import LOUDSPEAKERS, MICROPHONES, Channel, low_pass
from genre_train.clusters import clustered_share, paired_change
from genre_train.dataset import TRAIN, VALID
from genre_train.nomusic import (
    ENVIRONMENT,
    FREE_MUSIC,
    HELD_OUT,
    MUSIC,
    SPEECH,
    Source,
    list_sources,
)
from genre_train.progress import progress
from genre_train.rooms import impulse_responses
from genre_train.samples import read_samples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.ears import Ear
    from genre_train.noises import Samples

    Play = Callable[[Samples, int], Samples]

CLEAN, ROOM, PHONE, DULL = "clean", "living room", "phone", "low-passed"

DESCRIPTIONS = {
    CLEAN: "as it is",
    ROOM: "small loudspeaker, simulated room (0.2 to 0.8 s), pink noise at 15 dB SNR, "
    "microphone with its own noise at 40 dB",
    PHONE: "telephone loudspeaker, 300 Hz to 6 kHz, 15 dB SNR, the same microphone",
    DULL: "nothing above 4 kHz",
}
"""What is done to the sound, in words."""

CLIPS = "clips"
ROOMS = 8
"""Simulated, for the condition of that name."""

_ROOM_SEED = 1_000  # others than the rooms that are trained on
_SNR_DB = 15.0
_SELF_NOISE_DB = 40.0
_CUTOFF_HZ = 4_000.0


@dataclass(frozen=True)
class Heard:
    """The windows of one kind of sound under one condition."""

    probabilities: NDArray[np.float32]
    """Shape (n, n_labels)."""
    sources: tuple[Source, ...]
    """One for each window."""

    @property
    def recordings(self) -> list[str]:
        """What each window was cut from: tracks, programmes, recordings."""
        return [source.name for source in self.sources]


def listening(sample_rate: int, n_rooms: int = ROOMS) -> dict[str, Play]:
    """Return the conditions: functions of samples and of the recording's number.

    The number chooses the room and seeds the noise, so that a recording is always
    played in the same way.
    """
    rooms = impulse_responses(n_rooms, sample_rate, _ROOM_SEED)
    microphone = MICROPHONES["mems"]

    def through(channel: Channel, samples: Samples, number: int) -> Samples:
        return channel.apply(samples, sample_rate, np.random.default_rng(number))

    def room(samples: Samples, number: int) -> Samples:
        channel = Channel(
            LOUDSPEAKERS["small"],
            rooms[number % n_rooms],
            microphone,
            snr_db=_SNR_DB,
            self_noise_db=_SELF_NOISE_DB,
        )
        return through(channel, samples, number)

    def phone(samples: Samples, number: int) -> Samples:
        channel = Channel(
            LOUDSPEAKERS["phone"],
            microphone=microphone,
            snr_db=_SNR_DB,
            self_noise_db=_SELF_NOISE_DB,
        )
        return through(channel, samples, number)

    return {
        CLEAN: lambda samples, _: samples,
        ROOM: room,
        PHONE: phone,
        DULL: lambda samples, _: low_pass(samples, sample_rate, _CUTOFF_HZ),
    }


def material(folder: Path) -> list[Source]:
    """List what is played: clips of known genre, and held-out sounds of other kinds.

    Of a free track one excerpt is enough.

    Raises
    ------
    ConfigError
        If the data folder lacks them.
    """
    played = list_clips(folder)
    kinds = (SPEECH, ENVIRONMENT, MUSIC, FREE_MUSIC)
    held_out = [s for s in list_sources(folder, kinds) if s.side == HELD_OUT]
    seen: set[str] = set()
    for source in held_out:
        if source.kind != FREE_MUSIC or source.group not in seen:
            played.append(source)
        if source.kind == FREE_MUSIC:
            seen.add(source.group)
    return played


def list_clips(folder: Path) -> list[Source]:
    """List clips of known genre: their side is their folder's, their group the genre.

    Raises
    ------
    ConfigError
        If there are none.
    """
    clips = [
        Source(f"{CLIPS}/{path.stem}", CLIPS, side, path.stem.partition(".")[0], path)
        for side in (VALID, TRAIN)
        for path in sorted((folder / "gtzan_clips" / side).glob("*.flac"))
    ]
    if not clips:
        raise ConfigError(f"{folder} holds no gtzan_clips: give the data folder")
    return clips


def listen(
    ear: Ear, sources: Mapping[int, Source], conditions: Mapping[str, Play]
) -> dict[str, dict[str, Heard]]:
    """Play every source under every condition.

    Parameters
    ----------
    sources : mapping of int to Source
        By the number that chooses the room of each.

    Returns
    -------
    dict
        By condition, then by kind.

    Raises
    ------
    AudioError
        If a recording cannot be decoded.
    """
    said: dict[tuple[str, str], list[tuple[Source, NDArray[np.float32]]]] = {}
    with progress("listening", len(sources)) as step:
        for number, source in sources.items():
            assert source.path is not None  # noqa: S101 - none of these is synthetic
            samples = read_samples(source.path, ear.spec.sample_rate)
            for name, play in conditions.items():
                heard = ear.hear(play(samples, number))
                said.setdefault((name, source.kind), []).append((source, heard))
            step(source.name)
    found: dict[str, dict[str, Heard]] = {name: {} for name in conditions}
    for (name, kind), pairs in said.items():
        found[name][kind] = Heard(
            np.concatenate([probabilities for _, probabilities in pairs]),
            tuple(s for s, probabilities in pairs for _ in probabilities),
        )
    return found


def evaluate_conditions(ear: Ear, folder: Path, n_rooms: int = ROOMS) -> dict[str, Any]:
    """Measure a model under every condition.

    Returns
    -------
    dict
        ``accuracy`` of the valid clips and ``change`` against clean over all clips;
        ``no_music`` shares of speech and music; ``named`` shares of environmental
        sound that were given a genre. All by condition, all of 5 s windows, a second
        apart; intervals account for windows of one recording being alike.
    """
    sources = dict(enumerate(material(folder)))
    heard = listen(ear, sources, listening(ear.spec.sample_rate, n_rooms))
    clips = {name: heard[name][CLIPS] for name in heard}
    right = {name: named_rightly(ear, clips[name]) for name in heard}
    valid = np.array([s.side == VALID for s in clips[CLEAN].sources])
    names = np.array(clips[CLEAN].recordings)
    report: dict[str, Any] = {
        "model": ear.title,
        "conditions": DESCRIPTIONS,
        "no_music_class": NO_MUSIC in ear.labels,
        "threshold": ear.threshold,
        "accuracy": {
            name: clustered_share(right[name][valid], names[valid].tolist()).to_json()
            for name in heard
        },
        "change": against_clean(right, names.tolist()),
        "named": {ENVIRONMENT: _shares(ear, heard, ENVIRONMENT, _named)},
    }
    if report["no_music_class"]:
        report["no_music"] = {
            kind: _shares(ear, heard, kind, _called_no_music)
            for kind in (SPEECH, ENVIRONMENT, MUSIC, FREE_MUSIC, CLIPS)
        }
    return report


def against_clean(
    right: Mapping[str, NDArray[np.bool_]], recordings: Sequence[str]
) -> dict[str, Any]:
    """Return what each condition changes, of the same windows in each, shape (n,)."""
    return {
        name: paired_change(right[CLEAN], hits, recordings)
        for name, hits in right.items()
        if name != CLEAN
    }


def named_rightly(ear: Ear, heard: Heard) -> NDArray[np.bool_]:
    """Return where clips are given the genre that they have, shape (n,).

    Raises
    ------
    ConfigError
        If the model does not know one of these genres.
    """
    unknown = {s.group for s in heard.sources} - set(ear.labels)
    if unknown:
        raise ConfigError(
            f"{ear.title} knows no {min(unknown)!r}: conditions are measured on clips "
            "of the ten GTZAN genres"
        )
    truth = np.array([ear.labels.index(s.group) for s in heard.sources])
    return np.asarray(heard.probabilities.argmax(axis=1) == truth)


def _called_no_music(ear: Ear, heard: Heard) -> NDArray[np.bool_]:
    place = ear.labels.index(NO_MUSIC)
    return np.asarray(heard.probabilities.argmax(axis=1) == place)


def _named(ear: Ear, heard: Heard) -> NDArray[np.bool_]:
    """Return where a genre is named: it is the likeliest, and likely enough."""
    sure = np.asarray(heard.probabilities.max(axis=1) >= ear.threshold)
    return sure & ~_called_no_music(ear, heard) if NO_MUSIC in ear.labels else sure


def _shares(
    ear: Ear,
    heard: dict[str, dict[str, Heard]],
    kind: str,
    hit: Callable[[Ear, Heard], NDArray[np.bool_]],
) -> dict[str, Any]:
    return {
        name: clustered_share(hit(ear, kinds[kind]), kinds[kind].recordings).to_json()
        for name, kinds in heard.items()
    }

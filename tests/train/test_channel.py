"""Loudspeaker, room, noise and microphone on samples, each against arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from tests.train.songs import RATE, song

from genre_train.channel import (
    LOUDSPEAKERS,
    MICROPHONES,
    Channel,
    Tone,
    add_noise,
    babble,
    colour,
    low_pass,
    mixed,
    reverberate,
    to_level,
)
from genre_train.noises import Samples, coloured


def tone(hz: float, seconds: float = 1.0) -> Samples:
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(0.1 * np.sin(2 * np.pi * hz * t), np.float32)


LOW, HIGH = np.float32(5) * tone(200), np.float32(0.1) * tone(2000)


def db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 15.0, 40.0])
def test_the_ratio_of_signal_to_noise_is_exact(
    rng: np.random.Generator, snr_db: float
) -> None:
    sound = song("drums", rng, 2)
    noise = coloured(rng, RATE, RATE, 3.0)
    added = add_noise(sound, noise, snr_db) - sound
    assert db(sound) - db(added) == pytest.approx(snr_db, abs=0.1)


def test_silence_gets_no_noise() -> None:
    silence = np.zeros(100, np.float32)
    np.testing.assert_array_equal(add_noise(silence, silence + 1, 10.0), silence)


def level_db(samples: Samples, hertz: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(20 * np.log10(spectrum[hertz * samples.size // RATE]))


@pytest.mark.parametrize("lower_db", [0.0, 6.0, 12.0])
def test_what_is_beneath_is_so_much_less_loud_however_loud_it_was(
    lower_db: float,
) -> None:
    both = mixed(LOW, HIGH, lower_db)
    apart = level_db(both, 200) - level_db(both, 2000)
    assert apart == pytest.approx(lower_db, abs=0.01)


def test_both_together_are_as_loud_as_the_first_was() -> None:
    both = mixed(LOW, HIGH, 0.0)
    assert both.dtype == np.float32
    assert np.square(both).mean() == pytest.approx(np.square(LOW).mean(), rel=1e-4)


def test_what_goes_on_after_the_end_is_left_out() -> None:
    both = mixed(LOW[: RATE // 2], HIGH, 0.0)
    assert both.size == RATE // 2


def test_after_the_end_of_what_is_beneath_the_first_goes_on_alone() -> None:
    both = mixed(LOW, HIGH[: RATE // 2], 0.0)
    assert level_db(both[RATE // 2 :], 2000) < level_db(both[: RATE // 2], 2000) - 40
    assert both.size == RATE


@pytest.mark.parametrize("silent", [np.zeros(9, np.float32), np.empty(0, np.float32)])
def test_silence_beneath_changes_nothing(silent: Samples) -> None:
    np.testing.assert_array_equal(mixed(LOW, silent, 3.0), LOW)
    np.testing.assert_array_equal(mixed(silent, LOW, 3.0), silent)


@pytest.mark.parametrize(
    ("hz", "least", "most"), [(80, -70, -40), (150, -50, -15), (1_000, -1, 3)]
)
def test_a_phone_gives_300_to_6000_hz(hz: float, least: float, most: float) -> None:
    heard = colour(tone(hz), RATE, LOUDSPEAKERS["phone"])
    assert least <= db(heard) - db(tone(hz)) <= most


@pytest.mark.parametrize("hz", [300.0, 6_000.0])
def test_a_phone_passes_the_ends_of_its_band(hz: float) -> None:
    heard = colour(tone(hz), RATE, LOUDSPEAKERS["phone"])
    assert db(heard) - db(tone(hz)) == pytest.approx(0.0, abs=1.0)


@pytest.mark.parametrize("response", [*LOUDSPEAKERS.values(), *MICROPHONES.values()])
def test_responses_are_given_from_low_to_high(response: Tone) -> None:
    assert np.all(np.diff(response.hz) > 0)
    assert len(response.hz) == len(response.gain_db)


def test_a_tone_control_does_not_delay() -> None:
    click = np.zeros(2_000, np.float32)
    click[700] = 1.0
    assert colour(click, RATE, LOUDSPEAKERS["tv"]).argmax() == 700


def test_what_lies_above_the_cut_off_is_gone() -> None:
    assert db(low_pass(tone(3_500), RATE, 4_000.0)) == pytest.approx(
        db(tone(3_500)), abs=0.3
    )
    assert db(low_pass(tone(4_600), RATE, 4_000.0)) < db(tone(4_600)) - 40


def test_a_response_of_one_sample_changes_nothing(rng: np.random.Generator) -> None:
    sound = song("bells", rng, 1)
    one = np.ones(1, np.float32)
    np.testing.assert_allclose(reverberate(sound, one), sound, atol=1e-6)


def test_an_echo_comes_later(rng: np.random.Generator) -> None:
    sound = song("bells", rng, 1)
    echo = np.zeros(100, np.float32)
    echo[[0, 99]] = 1.0, 0.5
    wet = reverberate(sound, echo)
    np.testing.assert_allclose(wet[99:], sound[99:] + 0.5 * sound[:-99], atol=1e-5)


@pytest.mark.parametrize("dbfs", [-60.0, -20.0])
def test_the_level_is_what_was_asked_for(dbfs: float) -> None:
    assert db(to_level(tone(440), dbfs)) == pytest.approx(dbfs, abs=0.01)


def test_what_is_too_loud_is_clipped() -> None:
    assert np.abs(to_level(tone(440), 6.0)).max() == 1.0


def test_voices_are_equally_loud_in_a_babble() -> None:
    loud, faint = tone(200), 0.01 * tone(900)
    mixed = babble([loud, faint], 2 * RATE)
    assert mixed.size == 2 * RATE
    spectrum = np.abs(np.fft.rfft(mixed))
    hz = np.fft.rfftfreq(mixed.size, 1 / RATE)
    assert spectrum[hz == 200] == pytest.approx(spectrum[hz == 900], rel=0.05)
    with pytest.raises(ValueError, match="at least one voice"):
        babble([], 10)


def test_a_channel_without_anything_in_it_is_a_wire(rng: np.random.Generator) -> None:
    sound = song("drone", rng, 1)
    np.testing.assert_allclose(Channel().apply(sound, RATE, rng), sound, atol=1e-6)


def test_noise_of_the_room_passes_through_the_microphone() -> None:
    """And not through the loudspeaker: the hiss below 100 Hz stays."""
    quiet = Channel(LOUDSPEAKERS["phone"], snr_db=20.0)
    heard = quiet.apply(tone(1_000), RATE, np.random.default_rng(0))
    spectrum = np.abs(np.fft.rfft(heard))
    assert spectrum[30:100].mean() > 5 * spectrum[5_000:6_000].mean()


def test_the_same_seed_gives_the_same_sound(rng: np.random.Generator) -> None:
    sound = song("drone", rng, 1)
    channel = Channel(snr_db=10.0, self_noise_db=30.0, dbfs=-30.0)
    first, again = (
        channel.apply(sound, RATE, np.random.default_rng(1)) for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)
    assert db(first) == pytest.approx(-30.0, abs=0.01)

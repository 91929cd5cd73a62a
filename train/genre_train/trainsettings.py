"""Everything that decides how a network is trained."""

from __future__ import annotations

from dataclasses import dataclass, field

from genre_daemon.errors import ConfigError
from genre_train.augment import AugmentSettings
from genre_train.models import MODELS


@dataclass(frozen=True)
class TrainSettings:
    """Everything that decides how a network is trained.

    Raises
    ------
    ConfigError
        If a number is out of range or the model is unknown.
    """

    model: str = "compact"
    epochs: int = 300
    batch_size: int = 32
    learning_rate: float = 2e-3
    """Peak, reached after the warm-up and decayed to zero along a cosine."""
    warmup_epochs: int = 5
    weight_decay: float = 0.01
    label_smoothing: float = 0.1
    beside: int = 12
    """Chunks of no music beside each batch, where a background is given."""
    unlabelled: int = 8
    """Chunks of music without a genre beside each batch."""
    averaging: float = 0.05
    """Share of the training over which weights are averaged, but 100 steps at most."""
    no_music_margin: float = 0.0
    """Taken off the logit of ``no_music`` at the end: music that is taken for noise
    disturbs more than noise that is taken for music for a second."""
    seed: int = 0
    patience: int = 0
    """Epochs without a lower loss on the held-out side after which to stop, and to go
    back to the best one. 0 trains to the end and chooses nothing by that side."""
    devices: int = 0
    """To share each batch among; 0 is all graphics processors, or one device."""
    augment: AugmentSettings = field(default_factory=AugmentSettings)

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise ConfigError(
                f"there is no model {self.model!r}: choose one of {', '.join(MODELS)}"
            )
        least = {
            "epochs": 1,
            "batch_size": 1,
            "unlabelled": 0,
            "patience": 0,
            "devices": 0,
        }
        for name, lowest in least.items():
            value = getattr(self, name)
            if value < lowest:
                flag = "--" + name.replace("_", "-")
                raise ConfigError(f"{flag} must be at least {lowest}, got {value}")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"--seed must be 0 to 4294967295, got {self.seed}")

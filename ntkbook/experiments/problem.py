"""What is learnt, and in what steps: inputs, three label vectors, the spectrum of H-infinity, the step size."""

from dataclasses import asdict, dataclass
from typing import Self

import torch

from ntkbook import data
from ntkbook.expect import expects
from ntkbook.fingerprint import digest
from ntkbook.kernels import h_infinity
from ntkbook.spectrum import Spectrum, eigendecompose, worst_case_labels
from ntkbook.streams import Streams
from ntkbook.wants import between

LABELS = ("true", "random", "worst")


@expects(max_sharpness=between(0, 2))
@dataclass(frozen=True)
class Settings:
    """How the step size is chosen."""

    step_scale: float = 10.0
    """n eta: 10 is the paper's eta = 1e-3 at its n = 10,000."""
    max_sharpness: float = 1.5
    """Cap on eta lambda_max, where 2 is the edge of stability: MNIST stays below it, raw CIFAR-10 would be at 3.4."""

    def __post_init__(self):
        if not self.step_scale > 0 or not 0 < self.max_sharpness < 2:
            raise ValueError(
                f"step_scale, max_sharpness: expected a positive number and one in (0, 2), "
                f"found {self.step_scale} and {self.max_sharpness}"
            )

    def step_size(self, n: int, lambda_max: float) -> float:
        """Step size eta = min(step_scale / n, max_sharpness / lambda_max).

        Parameters
        ----------
        n : int
            Training samples.
        lambda_max : float
            Largest eigenvalue of H-infinity.

        Returns
        -------
        float
        """
        return min(self.step_scale / n, self.max_sharpness / lambda_max)


@dataclass(frozen=True, eq=False)
class Problem:
    """Inputs, label vectors, spectrum and step size; float64."""

    x: torch.Tensor
    """Inputs (n, d)."""
    labels: dict[str, torch.Tensor]
    """Label vectors (n,) of norm sqrt(n), by the names `LABELS`."""
    spectrum: Spectrum
    """Of H-infinity (n, n)."""
    step_size: float
    """eta, on the half-sum loss."""
    sha256: str
    """Hash of all that the problem is made from."""

    @classmethod
    def pose(cls, sample: data.Sample, settings: Settings, streams: Streams, device: str) -> Self:
        """Add labels, spectrum and step size to a set of inputs.

        Parameters
        ----------
        sample : Sample
            Training data.
        settings : Settings
            How the step size is chosen.
        streams : Streams
            Random streams.
        device : str
            Where the tensors go.

        Returns
        -------
        Problem
        """
        x = torch.tensor(sample.x_train, device=device)
        spectrum = eigendecompose(h_infinity(x))
        labels = {
            "true": torch.tensor(sample.y_train, device=device),
            "random": torch.tensor(data.random_labels(len(x), streams("random labels", 0)), device=device),
            "worst": worst_case_labels(spectrum),
        }
        step_size = settings.step_size(len(x), spectrum.lambda_max)
        made_from = digest(sample.sha256, asdict(settings), asdict(streams), device)
        return cls(x, labels, spectrum, step_size, made_from)

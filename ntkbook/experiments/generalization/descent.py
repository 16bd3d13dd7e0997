"""How every net of this experiment is trained, and how long the frozen kernel would take to come as far."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ntkbook import dynamics
from ntkbook.expect import expects
from ntkbook.networks import TwoLayer
from ntkbook.spectrum import Spectrum
from ntkbook.training import DescentTrajectory, gradient_descent, log_grid, long_gradient_descent
from ntkbook.wants import between

_PER_DECADE = 20  # steps at which a net that is trained in windows may stop: each is 12 % beyond the one before


@expects(max_sharpness=between(0, 2))
@dataclass(frozen=True)
class Descent:
    """Gradient descent with eta = min(step_scale / n, max_sharpness / lambda_max), to a given loss."""

    step_scale: float = 10.0
    """n eta: 10 is the paper's eta = 1e-3 at its n = 10,000."""
    max_sharpness: float = 1.5
    """Cap on eta lambda_max."""
    stop_loss: float = 5e-3
    """Training stops at the first step with Phi / n at most this."""

    def __post_init__(self):
        if not 0 < self.stop_loss < 0.5 or not 0 < self.max_sharpness < 2 or not self.step_scale > 0:
            raise ValueError(
                f"stop_loss, max_sharpness, step_scale: expected numbers in (0, 0.5) and (0, 2) and a positive one, "
                f"found {self.stop_loss}, {self.max_sharpness} and {self.step_scale}"
            )

    def step_size(self, spectrum: Spectrum) -> float:
        """Eta, for the spectrum of H-infinity."""
        return min(self.step_scale / len(spectrum.eigenvalues), self.max_sharpness / spectrum.lambda_max)

    def train(
        self,
        start: TwoLayer,
        x: Tensor,
        y: Tensor,
        spectrum: Spectrum,
        *,
        max_steps: int,
        x_test: Tensor,
        rtol: float | None = None,
    ) -> DescentTrajectory:
        """Train a net until Phi / n <= `stop_loss`, or for `max_steps`, in the precision of its start.

        Parameters
        ----------
        start : TwoLayer
            W(0), a.
        x, y : Tensor (n, d), (n,)
            Inputs and labels.
        spectrum : Spectrum
            Of H-infinity of the inputs.
        max_steps : int
            Steps after which training is cut off.
        x_test : Tensor (t, d)
            Test inputs.
        rtol : float, optional
            Train in windows, see `long_gradient_descent`, with this error allowed in units of |r(0)|, and look at the
            loss at steps that grow by 12 %; step by step when left out.

        Returns
        -------
        DescentTrajectory
            The start and the end; in windows what lies between, too.
        """
        x, y, x_test = (values.to(start.weights.dtype) for values in (x, y, x_test))
        run = {"step_size": self.step_size(spectrum), "n_steps": max_steps, "stop_loss": self.stop_loss}
        if rtol is None:
            return gradient_descent(start, x, y, record_at=(), x_test=x_test, **run)
        grid = log_grid(max_steps, _PER_DECADE)
        return long_gradient_descent(start, x, y, rtol=rtol, record_at=grid, x_test=x_test, **run)

    def linear_steps(self, spectrum: Spectrum, y: Tensor) -> int:
        """Steps to `stop_loss` on the frozen kernel, from u(0) = 0."""
        return dynamics.linear_convergence_step(
            spectrum, y, self.step_size(spectrum), (2 * len(y) * self.stop_loss) ** 0.5
        )

    def linear_movement(self, spectrum: Spectrum, y: Tensor) -> float:
        """Distance from the start after `linear_steps`, with frozen gates."""
        steps = torch.tensor([self.linear_steps(spectrum, y)], device=y.device)
        return float(dynamics.linear_movement(spectrum, y, self.step_size(spectrum), steps))

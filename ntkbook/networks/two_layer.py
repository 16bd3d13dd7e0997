"""The two-layer ReLU net f(x) = (1/sqrt(m)) sum_r a_r relu(w_r.x) of Arora et al. (2019), sec. 3.1."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.wants import unseen


@expects(differentiable=True, weights=unseen("d m"), output_weights=unseen("m"))
@dataclass(frozen=True)
class TwoLayer:
    """Parameters of a two-layer ReLU net without biases."""

    weights: Tensor
    """First layer W (d, m), one neuron a column."""
    output_weights: Tensor
    """Second layer a (m,), +-1 and fixed in Arora et al. (2019)."""

    def _sizes(self) -> dict[str, int]:
        return dict(zip("dm", self.weights.shape, strict=True))

    @classmethod
    @expects("d width")
    def initialise(
        cls,
        d: int,
        width: int,
        rng: np.random.Generator,
        *,
        init_scale: float = 1.0,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> "TwoLayer":
        """Draw w_r ~ N(0, kappa^2 I) and a_r ~ unif{-1, +1}: Arora et al. (2019), eq. (1).

        The draws come from NumPy on the CPU, so that one seed gives one net on every device.

        Parameters
        ----------
        d : int
            Input dimension.
        width : int
            Number of neurons m.
        rng : numpy.random.Generator
            Source of the draws.
        init_scale : float
            kappa, standard deviation of a first-layer weight, > 0.
        dtype, device
            Of the parameters.

        Returns
        -------
        TwoLayer

        Raises
        ------
        ValueError
            If a size or the scale is not positive.
        """
        draw_type = np.float64 if dtype == torch.float64 else np.float32
        weights = rng.standard_normal((d, width), dtype=draw_type)
        weights *= init_scale
        signs = rng.choice([-1.0, 1.0], size=width)
        return cls(torch.from_numpy(weights).to(device, dtype), torch.from_numpy(signs).to(device, dtype))

    @expects(differentiable=True)
    def doubled(self) -> "TwoLayer":
        """Copy every neuron and give the copy the opposite output weight, so that the net of width 2 m starts at zero.

        Chizat, Oyallon & Bach (2019), sec. 1.2. The empirical Gram matrix stays what it was.

        Returns
        -------
        TwoLayer
        """
        a = self.output_weights
        return TwoLayer(torch.cat([self.weights, self.weights], dim=1), torch.cat([a, -a]))

    @property
    def width(self) -> int:
        """Number of neurons m."""
        return self.weights.shape[1]

    @expects(differentiable=True, x="n d")
    def __call__(self, x: Tensor) -> Tensor:
        """Predictions u_i = f(x_i).

        Parameters
        ----------
        x : Tensor (n, d)
            Inputs, in the dtype and on the device of the parameters.

        Returns
        -------
        Tensor (n,)
        """
        hidden = (x @ self.weights).clamp_(min=0)  # relu(w_r.x_i)                       (n, m)
        return hidden @ self.output_weights / self.width**0.5

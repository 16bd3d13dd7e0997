"""The two-layer learner f(x) = a.relu(W'x + b) of Allen-Zhu, Li and Liang (2019), eq. (3.2), with one output."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks.draws import check_hidden, gaussian
from ntkbook.wants import each, unseen


@expects(differentiable=True, weights=unseen("d m"), biases=unseen("m"), output_weights=unseen("m"))
@dataclass(frozen=True)
class BiasedTwoLayer:
    """Parameters of a two-layer ReLU net of which W is trained; the biases and output weights stay as drawn."""

    weights: Tensor
    """W (d, m), one neuron a column."""
    biases: Tensor
    """b (m,), fixed."""
    output_weights: Tensor
    """a (m,), fixed."""

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
        output_scale: float = 1.0,
        biases: bool = True,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> "BiasedTwoLayer":
        """Draw the entries of W and b from N(0, 1 / m) and those of a from N(0, eps_a^2): sec. 3.

        The draws come from NumPy on the CPU, so that one seed gives one net on every device.

        Parameters
        ----------
        d : int
            Input dimension.
        width : int
            Number of neurons m.
        rng : numpy.random.Generator
            Source of the draws: W, then b, then a.
        output_scale : float
            eps_a. Theorem 1 takes eps up to logarithms; footnote 7 allows 1 where weights decay.
        biases : bool
            False sets b to zero, and leaves the other draws as they are.
        dtype, device
            Of the parameters.

        Returns
        -------
        BiasedTwoLayer

        Raises
        ------
        ValueError
            If a size or the scale is not positive.
        """
        weights, b, a = (
            gaussian(rng, shape, scale, dtype, device)
            for shape, scale in (((d, width), width**-0.5), ((width,), width**-0.5), ((width,), output_scale))
        )
        return cls(weights, b if biases else torch.zeros_like(b), a)

    @property
    def width(self) -> int:
        """Number of neurons m."""
        return self.weights.shape[1]

    @expects(differentiable=True, x="n d")
    def __call__(self, x: Tensor) -> Tensor:
        """Outputs f(x_i).

        Parameters
        ----------
        x : Tensor (n, d)
            Inputs, in the dtype and on the device of the parameters.

        Returns
        -------
        Tensor (n,)
        """
        return self.hidden(x)[1] @ self.output_weights

    @expects(differentiable=True, x="n d")
    def hidden(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Outputs of the layers, h_0 = x and h_1 = relu(W'x + b).

        Parameters
        ----------
        x : Tensor (n, d)
            Inputs.

        Returns
        -------
        tuple of Tensor (n, d) and Tensor (n, m)
        """
        return x, torch.addmm(self.biases, x, self.weights).clamp_(min=0)

    @expects(differentiable=True, hidden=each("n ?"))
    def pulls(self, hidden: Sequence[Tensor]) -> tuple[Tensor]:
        """Derivatives p_1 = a D_1 of f by the pre-activations, D_1 the sign pattern.

        Parameters
        ----------
        hidden : sequence of Tensor (n, d) and Tensor (n, m)
            From `hidden`.

        Returns
        -------
        tuple of one Tensor (n, m)
        """
        check_hidden(hidden, self.weights)
        return (self.output_weights * (hidden[1] > 0),)

    @expects(differentiable=True, x="n d")
    def frozen(self, x: Tensor, start: "BiasedTwoLayer") -> Tensor:
        """Outputs a.D_1(W'x + b) with the sign pattern D_1 of `start`: sec. 4.3.

        Linear in W, and so the linearisation of f at `start` as well.

        Parameters
        ----------
        x : Tensor (n, d)
            Inputs.
        start : BiasedTwoLayer
            The net whose patterns are kept.

        Returns
        -------
        Tensor (n,)
        """
        gates = start.hidden(x)[1] > 0
        return (torch.addmm(self.biases, x, self.weights) * gates) @ self.output_weights

"""The three-layer learner f(x) = a.relu(V'relu(W'x + b_1) + b_2) of Allen-Zhu, Li and Liang (2019), sec. 4."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks.draws import check_hidden, gaussian
from ntkbook.wants import each, signs, unseen


@expects(
    differentiable=True,
    first_weights=unseen("d m_1"),
    second_weights=unseen("m_1 m_2"),
    output_weights=unseen("m_2"),
    first_biases=unseen("m_1"),
    second_biases=unseen("m_2"),
)
@dataclass(frozen=True)
class ThreeLayer:
    """Parameters of a three-layer ReLU net of which W and V are trained; biases and output weights stay as drawn."""

    first_weights: Tensor
    """W (d, m_1), one neuron a column; the paper's W is its transpose."""
    second_weights: Tensor
    """V (m_1, m_2), one neuron a column; the paper's V is its transpose."""
    output_weights: Tensor
    """a (m_2,), fixed."""
    first_biases: Tensor
    """b_1 (m_1,), fixed."""
    second_biases: Tensor
    """b_2 (m_2,), fixed."""

    def _sizes(self) -> dict[str, int]:
        return {"d": len(self.first_weights), "m_1": self.widths[0], "m_2": self.widths[1]}

    @classmethod
    @expects("d widths", "widths widths")
    def initialise(
        cls,
        d: int,
        widths: tuple[int, int],
        rng: np.random.Generator,
        *,
        output_scale: float = 1.0,
        biases: bool = True,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> "ThreeLayer":
        """Draw W and b_1 from N(0, 1 / m_1), V and b_2 from N(0, 1 / m_2), a from N(0, eps_a^2): sec. 4.1.

        The draws come from NumPy on the CPU, so that one seed gives one net on every device.

        Parameters
        ----------
        d : int
            Input dimension.
        widths : tuple of int
            m_1 and m_2.
        rng : numpy.random.Generator
            Source of the draws: W, b_1, V, b_2, a.
        output_scale : float
            eps_a, 1 in the paper.
        biases : bool
            False sets b_1 and b_2 to zero, and leaves the other draws as they are.
        dtype, device
            Of the parameters.

        Returns
        -------
        ThreeLayer

        Raises
        ------
        ValueError
            If a size or the scale is not positive.
        """
        m_1, m_2 = widths
        first, second = m_1**-0.5, m_2**-0.5
        draws = (((d, m_1), first), ((m_1,), first), ((m_1, m_2), second), ((m_2,), second), ((m_2,), output_scale))
        w, b_1, v, b_2, a = (gaussian(rng, shape, scale, dtype, device) for shape, scale in draws)
        if not biases:
            b_1, b_2 = torch.zeros_like(b_1), torch.zeros_like(b_2)
        return cls(w, v, a, b_1, b_2)

    @property
    def widths(self) -> tuple[int, int]:
        """Numbers of neurons m_1 and m_2."""
        m_1, m_2 = self.second_weights.shape
        return m_1, m_2

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
        return self.hidden(x)[2] @ self.output_weights

    @expects(differentiable=True, x="n d")
    def hidden(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Outputs of the layers, h_0 = x, h_1 = relu(W'x + b_1), h_2 = relu(V'h_1 + b_2).

        Parameters
        ----------
        x : Tensor (n, d)
            Inputs.

        Returns
        -------
        tuple of Tensors (n, d), (n, m_1) and (n, m_2)
        """
        h_1 = torch.addmm(self.first_biases, x, self.first_weights).clamp_(min=0)
        return x, h_1, torch.addmm(self.second_biases, h_1, self.second_weights).clamp_(min=0)

    @expects(differentiable=True, x="n d")
    def patterns(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Sign patterns, the diagonals of D_1 and D_2: which neurons are on.

        Parameters
        ----------
        x : Tensor (n, d)
            Inputs.

        Returns
        -------
        tuple of Tensors (n, m_1) and (n, m_2), bool
        """
        _, h_1, h_2 = self.hidden(x)
        return h_1 > 0, h_2 > 0

    @expects(differentiable=True, hidden=each("n ?"))
    def pulls(self, hidden: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Derivatives p_2 = a D_2 and p_1 = a D_2 V' D_1 of f by the pre-activations.

        Parameters
        ----------
        hidden : sequence of Tensors (n, d), (n, m_1) and (n, m_2)
            From `hidden`.

        Returns
        -------
        tuple of Tensors (n, m_1) and (n, m_2)
            p_1 and p_2; grad_W f = x p_1' and grad_V f = h_1 p_2'.
        """
        check_hidden(hidden, self.first_weights, self.second_weights)
        p_2 = self.output_weights * (hidden[2] > 0)
        return (p_2 @ self.second_weights.T) * (hidden[1] > 0), p_2

    @expects(differentiable=True, x="n d")
    def frozen(self, x: Tensor, start: "ThreeLayer") -> Tensor:
        """Outputs a.D_2(V'D_1(W'x + b_1) + b_2) with the sign patterns of `start`: sec. 4.3, footnote 12.

        Parameters
        ----------
        x : Tensor (n, d)
            Inputs.
        start : ThreeLayer
            The net whose patterns are kept.

        Returns
        -------
        Tensor (n,)
        """
        d_1, d_2 = start.patterns(x)
        h_1 = torch.addmm(self.first_biases, x, self.first_weights) * d_1
        return (torch.addmm(self.second_biases, h_1, self.second_weights) * d_2) @ self.output_weights

    @expects(differentiable=True, first="d m_1", second="m_1 m_2", signs=signs("m_1"))
    def moved(self, first: Tensor, second: Tensor, signs: Tensor | None = None) -> "ThreeLayer":
        """The net at W + W' Sigma, V + Sigma V': the argument of F in eq. (4.2), transposed as weights are here.

        Parameters
        ----------
        first : Tensor (d, m_1)
            W'.
        second : Tensor (m_1, m_2)
            V'.
        signs : Tensor (m_1,), optional
            Diagonal of Sigma, +-1; all 1 when left out.

        Returns
        -------
        ThreeLayer
        """
        if signs is not None:
            first, second = first * signs, signs[:, None] * second
        w, v = self.first_weights + first, self.second_weights + second
        return replace(self, first_weights=w, second_weights=v)

    @expects(differentiable=True)
    def scaled(self, factor: float, *, biases: bool = True) -> "ThreeLayer":
        """The net with sqrt(lambda) W and sqrt(lambda) V for W and V: sec. 4.1.

        Its output is lambda f if b_1 goes to sqrt(lambda) b_1 and b_2 to lambda b_2. The paper scales W and V only,
        which gives lambda f where the biases are zero.

        Parameters
        ----------
        factor : float
            lambda, > 0.
        biases : bool
            Whether the biases are scaled as well.

        Returns
        -------
        ThreeLayer

        Raises
        ------
        ValueError
            If `factor` is not positive.
        """
        root = factor**0.5
        w, v, b_1, b_2 = self.first_weights, self.second_weights, self.first_biases, self.second_biases
        if biases:
            b_1, b_2 = root * b_1, factor * b_2
        return ThreeLayer(root * w, root * v, self.output_weights, b_1, b_2)

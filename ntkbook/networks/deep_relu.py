"""The deep ReLU net f(x) = v.relu(W_L' ... relu(W_1' x)) of Cao and Gu (2019), sec. 3 and app. A."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks.draws import check_hidden
from ntkbook.wants import each, unseen


@expects(differentiable=True, weights=each(unseen("? ?")), output_weights=unseen("?"))
@dataclass(frozen=True)
class DeepReLU:
    """Parameters of a ReLU net with L hidden layers, without biases."""

    weights: tuple[Tensor, ...]
    """W_1 (d, m_1), ..., W_L (m_{L-1}, m_L), one neuron a column."""
    output_weights: Tensor
    """v (m_L,), half +1 and half -1 and fixed in Cao and Gu (2019)."""

    def __post_init__(self):
        object.__setattr__(self, "weights", tuple(self.weights))
        ends = [(len(w),) for w in self.weights[1:]] + [tuple(self.output_weights.shape)]
        if ends != [tuple(w.shape[1:]) for w in self.weights]:
            found = ", ".join(str(tuple(w.shape)) for w in (*self.weights, self.output_weights))
            raise ValueError(
                "weights, output_weights: expected shapes (d, m_1), (m_1, m_2), ..., (m_L-1, m_L) and (m_L,), "
                f"found {found}; give each layer the rows that the one below has columns"
            )

    def _sizes(self) -> dict[str, Any]:
        return {"d": len(self.weights[0]), "widths": self.widths}

    @classmethod
    @expects("d widths", "widths widths")
    def initialise(
        cls,
        d: int,
        widths: Sequence[int],
        rng: np.random.Generator,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> "DeepReLU":
        """Draw the entries of W_l from N(0, 2 / m_l) and set v = (1, ..., 1, -1, ..., -1): Algorithm 1.

        The variance counts the neurons of the layer itself (fan-out), so that |x_l| stays near |x| whatever the
        widths. The draws come from NumPy on the CPU, layer after layer, so that one seed gives one net on every device.

        Parameters
        ----------
        d : int
            Input dimension.
        widths : sequence of int
            m_1, ..., m_L; the last one even.
        rng : numpy.random.Generator
            Source of the draws.
        dtype, device
            Of the parameters.

        Returns
        -------
        DeepReLU

        Raises
        ------
        ValueError
            If a size is not positive, there is no layer, or the last width is odd.
        """
        widths = tuple(widths)
        if widths[-1] % 2:
            raise ValueError(f"widths: expected the last one even (half of v is +1), found {widths}; add a neuron")
        draw_type = np.float64 if dtype == torch.float64 else np.float32
        weights = []
        for fan_in, width in zip((d, *widths), widths, strict=False):
            draws = rng.standard_normal((fan_in, width), dtype=draw_type)
            draws *= (2 / width) ** 0.5
            weights.append(torch.from_numpy(draws).to(device, dtype))
        signs = torch.from_numpy(np.repeat([1.0, -1.0], widths[-1] // 2)).to(device, dtype)
        return cls(tuple(weights), signs)

    @property
    def depth(self) -> int:
        """Number of hidden layers L."""
        return len(self.weights)

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of neurons m_1, ..., m_L."""
        return tuple(w.shape[1] for w in self.weights)

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
        for w in self.weights:
            x = (x @ w).clamp_(min=0)  # relu(W_l' x_{l-1,i})    (n, m_l)
        return x @ self.output_weights

    @expects(differentiable=True, x="n d")
    def hidden(self, x: Tensor) -> tuple[Tensor, ...]:
        """Outputs of all layers, x_0 = x to x_L: app. A.

        The activation pattern Sigma_l of input i is `hidden[l][i] > 0`, since relu(z) > 0 where z > 0.

        Parameters
        ----------
        x : Tensor (n, d)
            Inputs.

        Returns
        -------
        tuple of L + 1 Tensors (n, m_l)
        """
        outputs = [x]
        for w in self.weights:
            outputs.append((outputs[-1] @ w).clamp_(min=0))
        return tuple(outputs)

    @expects(differentiable=True, hidden=each("n ?"))
    def pulls(self, hidden: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Derivatives of f by the pre-activations of each layer: b_l = v' [prod_{r > l} Sigma_r W_r'] Sigma_l.

        With them the gradients of app. A are rank one, grad_{W_l} f(x_i) = x_{l-1,i} b_{l,i}', and are never formed.

        Parameters
        ----------
        hidden : sequence of L + 1 Tensors (n, m_l)
            From `hidden`.

        Returns
        -------
        tuple of L Tensors (n, m_l)
            b_1 to b_L, a row an input.
        """
        check_hidden(hidden, *self.weights)
        rows = self.output_weights * (hidden[-1] > 0)  # v' Sigma_L
        found = [rows]
        for w, outputs in zip(self.weights[:0:-1], hidden[-2:0:-1], strict=True):
            rows = (rows @ w.T) * (outputs > 0)  # b_{l+1} W_{l+1}' Sigma_l
            found.append(rows)
        return tuple(reversed(found))

"""The two-layer ReLU net f_i(x) = sum_r a_ir relu(w_r.x) for k classes of Li and Liang (2018), sec. 3."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.wants import at_least, unseen


@expects(differentiable=True, weights=unseen("d m"), output_weights=unseen("k m"))
@dataclass(frozen=True)
class TwoLayerClassifier:
    """Parameters of a two-layer ReLU net with k outputs, without biases."""

    weights: Tensor
    """First layer W (d, m), one neuron a column."""
    output_weights: Tensor
    """Second layer a (k, m), fixed."""

    def _sizes(self) -> dict[str, int]:
        return dict(zip("dm", self.weights.shape, strict=True)) | {"k": len(self.output_weights)}

    @classmethod
    @expects("d width", "n_classes width", n_classes=at_least(2))
    def initialise(
        cls,
        d: int,
        width: int,
        n_classes: int,
        rng: np.random.Generator,
        *,
        init_scale: float | None = None,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> "TwoLayerClassifier":
        """Draw w_r ~ N(0, sigma^2 I) and a_ir ~ N(0, 1): assumption (A3) of Li and Liang (2018).

        The draws come from NumPy on the CPU, so that one seed gives one net on every device.

        Parameters
        ----------
        d : int
            Input dimension.
        width : int
            Number of neurons m.
        n_classes : int
            Number of outputs k, >= 2.
        rng : numpy.random.Generator
            Source of the draws.
        init_scale : float, optional
            sigma, standard deviation of a first-layer weight; the paper's 1 / sqrt(m) when left out.
        dtype, device
            Of the parameters.

        Returns
        -------
        TwoLayerClassifier

        Raises
        ------
        ValueError
            If a size or the scale is not positive, or there are fewer than 2 classes.
        """
        draw_type = np.float64 if dtype == torch.float64 else np.float32
        weights = rng.standard_normal((d, width), dtype=draw_type)
        weights *= width**-0.5 if init_scale is None else init_scale
        outer = rng.standard_normal((n_classes, width), dtype=draw_type)
        return cls(torch.from_numpy(weights).to(device, dtype), torch.from_numpy(outer).to(device, dtype))

    @property
    def width(self) -> int:
        """Number of neurons m."""
        return self.weights.shape[1]

    @property
    def n_classes(self) -> int:
        """Number of outputs k."""
        return len(self.output_weights)

    @expects(differentiable=True, x="n d")
    def __call__(self, x: Tensor) -> Tensor:
        """Outputs f_i(x).

        Parameters
        ----------
        x : Tensor (n, d)
            Inputs, in the dtype and on the device of the parameters.

        Returns
        -------
        Tensor (n, k)
        """
        hidden = (x @ self.weights).clamp_(min=0)  # relu(w_r.x)    (n, m)
        return hidden @ self.output_weights.T

"""How far gradient descent moves the first layer from its start: the record, and its measurement at one step."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ntkbook.networks import TwoLayer
from ntkbook.training.recording import Array
from ntkbook.training.spaces import PreactivationSpace, WeightSpace

_BLOCK_ELEMENTS = 2**20  # of the temporaries, so that they stay small beside n x m


@dataclass(frozen=True)
class Movement:
    """The first layer's way from its start at s recorded steps, and the net it came to."""

    neurons: Array
    """|w_r(k) - w_r(0)| (s, m)."""
    flipped: Array
    """Share of the n m gates that differ from the start (s,)."""
    network: TwoLayer
    """The net at the last step."""

    @property
    def total(self) -> Array:
        """|W(k) - W(0)|_F (s,)."""
        return np.linalg.norm(self.neurons, axis=1)


def measure_movement(state: WeightSpace | PreactivationSpace, x_test: Tensor | None) -> dict[str, Tensor]:
    """Movement of each neuron, share of flipped gates, and test predictions at the present step, in blocks of neurons.

    Parameters
    ----------
    state : WeightSpace or PreactivationSpace
        The run; in pre-activation space it keeps its coefficients.
    x_test : Tensor (t, d) or None
        Test inputs.

    Returns
    -------
    dict of str to Tensor
        "neurons" (m,), "flipped" (), and with test inputs "test_outputs" (t,).
    """
    n, width = state.preactivations.shape
    moved, flips = [], state.x.new_zeros((), dtype=torch.int64)
    outputs = None if x_test is None else x_test.new_zeros(len(x_test))
    size = max(1, _BLOCK_ELEMENTS // max(n, state.x.shape[1]))
    for start in range(0, width, size):
        block = slice(start, start + size)
        moved.append(torch.linalg.vector_norm(state.displacement(block), dim=0))
        gates_0 = state.x @ state.start[:, block] >= 0
        flips += ((state.preactivations[:, block] >= 0) ^ gates_0).sum()
        if x_test is not None:
            hidden = (x_test @ state.weights(block)).clamp_(min=0)
            outputs += hidden @ state.output_weights[block] / state.root_width
    found = {"neurons": torch.cat(moved), "flipped": flips.double() / (n * width)}
    return found if outputs is None else found | {"test_outputs": outputs}

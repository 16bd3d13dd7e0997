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


class MovementProbe:
    """Movement of each neuron, share of flipped gates, and test predictions at the present step of a run.

    In blocks of neurons, and in the same buffers for all of them: freed and made anew, blocks pile up in memory.
    """

    def __init__(self, state: WeightSpace | PreactivationSpace, x_test: Tensor | None):
        """Take the run, which keeps its coefficients if it is in pre-activation space, and test inputs (t, d)."""
        self._state, self._x_test = state, x_test
        rows, widest = max(state.x.shape), state.buffer.shape[1]
        self._size = min(widest, max(1, _BLOCK_ELEMENTS // rows))
        self._buffer = state.x.new_empty(rows * self._size)

    def __call__(self) -> dict[str, Tensor]:
        """Measure.

        Returns
        -------
        dict of str to Tensor
            "neurons" (m,), "flipped" (), and with test inputs "test_outputs" (t,).
        """
        state, x_test = self._state, self._x_test
        (n, width), d = state.preactivations.shape, state.x.shape[1]
        moved, flips = [], state.x.new_zeros((), dtype=torch.int64)
        outputs = None if x_test is None else x_test.new_zeros(len(x_test))
        for start in range(0, width, self._size):
            block = slice(start, min(start + self._size, width))
            count = block.stop - start
            of_neurons, gates = (self._buffer[: rows * count].view(rows, count) for rows in (d, n))
            moved.append(torch.linalg.vector_norm(state.displacement(block, of_neurons), dim=0))
            if x_test is not None:
                hidden = (x_test @ state.weights(block, of_neurons)).clamp_(min=0)
                outputs += hidden @ state.output_weights[block] / state.root_width
            gates_0 = torch.mm(state.x, state.start[:, block], out=state.buffer[:, :count])
            torch.ge(gates_0, 0, out=gates_0)
            torch.ge(state.preactivations[:, block], 0, out=gates)
            flips += torch.count_nonzero(gates.sub_(gates_0))
        found = {"neurons": torch.cat(moved), "flipped": flips.double() / (n * width)}
        return found if outputs is None else found | {"test_outputs": outputs}

"""A deep ReLU net under gradient descent on the mean logistic loss, in place and without autograd."""

from collections.abc import Iterator

import torch
from torch import Tensor

from ntkbook.networks import DeepReLU

_gate = torch.ops.aten.threshold_backward.grad_input  # b 1{h > 0} in one pass, without a mask in memory


class DeepState:
    """Weights W_1, ..., W_L of the present step, what each layer gives at the n inputs, and buffers for a step.

    Beside the weights it holds n (m_1 + ... + m_L) numbers, two buffers of n max_l m_l, and the gates of the start.
    """

    def __init__(self, network: DeepReLU, x: Tensor, y: Tensor, step_size: float):
        self.start = network
        self.network = DeepReLU(tuple(w.clone() for w in network.weights), network.output_weights)
        self.y = y
        self.step_size = step_size
        self.hidden = (x, *(x.new_empty(len(x), m) for m in network.widths))
        self.margins = torch.empty_like(y)
        buffers = x.new_empty(
            min(2, network.depth), len(x) * max(network.widths)
        )  # only two layers' pulls are alive at a time
        self._pulls = [buffers[layer % 2][: len(x) * m].view(len(x), m) for layer, m in enumerate(network.widths)]
        self._forward()
        self._gates = [h > 0 for h in self.hidden[1:]]

    def step(self) -> None:
        """W_l -= eta grad_{W_l} L_S for all l at once; each layer changes when no other needs it any more.

        B_L takes the place of x_L, which gives nothing but gates to the gradients.
        """
        for w, h, b in self._descent(self.hidden[-1]):
            w.addmm_(h.T, b, alpha=self.step_size)
        self._forward()

    def surrogate_error(self) -> Tensor:
        """E_S = mean of -l'(y_i f(x_i)), a number."""
        return self._slopes.mean()

    def gradient_norms(self) -> Tensor:
        """|grad_{W_l} L_S|_F (L,)."""
        norms = [torch.linalg.vector_norm(h.T @ b) for _, h, b in self._descent(self._pulls[-1])]
        return torch.stack(norms[::-1])

    def movement(self) -> Tensor:
        """|W_l - W_l(0)|_F (L,)."""
        pairs = zip(self.network.weights, self.start.weights, strict=True)
        return torch.stack([torch.linalg.vector_norm(w - w_0) for w, w_0 in pairs])

    def flipped(self) -> Tensor:
        """Share of each layer's n m_l gates that differ from the start (L,)."""
        pairs = zip(self.hidden[1:], self._gates, strict=True)
        return torch.stack([(h > 0).logical_xor_(gate).count_nonzero().double() / gate.numel() for h, gate in pairs])

    def _forward(self) -> None:
        for w, below, h in zip(self.network.weights, self.hidden, self.hidden[1:], strict=False):
            torch.mm(below, w, out=h).clamp_(min=0)  # relu(W_l' x_{l-1,i})    (n, m_l)
        torch.mv(self.hidden[-1], self.network.output_weights, out=self.margins).mul_(self.y)
        self._slopes = torch.sigmoid(-self.margins)  # -l'(y_i f(x_i))    (n,)

    def _descent(self, last: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """From the last layer down W_l, x_{l-1} (n, m_{l-1}) and B_l (n, m_l) with -grad_{W_l} L_S = x_{l-1}' B_l.

        The rows of B_l are -l'(y_i f(x_i)) y_i b_{l,i} / n; those of the layer below are made before W_l is handed out.
        B_L is written to `last`.
        """
        weights, hidden, pulls = self.network.weights, self.hidden, [*self._pulls[:-1], last]
        _gate(self.network.output_weights.expand_as(last), hidden[-1], 0, grad_input=last)  # v' Sigma_L
        last.mul_((self._slopes * self.y / len(self.y))[:, None])
        for layer in reversed(range(len(weights))):
            if layer > 0:
                below = torch.mm(pulls[layer], weights[layer].T, out=pulls[layer - 1])
                _gate(below, hidden[layer], 0, grad_input=below)  # B_{l+1} W_{l+1}' Sigma_l
            yield weights[layer], hidden[layer], pulls[layer]

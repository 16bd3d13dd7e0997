"""SGD for three-layer nets, second variant: Algorithm 1 of Allen-Zhu, Li and Liang (2019)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ntkbook.networks import ThreeLayer
from ntkbook.training.batches import order_of_points
from ntkbook.training.checks import check_batch_size, check_inputs, check_targets
from ntkbook.training.progress import tqdm
from ntkbook.training.recording import Array, row, stacked
from ntkbook.training.smoothed_objective import SecondVariant, SmoothedObjective
from ntkbook.training.trajectory import Snapshot, Trajectory


@dataclass(frozen=True)
class RoundSnapshot(Snapshot):
    """Algorithm 1 after a round."""

    scale: float
    """lambda_t of that round."""
    moved: Callable[[Tensor | None], ThreeLayer]
    """Of a Sigma (m_1,), or None for none, the net lambda_t F(x; W + Sigma W_t, V + V_t Sigma), not smoothed."""


@dataclass(frozen=True, kw_only=True)
class SecondVariantTrajectory(Trajectory):
    """A run of Algorithm 1, recorded after each round; `steps` counts steps of SGD, with 0 first."""

    scales: Array
    """lambda_t of the round that ends there (s,)."""
    objectives: Array
    """Mean over the round of the stochastic objective before each step (s,); NaN at step 0."""
    movement: Array
    """|W_t|_F and |V_t|_F (s, 2)."""
    first: Tensor
    """W_T (d, m_1)."""
    second: Tensor
    """V_T (m_1, m_2)."""
    signs: Tensor | None
    """Sigma-hat (m_1,), drawn once and not chosen; None without signs."""
    candidate_losses: Array
    """Loss on the training set of each smoothing (candidates,), half mean squares; j* has the least."""
    network: ThreeLayer
    """The output lambda_T F(x; W_T^out, V_T^out); lambda_T is in its output weights."""


def second_variant_sgd(
    network: ThreeLayer,
    x: Tensor,
    y: Tensor,
    settings: SecondVariant,
    *,
    rng: np.random.Generator,
    observe: Callable[[RoundSnapshot], Mapping[str, Any]] | None = None,
    progress: bool = False,
) -> SecondVariantTrajectory:
    """Run Algorithm 1 on the squared loss 1/2 (lambda F(x) - y)^2.

    In round t, T_w steps of noisy SGD move W', V' from W_{t-1}, V_{t-1}; each sees fresh points, smoothings and signs:

        mean over the batch of L(lambda_t F(x; W(0) + W^rho + Sigma W', V(0) + V^rho + V' Sigma), y)
            + lambda_v |sqrt(lambda_t) V'|_F^2 + lambda_w |sqrt(lambda_t) W'|_{2,4}^4.

    At the end Sigma-hat is drawn, and of `candidates` smoothings the one that fits the training set best under it is
    kept. Under signs W' = V' = 0 is a saddle: the mean gradient there is zero, and only noise leads away.

    Parameters
    ----------
    network : ThreeLayer
        W(0), V(0) and what stays fixed; left as it is. Its dtype and device are those of the run.
    x : Tensor (n, d)
        Inputs.
    y : Tensor (n,)
        Targets.
    settings : SecondVariant
        The constants.
    rng : numpy.random.Generator
        Source of everything random.
    observe : callable, optional
        Called with a `RoundSnapshot` at the start and after each round; returns named numbers or vectors to be stacked
        into `observations`.
    progress : bool
        Show a progress bar.

    Returns
    -------
    SecondVariantTrajectory

    Raises
    ------
    ValueError
        If a shape, dtype, device or size is wrong; says which and what to do.
    FloatingPointError
        If the objective stops being finite, which means that the step size is too large.
    """
    check_inputs("x", x, network.first_weights)
    check_targets(y, x)
    check_batch_size(settings.batch_size, len(x))
    n_steps = settings.n_rounds * settings.inner_steps
    order = torch.from_numpy(order_of_points(len(x), n_steps * settings.batch_size, rng)).to(x.device)
    rounds = order.view(settings.n_rounds, settings.inner_steps, settings.batch_size)
    with torch.no_grad():
        objective = SmoothedObjective(network, settings, rng)
        records = [_record(objective, 0, 1.0, x.new_full((), torch.nan), observe)]
        scale = 1.0
        for t, batches in enumerate(tqdm(rounds, desc="Algorithm 1", unit="round", disable=not progress)):
            scale = (1 - settings.shrinkage) ** t
            seen = x.new_zeros(())
            for batch in batches:
                seen += objective.step(x[batch], y[batch], scale)
            if not bool(torch.isfinite(seen)):
                raise FloatingPointError(
                    f"step_size: the objective is no longer finite in round {t + 1} with step_size = "
                    f"{settings.step_size:g}; take a smaller one"
                )
            mean = seen / settings.inner_steps
            records.append(_record(objective, (t + 1) * settings.inner_steps, scale, mean, observe))
        signs, losses, chosen = _choose(objective, x, y, scale)
    return SecondVariantTrajectory(
        steps=np.arange(settings.n_rounds + 1, dtype=np.int64) * settings.inner_steps,
        step_size=settings.step_size,
        space="weights",
        first=objective.first,
        second=objective.second,
        signs=signs,
        candidate_losses=losses,
        network=chosen,
        observations=stacked([observed for _, observed in records]),
        **stacked([measured for measured, _ in records]),
    )


def _record(
    objective: SmoothedObjective,
    step: int,
    scale: float,
    mean: Tensor,
    observe: Callable[[RoundSnapshot], Mapping[str, Any]] | None,
) -> tuple[dict[str, Array], dict[str, Array]]:
    norms = torch.stack([torch.linalg.vector_norm(w) for w in (objective.first, objective.second)])
    measured = {"scales": np.float64(scale), **row({"objectives": mean, "movement": norms})}

    def moved(signs: Tensor | None) -> ThreeLayer:
        return _scaled(objective.start.moved(objective.first, objective.second, signs), scale)

    return measured, row({} if observe is None else observe(RoundSnapshot(step, scale, moved)))


def _choose(
    objective: SmoothedObjective, x: Tensor, y: Tensor, scale: float
) -> tuple[Tensor | None, Array, ThreeLayer]:
    """Lines 6 to 8: Sigma-hat, the loss on all points with each smoothing, and the best net."""
    signs = objective.draw_signs()
    best, losses = objective.start, []
    for _ in range(objective.settings.candidates):
        net = _scaled(objective.smoothed(signs), scale)
        losses.append(float((net(x) - y).square().mean() / 2))
        if losses[-1] <= min(losses):
            best = net
    return signs, np.array(losses), best


def _scaled(network: ThreeLayer, scale: float) -> ThreeLayer:
    """The net with its output times lambda; its weights stay as they are."""
    return replace(network, output_weights=scale * network.output_weights)

"""SGD for three-layer nets, second variant: Algorithm 1 of Allen-Zhu, Li and Liang (2019)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ntkbook.expect import expects
from ntkbook.networks import ThreeLayer
from ntkbook.training.batches import order_of_points
from ntkbook.training.checks import check_batch_size, check_inputs, check_targets
from ntkbook.training.progress import tqdm
from ntkbook.training.recording import Array, row, stacked
from ntkbook.training.side_by_side import check_counts, check_one_kind, kind, own, stack
from ntkbook.training.smoothed_objective import SecondVariant, SmoothedObjectives
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


@expects(x="n d", y="n")
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
    observers = None if observe is None else [observe]
    (path,) = second_variant_sgd_ensemble(
        [network], [x], [y], [settings], rngs=[rng], observers=observers, progress=progress
    )
    return path


@expects()
def second_variant_sgd_ensemble(
    networks: Sequence[ThreeLayer],
    x: Sequence[Tensor],
    y: Sequence[Tensor],
    settings: Sequence[SecondVariant],
    *,
    rngs: Sequence[np.random.Generator],
    observers: Sequence[Callable[[RoundSnapshot], Mapping[str, Any]]] | None = None,
    progress: bool = False,
) -> list[SecondVariantTrajectory]:
    """Run Algorithm 1 on nets of one shape side by side, each with its own data, constants and randomness.

    Every product becomes one batched product: some variants and seeds of narrow nets take less time so than one after
    another.

    Parameters
    ----------
    networks, x, y, settings, rngs
        As for `second_variant_sgd`, one of each for a net, in shapes that agree; so must `n_rounds`, `inner_steps` and
        `batch_size`. Data that nets share, the same tensor, are kept once.
    observers : sequence of callable, optional
        `observe` of each net.
    progress : bool
        Show a progress bar.

    Returns
    -------
    list of SecondVariantTrajectory
        In the order of the nets.

    Raises
    ------
    ValueError
        As `second_variant_sgd`; also if numbers or shapes do not agree.
    FloatingPointError
        As `second_variant_sgd`, if it happens to one of the nets.
    """
    _check(networks, x, y, settings, rngs, observers)
    (n_rounds, inner_steps, batch_size), n = _lengths(settings[0]), len(x[0])
    count = n_rounds * inner_steps * batch_size
    orders = np.stack([order_of_points(n, count, rng).reshape(n_rounds, inner_steps, -1) for rng in rngs], axis=2)
    inputs, targets, device = stack(x), stack(y), x[0].device
    nets = torch.arange(len(networks), device=device)[:, None]
    with torch.no_grad():
        objective = SmoothedObjectives(networks, settings, rngs)
        scales = np.ones(len(networks))
        rows = [_records(objective, 0, scales, inputs.new_full((len(networks),), torch.nan), observers)]
        for t, order in enumerate(tqdm(orders, desc="Algorithm 1", unit="round", disable=not progress)):
            scales = np.array([(1 - setting.shrinkage) ** t for setting in settings])
            lam, seen = torch.from_numpy(scales).to(inputs), inputs.new_zeros(len(networks))
            for batch in torch.from_numpy(order).to(device):
                seen += objective.step(inputs[nets, batch], targets[nets, batch], lam)
            if not bool(torch.isfinite(seen).all()):
                found = float(settings[int(torch.isfinite(seen).int().argmin())].step_size)
                raise FloatingPointError(
                    f"step_size: the objective is no longer finite in round {t + 1} with step_size = {found:g}; "
                    "take a smaller one"
                )
            rows.append(_records(objective, (t + 1) * inner_steps, scales, seen / inner_steps, observers))
        chosen = _choose(objective, x, y, scales)
    return [
        SecondVariantTrajectory(
            steps=np.arange(n_rounds + 1, dtype=np.int64) * inner_steps,
            step_size=setting.step_size,
            space="weights",
            first=own(objective.first[net]),
            second=own(objective.second[net]),
            signs=signs if setting.signs else None,
            candidate_losses=losses,
            network=best,
            observations=stacked([row[net][1] for row in rows]),
            **stacked([row[net][0] for row in rows]),
        )
        for net, (setting, (signs, losses, best)) in enumerate(zip(settings, chosen, strict=True))
    ]


def _lengths(settings: SecondVariant) -> tuple[int, int, int]:
    return settings.n_rounds, settings.inner_steps, settings.batch_size


def _check(
    networks: Sequence[ThreeLayer],
    x: Sequence[Tensor],
    y: Sequence[Tensor],
    settings: Sequence[SecondVariant],
    rngs: Sequence[np.random.Generator],
    observers: Sequence[Callable[[RoundSnapshot], Mapping[str, Any]]] | None,
) -> None:
    each = {"x": x, "y": y, "settings": settings, "rngs": rngs}
    check_counts(networks, each if observers is None else {**each, "observers": observers})
    check_one_kind("networks", [f"{kind(net.first_weights)}, {kind(net.second_weights)}" for net in networks])
    check_one_kind("x", [kind(points) for points in x])
    lengths = ("n_rounds = {}, inner_steps = {}, batch_size = {}".format(*_lengths(setting)) for setting in settings)
    if len(found := set(lengths)) > 1:
        raise ValueError(
            f"settings: expected one n_rounds, inner_steps and batch_size for all, found {'; '.join(sorted(found))}"
        )
    for net, points, targets in zip(networks, x, y, strict=True):
        check_inputs("x", points, net.first_weights)
        check_targets(targets, points)
    check_batch_size(settings[0].batch_size, len(x[0]))


def _records(
    objective: SmoothedObjectives,
    step: int,
    scales: Array,
    means: Tensor,
    observers: Sequence[Callable[[RoundSnapshot], Mapping[str, Any]]] | None,
) -> list[tuple[dict[str, Array], dict[str, Array]]]:
    """What is recorded of each net after a round."""
    norms = torch.stack([torch.linalg.vector_norm(w, dim=(1, 2)) for w in (objective.first, objective.second)], dim=1)
    found = []
    for net, (start, scale) in enumerate(zip(objective.starts, scales, strict=True)):

        def moved(
            signs: Tensor | None,
            start: ThreeLayer = start,
            first: Tensor = objective.first[net],
            second: Tensor = objective.second[net],
            scale: float = scale,
        ) -> ThreeLayer:
            return _scaled(start.moved(first, second, signs), scale)

        measured = {"scales": np.float64(scale), **row({"objectives": means[net], "movement": norms[net]})}
        now = RoundSnapshot(step, scale, moved)
        found.append((measured, row({} if observers is None else observers[net](now))))
    return found


def _choose(
    objective: SmoothedObjectives, x: Sequence[Tensor], y: Sequence[Tensor], scales: Array
) -> list[tuple[Tensor, Array, ThreeLayer]]:
    """Lines 6 to 8 for each net: Sigma-hat, the loss on all points with each smoothing, and the best net."""
    signs, chosen = objective.draw_signs(), list(objective.starts)
    losses: list[list[float]] = [[] for _ in chosen]
    for candidate in range(max(settings.candidates for settings in objective.settings)):
        w, v = objective.smoothed(signs)
        for net, (start, settings, scale) in enumerate(zip(objective.starts, objective.settings, scales, strict=True)):
            if candidate < settings.candidates:
                found = _scaled(replace(start, first_weights=own(w[net]), second_weights=own(v[net])), scale)
                losses[net].append(float((found(x[net]) - y[net]).square().mean() / 2))
                if losses[net][-1] <= min(losses[net]):
                    chosen[net] = found
    return list(zip(signs, map(np.array, losses), chosen, strict=True))


def _scaled(network: ThreeLayer, scale: float) -> ThreeLayer:
    """The net with its output times lambda; its weights stay as they are."""
    return replace(network, output_weights=scale * network.output_weights)

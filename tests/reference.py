"""Oracles: the formulas of the papers written slowly and plainly, to compare the package with."""

import itertools
import math

import mpmath
import numpy as np
import torch

DIGITS = 60


def mp_angle(x, y):
    """Angle between two vectors of floats, to `DIGITS` digits."""
    with mpmath.workdps(DIGITS):
        x, y = ([mpmath.mpf(float(value)) for value in vector] for vector in (x, y))
        unit_x, unit_y = ([value / mpmath.norm(vector) for value in vector] for vector in (x, y))
        apart = mpmath.norm([a - b for a, b in zip(unit_x, unit_y, strict=True)])
        together = mpmath.norm([a + b for a, b in zip(unit_x, unit_y, strict=True)])
        return 2 * mpmath.atan2(apart, together)


def mp_norm(x):
    with mpmath.workdps(DIGITS):
        return mpmath.norm([mpmath.mpf(float(value)) for value in x])


def _gram(x, entry):
    x = np.asarray(x)
    with mpmath.workdps(DIGITS):
        return mpmath.matrix([[mp_norm(a) * mp_norm(b) * entry(mp_angle(a, b)) for b in x] for a in x])


def as_float(matrix):
    return np.array(matrix.tolist(), dtype=float).reshape(matrix.rows, matrix.cols)


def mp_h_infinity(x):
    """x.y (pi - theta) / (2 pi), an mpmath matrix."""
    return _gram(x, lambda t: mpmath.cos(t) * (mpmath.pi - t) / (2 * mpmath.pi))


def kappa_0(c):
    return (mpmath.pi - mpmath.acos(c)) / mpmath.pi


def kappa_1(c):
    return (mpmath.sqrt(1 - c * c) + (mpmath.pi - mpmath.acos(c)) * c) / mpmath.pi


def _clip(c):
    return max(min(c, mpmath.mpf(1)), mpmath.mpf(-1))


def mp_conjugate_kernel(x, depth):
    def entry(angle):
        c = mpmath.cos(angle)
        for _ in range(depth):
            c = kappa_1(_clip(c))
        return c

    return _gram(x, entry)


def mp_neural_tangent_kernel(x, depth):
    def entry(angle):
        c = tangent = mpmath.cos(angle)
        for _ in range(depth):
            tangent = kappa_1(_clip(c)) + kappa_0(_clip(c)) * tangent
            c = kappa_1(_clip(c))
        return tangent

    return _gram(x, entry)


def loop_gram(x, weights, output_weights):
    """H_ij = (x_i.x_j / m) sum_r a_r^2 1{w_r.x_i >= 0} 1{w_r.x_j >= 0}, one number at a time."""
    n, m = len(x), weights.shape[1]
    gram = torch.zeros(n, n, dtype=x.dtype)
    for i, j, r in itertools.product(range(n), range(n), range(m)):
        w = weights[:, r]
        if w @ x[i] >= 0 and w @ x[j] >= 0:
            gram[i, j] += (x[i] @ x[j]) * output_weights[r] ** 2 / m
    return gram


def loop_forward(x, weights, output_weights):
    """f(x_i) = (1 / sqrt(m)) sum_r a_r max(w_r.x_i, 0), one number at a time."""
    m = weights.shape[1]
    rows = [sum(output_weights[r] * max(float(weights[:, r] @ row), 0.0) for r in range(m)) for row in x]
    return torch.stack([torch.as_tensor(row) for row in rows]) / m**0.5


def forward(x, weights, output_weights):
    """The net as autograd sees it."""
    return torch.relu(x @ weights) @ output_weights / weights.shape[1] ** 0.5


def jacobian_gram(x, weights, output_weights):
    """First-layer tangent kernel through torch.func: the Jacobian of the predictions, times its transpose."""

    def predict(w, row):
        return forward(row[None], w, output_weights)[0]

    jacobian = torch.func.vmap(torch.func.jacrev(predict), (None, 0))(weights, x).flatten(1)
    return jacobian @ jacobian.T


def autograd_descent(network, x, y, step_size, n_steps):
    """First-layer weights at steps 0 to n_steps of gradient descent on 1/2 |y - f(x)|^2."""
    weights = network.weights.clone()
    path = [weights]
    for _ in range(n_steps):
        leaf = path[-1].clone().requires_grad_()
        loss = ((y - forward(x, leaf, network.output_weights)) ** 2).sum() / 2
        (gradient,) = torch.autograd.grad(loss, leaf)
        path.append(path[-1] - step_size * gradient)
    return path


def deep_forward(x, weights, output_weights):
    """The deep net as autograd sees it."""
    for w in weights:
        x = torch.relu(x @ w)
    return x @ output_weights


def autograd_logistic_descent(network, x, y, step_size, n_steps):
    """Weights, L_S and its gradients at steps 0 to n_steps of SGD without momentum on the mean logistic loss."""
    leaves = [w.clone().requires_grad_() for w in network.weights]
    optimiser = torch.optim.SGD(leaves, lr=step_size)
    path = []
    for _ in range(n_steps + 1):
        optimiser.zero_grad()
        loss = torch.log1p(torch.exp(-y * deep_forward(x, leaves, network.output_weights))).mean()
        loss.backward()
        path.append(([w.detach().clone() for w in leaves], float(loss.detach()), [w.grad.clone() for w in leaves]))
        optimiser.step()
    return path


def loop_logistic_descent(network, x, y, step_size, n_steps):
    """Gradient descent on the mean logistic loss of a net with one hidden layer, one number at a time."""
    n, d = x.shape
    x, y, v = x.tolist(), y.tolist(), network.output_weights.tolist()
    neurons = network.weights[0].T.tolist()
    path = []
    for _ in range(n_steps + 1):
        z = [[sum(w[j] * row[j] for j in range(d)) for w in neurons] for row in x]
        margins = [y[i] * sum(v[r] * max(z[i][r], 0.0) for r in range(len(v))) for i in range(n)]
        slopes = [-1 / (1 + math.exp(q)) for q in margins]
        gradient = [
            [sum(slopes[i] * y[i] * v[r] * (z[i][r] > 0) * x[i][j] for i in range(n)) / n for j in range(d)]
            for r in range(len(v))
        ]
        path.append(
            {
                "margins": margins,
                "loss": sum(math.log(1 + math.exp(-q)) for q in margins) / n,
                "surrogate": -sum(slopes) / n,
                "gradient_norm": math.sqrt(sum(g * g for row in gradient for g in row)),
                "gates": [[q > 0 for q in row] for row in z],
            }
        )
        neurons = [[w[j] - step_size * g[j] for j in range(d)] for w, g in zip(neurons, gradient, strict=True)]
    return path


def unit_inputs(n, d, seed=0, dtype=torch.float64):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, d))
    return torch.from_numpy(x / np.linalg.norm(x, axis=1, keepdims=True)).to(dtype)


def hard_inputs():
    """Inputs of every kind: ordinary, orthogonal, duplicate, antipodal, nearly both, of other lengths."""
    rng = np.random.default_rng(3)
    a, b = np.linalg.qr(rng.standard_normal((5, 2)))[0].T
    rows = [a, b, a, -a, rng.standard_normal(5), 1e-3 * rng.standard_normal(5), 50 * rng.standard_normal(5)]
    rows += [np.cos(t) * a + np.sin(t) * b for t in (1e-1, 1e-2, 1e-3, 1e-5, 1e-8, np.pi - 1e-2, np.pi - 1e-6)]
    return torch.from_numpy(np.stack(rows))

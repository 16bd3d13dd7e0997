"""Kernel ridge regression in closed form, for many ridges from one eigendecomposition."""

from dataclasses import dataclass

from torch import Tensor

from ntkbook.expect import expects
from ntkbook.spectrum import Spectrum


@dataclass(frozen=True)
class KernelRidge:
    """Minimisers of |K alpha - y|^2 + rho alpha' K alpha, one for each ridge rho."""

    ridges: Tensor
    """rho (r,), in the units of the kernel: rho = n lambda for the mean squared error plus lambda |f|^2."""
    dual: Tensor
    """alpha = (K + rho I)^-1 y (n, r)."""
    train_predictions: Tensor
    """K alpha (n, r)."""

    def _sizes(self) -> dict[str, int]:
        return {"n": len(self.dual)}

    @expects(cross="t n")
    def predict(self, cross: Tensor) -> Tensor:
        """Predictions for other inputs, such as those for validation and test.

        Parameters
        ----------
        cross : Tensor (n2, n)
            Kernel of those inputs, in rows, with the training inputs.

        Returns
        -------
        Tensor (n2, r)
        """
        return cross @ self.dual


@expects(labels="n", ridges="r")
def kernel_ridge(spectrum: Spectrum, labels: Tensor, ridges: Tensor) -> KernelRidge:
    """Solve for all ridges by alpha = sum_i v_i (v_i.y) / (lambda_i + rho).

    The optimum of a linear learner that weight decay regularises, with no question of steps or convergence. A learner
    that starts at f_0, as a linearised net does, has y - f_0(x) for labels and adds f_0 to its predictions.

    Parameters
    ----------
    spectrum : Spectrum
        Of the Gram matrix K of the training inputs. Eigenvalues below 0 can only be rounding and count as 0.
    labels : Tensor (n,)
        y, float64.
    ridges : Tensor (r,)
        rho > 0, float64. Below about 1e-13 of lambda_max a ridge fits the rounding of the Gram matrix.

    Returns
    -------
    KernelRidge

    Raises
    ------
    ValueError
        If the shapes do not fit, or a ridge is not positive and finite.
    """
    if not bool((ridges > 0).all()):
        raise ValueError(
            f"ridges: expected positive finite numbers, found {ridges.tolist()}; for none take a small one"
        )
    lam = spectrum.eigenvalues.clamp(min=0)[:, None]
    coordinates = spectrum.project(labels)[:, None] / (lam + ridges)  # (v_i.y) / (lambda_i + rho)    (n, r)
    v = spectrum.eigenvectors
    return KernelRidge(ridges, v @ coordinates, v @ (lam * coordinates))

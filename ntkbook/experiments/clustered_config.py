"""Settings of the experiment `clustered_data`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Config:
    """Settings, checked at construction. Step sizes are eta = rate / m."""

    profile: str
    """Name of the profile."""
    widths: tuple[int, ...]
    """Numbers of neurons m on the synthetic data, increasing."""
    n_seeds: int
    """Repetitions: of the data where they are drawn, of start and batches everywhere."""
    n_images: int
    """MNIST training images."""
    n_images_test: int
    """MNIST test images."""
    widths_images: tuple[int, ...]
    """Numbers of neurons m on MNIST, increasing."""
    n_steps_printed: int
    """Steps T on MNIST at the paper's rate."""
    n_steps_gentle: int
    """Steps on MNIST at the gentle rate."""
    width_structure: int
    """Neurons where the structure of the data or the labels vary."""
    sigmas: tuple[float, ...]
    """Scales of the noise in the sweep over structure, increasing; so are the next three."""
    ks: tuple[int, ...]
    """Numbers of classes."""
    ls: tuple[int, ...]
    """Numbers of components in a class."""
    dims: tuple[int, ...]
    """Dimensions, each at least k l."""
    n_steps_labels: int
    """Steps on random and on true labels."""
    width_simple: int
    """Neurons in setting (S)."""
    images: str = "mnist"
    """Name of the images, in the sense of `ntkbook.data.load_classes`; they have ten classes."""
    n_classes: int = 10
    """k of the synthetic data."""
    n_components: int = 2
    """l of the synthetic data."""
    dim: int = 1000
    """d of the synthetic data in Figure 1."""
    dim_structure: int = 1000
    """d where sigma, k, l or the labels vary, and in setting (S)."""
    n_points: int = 1000
    """Training points of the synthetic data, and as many for testing."""
    n_probe: int = 128
    """Test points that are looked at along a run."""
    batch_size: int = 16
    """B on the synthetic data."""
    batch_size_images: int = 64
    """B on MNIST."""
    n_steps: int = 400
    """T on the synthetic data."""
    rate: float = 10.0
    """m eta on the synthetic data."""
    rate_printed: float = 4000.0
    """m eta on MNIST as printed."""
    rate_gentle: float = 40.0
    """m eta on MNIST at which the first steps do not overshoot."""
    rate_simple: float = 0.01
    """m eta in setting (S), where Lemma 5.1 is not vacuous; the paper's own `rate` is run beside it."""
    n_steps_simple: int = 100
    """Steps in setting (S) at that rate; at the paper's own rate `n_steps`."""
    n_arrays: int = 20
    """Random error arrays for Lemma 5.2."""
    width_xor: int = 1000
    """Neurons on the XOR data."""
    n_steps_xor: int = 2000
    """Steps on the XOR data."""
    per_decade: int = 4
    """Recorded steps for each factor of ten."""
    seed: int = 0
    """Root of every random stream."""

    def __post_init__(self):
        for name in ("widths", "widths_images", "sigmas", "ks", "ls", "dims"):
            values = getattr(self, name)
            if len(values) < 2 or list(values) != sorted(set(values)) or not values[0] > 0:
                raise ValueError(f"{name}: expected at least two increasing positive numbers, found {values}")
        if self.n_seeds < 1 or min(self.n_images, self.n_images_test, self.n_points, self.n_probe) < 1:
            raise ValueError(
                f"n_seeds, n_images, n_images_test, n_points, n_probe: expected at least 1 each, found "
                f"{self.n_seeds}, {self.n_images}, {self.n_images_test}, {self.n_points} and {self.n_probe}"
            )
        count = max(self.n_classes, *self.ks) * self.n_components, self.n_classes * max(self.n_components, *self.ls)
        if self.dims[0] < self.n_classes * self.n_components or min(self.dim, self.dim_structure) < 2 * max(count):
            raise ValueError(
                f"dims, dim, dim_structure: expected at least k l and twice the largest k l, {max(count)}, "
                f"found {self.dims}, {self.dim} and {self.dim_structure}"
            )

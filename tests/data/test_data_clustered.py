import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist
from sklearn.datasets import load_digits

from ntkbook.data import clustered_mixture, load_classes, separated_mixture, separation, unit_rows, xor_mixture


def rng(seed=0):
    return np.random.default_rng(seed)


def test_gaussian_mixture_has_the_norms_of_the_paper():
    mixture = clustered_mixture(10, 2, 1000, rng())
    points = mixture.draw(2000, rng(1))
    assert (np.linalg.norm(mixture.means, axis=1) ** 2).mean() == pytest.approx(25, rel=0.05)
    noise = points.x - mixture.means[points.components]
    assert (noise**2).sum(1).mean() == pytest.approx(1, rel=0.01)
    assert mixture.n_classes == 10
    assert np.array_equal(points.classes, points.components // 2)


def test_components_are_equally_likely_and_draws_independent_of_the_means():
    mixture = clustered_mixture(5, 3, 20, rng())
    counts = np.bincount(mixture.draw(15_000, rng(1)).components, minlength=15)
    assert (np.abs(counts - 1000) < 150).all()
    again, other = mixture.draw(5, rng(1)), mixture.draw(5, rng(2))
    assert np.array_equal(again.x, mixture.draw(5, rng(1)).x)
    assert not np.allclose(again.x, other.x)


@pytest.mark.parametrize("d", [20, 300])
def test_separated_mixture_meets_both_assumptions_at_any_dimension(d):
    points = separated_mixture(10, 2, d, rng()).draw(1500, rng(1))
    found = separation(points.x, points.classes, points.components)
    assert found.a1
    assert found.a2
    assert found.components == 2
    assert found.allowed == 1 / 16
    assert found.diameter <= 2 * 0.03 / 0.97
    assert found.delta >= 2**0.5 - 2 * 0.03 / 0.97


def test_paper_s_synthetic_data_meet_neither_assumption():
    points = clustered_mixture(10, 2, 1000, rng()).draw(500, rng(1))
    found = separation(points.x, points.classes, points.components)
    assert not found.a1
    assert not found.a2
    assert found.lam > found.allowed


def test_planar_xor_is_that_of_the_paper():
    points = xor_mixture().draw(4000, rng())
    centres = np.array([[0, 0], [2, 2], [0, 2], [2, 0]])
    radii = np.linalg.norm(points.x - centres[points.components], axis=1)
    assert radii.max() <= 0.05
    assert (radii**2).mean() == pytest.approx(0.05**2 / 2, rel=0.05)  # uniform in a disc
    assert np.array_equal(points.classes, [0, 0, 1, 1] @ (points.components == np.arange(4)[:, None]))


@pytest.mark.parametrize(("radius", "lam", "meets"), [(0.05, 0.147, False), (0.02, 0.057, True)])
def test_lifted_xor_meets_the_assumption_at_the_smaller_radius_only(radius, lam, meets):
    points = xor_mixture(radius=radius, lifted=True).draw(8000, rng())
    found = separation(points.x, points.classes, points.components)
    assert points.x.shape == (8000, 3)
    assert found.a2
    assert found.lam == pytest.approx(lam, rel=0.03)
    assert found.lam <= lam + 1e-3  # a sample sees at most the diameter
    assert found.a1 == meets


def test_separation_is_that_of_all_pairs():
    points = clustered_mixture(3, 2, 4, rng()).draw(60, rng(1))
    found = separation(points.x, points.classes, points.components)
    between = cdist(points.x, points.x)[points.classes[:, None] != points.classes]
    within = max(pdist(points.x[points.components == c]).max() for c in range(6))
    assert found.delta == pytest.approx(between.min(), rel=1e-9)
    assert found.diameter == pytest.approx(within, rel=1e-9)
    assert found.lam == pytest.approx(within / between.min(), rel=1e-9)
    assert found.norm_range == pytest.approx(tuple(np.sort(np.linalg.norm(points.x, axis=1))[[0, -1]]))


def test_components_of_one_class_may_touch():
    found = separation([[0.0], [0.1], [1.0], [1.02]], [0, 0, 1, 1], [0, 1, 2, 2])
    assert found.delta == pytest.approx(0.9)
    assert found.diameter == pytest.approx(0.02)
    assert found.components == 2


def test_points_that_coincide_across_classes_are_not_separated():
    found = separation([[1.0, 0.0], [1.0, 0.0]], [0, 1], [0, 1])
    assert found.delta == 0
    assert not found.a1


def test_every_point_its_own_component_has_no_diameter():
    x = np.random.default_rng(0).standard_normal((10, 3))
    found = separation(x, np.arange(10) % 2, np.arange(10))
    assert found.lam == pytest.approx(0, abs=1e-7)
    assert (found.components, found.allowed, found.a1) == (5, 1 / 40, True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clustered_mixture(1, 2, 5, rng()), "n_classes: expected a whole number >= 2, found 1"),
        (lambda: clustered_mixture(2, 1, 5, rng(), sigma=-1.0), "sigma: expected a number >= 0, found -1"),
        (lambda: separated_mixture(5, 2, 9, rng()), "d: expected at least k l = 10.*found 9"),
        (lambda: separated_mixture(5, 2, 10, rng(), radius=1.0), r"radius: expected a number in \[0, 1\), found 1"),
        (lambda: xor_mixture(radius=0.0), r"radius: expected a number in \(0, 1\).*found 0"),
        (lambda: xor_mixture().draw(0, rng()), "n: expected a whole number >= 1, found 0"),
        (lambda: separation(np.ones((3, 2)), [0, 1], [0, 1]), r"classes: expected shape .*n = 3 as in x, found"),
        (lambda: separation(np.ones((2, 2)), [0, 0], [0, 1]), "classes: expected at least 2, found 1"),
        (lambda: separation(np.ones((2, 2)), [0, 1], [0, 0]), "components: expected each in one class, found comp"),
        (lambda: load_classes("mnist", n_train=5, n_test=0, rng=rng(), classes=(1,)), "classes: expected two or more"),
        (lambda: load_classes("mnist", n_train=5, n_test=0, rng=rng(), classes=(1, 1)), "classes: expected two or mor"),
        (lambda: load_classes("mnist", n_train=5, n_test=0, rng=rng(), classes=(1, 10)), "classes: expected two or mo"),
        (
            lambda: load_classes("mnist", n_train=5, n_test=0, rng=rng(), classes=("a", 1)),  # pyright: ignore[reportArgumentType]
            "classes: expected two or m",
        ),
        (lambda: load_classes("cats", n_train=5, n_test=0, rng=rng()), "name: expected one of"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_images_of_several_classes_are_labelled_by_their_place():
    sample = load_classes("digits", n_train=1000, n_test=700, rng=rng())
    assert set(sample.y_train) == set(sample.y_test) == set(range(10))
    few = load_classes("digits", n_train=300, n_test=100, rng=rng(), classes=(7, 3, 1))
    images, digits = load_digits(return_X_y=True)
    nearest = (unit_rows(images) @ few.x_train.T).argmax(0)
    np.testing.assert_array_equal(np.array([7, 3, 1])[few.y_train.astype(int)], digits[nearest])
    assert few.source == sample.source


def test_images_that_are_not_scaled_to_norm_one_are_pixels_over_the_root_of_their_number():
    sample, scaled = (
        load_classes("digits", n_train=300, n_test=100, rng=rng(), unit_norm=unit) for unit in (False, True)
    )
    images, _ = load_digits(return_X_y=True)
    nearest = (unit_rows(images) @ scaled.x_train.T).argmax(0)
    np.testing.assert_allclose(sample.x_train, images[nearest] / (16 * 8))
    np.testing.assert_allclose(unit_rows(sample.x_test), scaled.x_test)
    np.testing.assert_array_equal(sample.y_train, scaled.y_train)
    assert float(np.linalg.norm(sample.x_train, axis=1).max()) < 1
    assert sample.sha256 != scaled.sha256
    assert (sample.unit_norm, scaled.unit_norm) == (False, True)


def test_pixels_of_mnist_are_bytes():
    few = load_classes("mnist", n_train=50, n_test=1, rng=rng(), unit_norm=False)
    assert float(few.x_train.max()) == 1 / 28

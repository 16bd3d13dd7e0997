from rooms import tiny_record

from ntkbook.experiments.problem import LABELS
from ntkbook.records import part


def test_iteration_and_sum_agree_to_rounding_for_each_kind_of_labels():
    error = part(tiny_record("convergence"), "identity").error
    assert error.labels.values.tolist() == list(LABELS)
    assert float(error.max()) < 1e-13

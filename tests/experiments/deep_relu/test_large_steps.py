"""Laws of runs with large steps."""

from rooms import tiny_record


def test_best_step_has_the_least_surrogate_error():
    runs = tiny_record("deep_relu")["large_steps"].to_dataset()
    assert bool((runs.surrogate.argmin("step") == runs.best_step).all())
    assert runs.step.values.tolist() == list(range(16))

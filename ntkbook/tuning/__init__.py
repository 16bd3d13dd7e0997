"""A fair comparison of learners: tuned alike on validation data, compared on test data that nobody saw before.

The way goes from a `Task` over trials, a `Choice` for each learner and a `Contest` to a `Result` for each.
By construction

- a task draws training, validation and test data from three streams that are named by their purpose: nobody passes
  seeds, so no two can be the same;
- a trial tells a validation error. The test set is not drawn before a contest asks for it;
- a choice is the least validation error of one trial at each point of a grid, no more and no less. A winner at an end
  of its grid is refused, because better settings may lie beyond; but nothing lies below 0, and ridge may win at its
  lower end;
- a contest takes choices of equally many trials on one task;
- a result has no test error for a learner that is starved, neither fitted to its training set nor at rest, unless four
  times the training is shown to leave its validation error where it is.

A learner is a function train(x, y, settings) that returns a `Fit` for each of some settings, or None where it
diverged: it gets them all at once, so that it may train them side by side.
"""

from ntkbook.tuning.choice import RIDGE, Choice, EdgeError, Grid
from ntkbook.tuning.contest import Contest, NotConvergedError, Result
from ntkbook.tuning.task import Fit, Learner, Settings, Task, Trial

__all__ = [
    "RIDGE",
    "Choice",
    "Contest",
    "EdgeError",
    "Fit",
    "Grid",
    "Learner",
    "NotConvergedError",
    "Result",
    "Settings",
    "Task",
    "Trial",
]

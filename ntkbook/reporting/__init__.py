"""What three papers say about a reader's own data, without training: behind `ntkbook.report` and `ntkbook report`."""

from ntkbook.reporting.measure import Measures, measure
from ntkbook.reporting.problem import Problem, problem
from ntkbook.reporting.reading import read
from ntkbook.reporting.report import Report, report

__all__ = ["Measures", "Problem", "Report", "measure", "problem", "read", "report"]

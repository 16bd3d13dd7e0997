"""Four papers on overparameterised networks: every claim stated, run and judged."""

from typing import Any


def __getattr__(name: str) -> Any:
    """Load `report` when it is asked for, so that `import ntkbook` stays light."""
    if name == "report":
        from ntkbook.reporting.report import report

        return report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

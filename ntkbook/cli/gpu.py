"""`ntkbook gpu`: check, train and time on one GPU."""

from pathlib import Path
from typing import Annotated

import typer


def gpu(
    minutes: Annotated[float, typer.Option(help="Time allowed.")] = 8.0,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("gpu"),
    n: Annotated[int, typer.Option(help="Training images.")] = 10_000,
    m: Annotated[int, typer.Option(help="Neurons.")] = 10_000,
    steps: Annotated[int, typer.Option(help="Steps on MNIST; three in ten of them on CIFAR-10.")] = 1_000_000,
    rtol: Annotated[float, typer.Option(help="Error allowed to a long run, in units of |r(0)|.")] = 1e-3,
    data: Annotated[list[str] | None, typer.Option(help="Data set; may be repeated. All when left out.")] = None,
    labels: Annotated[list[str] | None, typer.Option(help="Labels: true, worst or random; all when left out.")] = None,
) -> None:
    """Check, train and time on one GPU, each part written as it ends.

    In order: does the device compute what the CPU does; exact gradient
    descent, the reference; Figure 1 of Arora et al. (2019) at n = m = 10,000
    by the long-horizon method; every benchmark. The same command goes on with
    long runs that ended for want of time. Without a GPU it runs on the CPU:
    small sizes in minutes, one curve at n = m = 10,000 in hours.

    On a machine without this command's packages: python -m ntkbook.gpu. From
    a plain copy of the tree set NTKBOOK_COMMIT, so that the records can name
    the code.

    For example:

        ntkbook gpu --minutes 8 --out gpu
        ntkbook gpu --n 100 --m 200 --steps 2000 --minutes 1
        ntkbook gpu --data mnist --labels true --rtol 1e-2 --minutes 240
    """
    from ntkbook.gpu.plan import DATA, KINDS, run

    run(out, minutes=minutes, n=n, m=m, steps=steps, rtol=rtol, datasets=data or DATA, labels=labels or KINDS)

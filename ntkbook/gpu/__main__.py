"""``python -m ntkbook.gpu``: the session without the command line's own packages."""

import argparse
from pathlib import Path

from ntkbook.gpu.plan import DATA, KINDS, run


def main(arguments: list[str] | None = None) -> None:
    """Read the options, and run.

    Parameters
    ----------
    arguments : list of str, optional
        `sys.argv[1:]` when left out.
    """
    parser = argparse.ArgumentParser(prog="python -m ntkbook.gpu", description="Check, train and time on one GPU.")
    parser.add_argument("--minutes", type=float, default=8.0, help="time allowed (8)")
    parser.add_argument("--out", type=Path, default=Path("gpu"), help="folder of the results (gpu)")
    parser.add_argument("--n", type=int, default=10_000, help="training images (10000)")
    parser.add_argument("--m", type=int, default=10_000, help="neurons (10000)")
    parser.add_argument("--steps", type=int, default=1_000_000, help="steps on MNIST (1000000); 3 in 10 of it on CIFAR")
    parser.add_argument("--rtol", type=float, default=1e-3, help="error allowed to a long run (1e-3)")
    parser.add_argument("--data", action="append", choices=DATA, help="data set (all), may be repeated")
    parser.add_argument("--labels", action="append", choices=KINDS, help="labels (all), may be repeated")
    chosen = vars(parser.parse_args(arguments))
    run(datasets=chosen.pop("data") or DATA, labels=chosen.pop("labels") or KINDS, **chosen)


if __name__ == "__main__":
    main()

"""The command line: ``ntkbook``, or ``python -m ntkbook``."""

from ntkbook.ending import Ended, end_on_signals, leave


def main() -> None:
    """Run the command line; a signal ends it with one line, its own exit code, and no process left."""
    end_on_signals()
    try:
        from ntkbook.cli import main as command_line  # takes a second, in which a signal may come

        command_line()
    except Ended as end:
        leave(end.code, end.told())


if __name__ == "__main__":
    main()

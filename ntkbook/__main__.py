"""``python -m ntkbook``: the command line."""

from ntkbook.cli import main

if __name__ == "__main__":
    main()

"""``python -m ntkbook.book``: build the book of the current folder."""

import argparse
import sys

from ntkbook.book import BookError, build


def main() -> int:
    """Parse the options and build; 1 when the book could not be built."""
    parser = argparse.ArgumentParser("python -m ntkbook.book", description="Bring the site of the book up to date.")
    parser.add_argument("--profile", choices=["quick", "laptop", "paper"], default="quick")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--force", action="store_true", help="execute every chapter again")
    options = parser.parse_args()
    try:
        build(".", **vars(options))
    except BookError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

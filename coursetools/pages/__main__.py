"""python -m coursetools.pages site FOLDER writes the web site, slides FOLDER the slides: make site and make slides do."""

import argparse
import sys
from pathlib import Path

from coursetools.pages import decks, site


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the lessons as pages.")
    parser.add_argument("what", choices=["site", "slides"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    try:
        return (site if options.what == "site" else decks).build(options.folder)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

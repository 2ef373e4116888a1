"""python -m coursetools.pages site FOLDER writes the web site, slides FOLDER the slides: make site and make slides do."""

import argparse
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the lessons as pages.")
    parser.add_argument("what", choices=["site", "slides"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.what == "slides":
        from coursetools.pages import decks

        decks.build(options.folder)
        return 0
    from coursetools.pages import site

    try:
        return site.build(options.folder)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

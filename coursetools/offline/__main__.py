"""python -m coursetools.offline FOLDER puts what slides need there."""

import sys
from pathlib import Path

from coursetools.offline import put_parts, put_reveal

put_parts(Path(sys.argv[1]))
put_reveal(Path(sys.argv[1]))

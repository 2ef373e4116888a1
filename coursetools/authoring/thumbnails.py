"""Stored figures compared with new ones, at the size of a thumbnail: nbval sees no pixels."""

import base64
import re
from io import BytesIO

import numpy as np
from nbformat import NotebookNode
from PIL import Image

THUMBNAIL, MOST_DIFFERENT, MOST_PLACES = 8, 24, 0.005  # pixels in one, levels of 255, share of the thumbnail


def trains(cell: NotebookNode) -> bool:
    """Whether a cell trains a network, by the calls that do."""
    return cell.cell_type == "code" and bool(re.search(r"\b(fit|accuracies)\(", cell.source))


def look_alike(figure: str, other: str) -> bool:
    """Whether two stored figures, PNG as base64, show the same at the size of a thumbnail.

    A label that another font moves by a pixel is no difference; an image that is upside down or mirrored is one.
    """
    thumbnails = [_thumbnail(each) for each in (figure, other)]
    if thumbnails[0].shape != thumbnails[1].shape:
        return False
    differs = np.abs(thumbnails[0] - thumbnails[1]).max(axis=2) > MOST_DIFFERENT
    return differs.mean() <= MOST_PLACES


def _thumbnail(png: str) -> np.ndarray:
    image = Image.open(BytesIO(base64.b64decode(png))).convert("RGB")
    return np.asarray(image.reduce(THUMBNAIL), float)

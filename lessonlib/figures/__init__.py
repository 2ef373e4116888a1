"""Every drawing of the course, in one style; each shows itself as a PNG with its caption below.

canvas holds the style and the strokes that all drawings share, arrays and charts what every lesson draws; the drawings of
one lesson stand in the module of its word. Here they are found, by the decorator that all of them have.
"""

import importlib
import pkgutil

from lessonlib.figures.canvas import STYLE, CaptionedFigure, is_drawing

__all__ = ["STYLE", "CaptionedFigure"]

for _room in pkgutil.iter_modules(__path__, f"{__name__}."):
    _drawings = {name: each for name, each in vars(importlib.import_module(_room.name)).items() if is_drawing(each)}
    globals().update(_drawings)
    __all__ += _drawings

"""Every drawing of the course, in one style; each shows itself as a PNG with its caption below.

canvas holds the style and the strokes that all drawings share, arrays and charts what every lesson
draws; the drawings of one lesson stand in the module of its word.
"""

from lessonlib.figures.arrays import maps, numbers, pictures
from lessonlib.figures.canvas import STYLE, CaptionedFigure
from lessonlib.figures.charts import bars, curves
from lessonlib.figures.filters import convolution_matrix, gallery, responses, tuning, window, window_places
from lessonlib.figures.parameters import detector, stacked_shares, zoom
from lessonlib.figures.pooling import place_and_angle, receptive_fields, to_scale

__all__ = [
    "STYLE",
    "CaptionedFigure",
    "bars",
    "convolution_matrix",
    "curves",
    "detector",
    "gallery",
    "maps",
    "numbers",
    "pictures",
    "place_and_angle",
    "receptive_fields",
    "responses",
    "stacked_shares",
    "to_scale",
    "tuning",
    "window",
    "window_places",
    "zoom",
]

"""Every drawing of the course, in one style; each shows itself as a PNG with its caption below.

canvas holds the style and the strokes that all drawings share, arrays and charts what every lesson
draws; the drawings of one lesson stand in the module of its word.
"""

from lessonlib.figures.arrays import images, maps, numbers
from lessonlib.figures.canvas import STYLE, CaptionedFigure
from lessonlib.figures.charts import bars, curves
from lessonlib.figures.cnn import network, runs, timeline
from lessonlib.figures.color import arrows, bank, one_sum, spread
from lessonlib.figures.filters import convolution_matrix, gallery, responses, tuning, window, window_places
from lessonlib.figures.inspection import confusions, maps_below
from lessonlib.figures.parameters import detector, stacked_shares, zoom
from lessonlib.figures.pooling import place_and_angle, receptive_fields, to_scale

__all__ = [
    "STYLE",
    "CaptionedFigure",
    "arrows",
    "bank",
    "bars",
    "confusions",
    "convolution_matrix",
    "curves",
    "detector",
    "gallery",
    "maps",
    "maps_below",
    "network",
    "numbers",
    "one_sum",
    "images",
    "place_and_angle",
    "receptive_fields",
    "responses",
    "runs",
    "spread",
    "stacked_shares",
    "timeline",
    "to_scale",
    "tuning",
    "window",
    "window_places",
    "zoom",
]

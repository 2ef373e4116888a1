"""One colour for each role, in every lesson. Lines and bars have theirs from course.mplstyle."""

# Images grey or as they are; kernels, weights and filtered maps around 0; feature maps from 0 on.
IMAGE, SIGNED, FEATURES = "gray", "PuOr_r", "viridis"  # red and blue are left to the channels of colour images
POSITIVE, NEGATIVE = "#b35806", "#542788"  # a signed number as a bar: the ends of the SIGNED map
WRONG, RIGHT = "Oranges", "#5f5f5f"  # answers of a network: the right ones are quieter, and still read

MARK = "#c2185b"  # boxes and arrows that say: look here
QUIET = "#8a8a8a"  # borders and lines in the background
QUIET_TEXT = SEEN = "#606060"  # what is written there, 6:1 on white; what one number sees of an image
OUTLINE = CHANCE = "#404040"
GRID, BETWEEN_ROWS = "#e0e0e0", "#e6e6e6"
MAP = PIXEL = "#d9d9d9"  # where its values are not shown
MEDIAN = "#dbe6ee"  # of several runs, behind their dots
LEARNS, FIXED = "#f0b49e", "#d5e3ee"  # steps of a network

# Of the parts of a whole, with the colour of what is written on them: each lighter than the one before, also in grey.
PARTS = [("#003f63", "white"), ("#c1440e", "white"), ("#c4c4c4", "black")]
RGB = {"red": "#c62828", "green": "#1b7f3b", "blue": "#1565c0"}  # the channels of an image, and nothing else
TINTS = {"red": "#ff5c5c", "green": "#5cd67f", "blue": "#6ea8ff"}  # the same at full brightness, light enough to see
# A filter among others, with its line style: no colour of a channel, none of a sign.
FILTERS = [
    ("#00798c", "-"),
    ("#aa3377", "--"),
    ("#6b6b00", "-."),
    ("#404040", ":"),
    ("#8a6a55", (0, (8, 2, 1, 2, 1, 2))),
]

"""The page where questions come back: their names and lessons. Which are due, and when, the browser knows."""

from coursetools.lesson import lessons
from coursetools.pages.questions import as_json, is_judged

PAGE = """# Practise what comes back

Whatever you have answered in a lesson comes back here with other numbers: after one day, after three more, and after
seven more. At most ten questions a day, those first that were wrong. Recalling a thing over days keeps it better than the
same minutes in one go. A wrong answer of somebody else helps too: who finds the mistake in it makes it less often.

<div id="practice"><noscript>The questions need JavaScript.</noscript></div>
<script type="application/json" id="questions">{questions}</script>
<script defer src="_static/practice.js"></script>
"""


def practice() -> str:
    """The page as Markdown, with {full name: [title, lesson]} of all that can come back."""
    return PAGE.format(
        questions=as_json(
            {
                exercise.full_name: [exercise.title, lesson.name, lesson.title]
                for lesson in lessons()
                for exercise in filter(is_judged, lesson.sheet.with_others)
            }
        )
    )

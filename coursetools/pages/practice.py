"""The page where questions come back: their names and lessons. Which are due, and when, the browser knows."""

from coursetools.lesson import lessons
from coursetools.pages.questions import as_json, is_judged

PAGE = """# Practise what comes back

Questions in numbers that you have answered in a lesson come back here with other numbers: after one day, after three more, and
after seven more. At most ten a day, those first that were wrong. The first answer of a day counts, and whoever opens the
solution did not know it. Recalling a thing over days keeps it better than the same minutes in one go. Finding the mistake in
somebody else's answer helps you to avoid it.

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

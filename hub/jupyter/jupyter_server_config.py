"""The link for students brings the lessons alone: any other could put code of anybody into the home of whoever clicks on it."""

import os
from pathlib import Path

from nbgitpuller.pull import GitPuller

FOLDER = Path.home() / "convolution-course"
as_it_was = GitPuller.__init__


def only_lessons(self, git_url, repo_dir, **options):
    """Pull from one repository into one folder."""
    lessons = os.environ["LESSONS"]
    if git_url != lessons or Path(repo_dir).resolve() != FOLDER.resolve():
        raise ValueError(f"This link is not your course's. Its lessons come from {lessons}, into {FOLDER}.")
    as_it_was(self, git_url, repo_dir, **options)


GitPuller.__init__ = only_lessons

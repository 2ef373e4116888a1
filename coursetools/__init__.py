"""What authors and instructors run: lessons are run, checked and stored by it. A lesson never imports it."""

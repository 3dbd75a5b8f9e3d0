"""In which order do the steps of many stories happen?"""

import heapq
from collections.abc import Iterable, Sequence
from pathlib import Path

from deploy.local.player.check import check_story
from deploy.local.player.expand import PlannedStep, Story, expand
from deploy.local.sample.load import SAMPLE, load_sample
from deploy.local.sample.models import Sample

STORIES = SAMPLE / "stories"


def load_stories(files: Iterable[Path] | None = None, sample: Sample | None = None) -> tuple[Story, ...]:
    """Stories laid out and checked, by default all of the sample factory, in the order in which they begin."""
    sample = sample or load_sample()
    stories = [expand(file, sample) for file in files or sorted(STORIES.glob("*.yaml"))]
    for story in stories:
        check_story(story, sample)
    return tuple(sorted(stories, key=lambda story: (story.start, story.name)))


def timeline(stories: Sequence[Story]) -> tuple[PlannedStep, ...]:
    """Every step of every story by time; at one moment, in the stories' order and each story's own."""
    return tuple(heapq.merge(*(story.steps for story in stories), key=lambda step: step.at))

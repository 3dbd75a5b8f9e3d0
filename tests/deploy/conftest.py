"""The image's content, built once for all tests that look at it."""

from pathlib import Path

import pytest

from tests.deploy.image import Image, build


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    folder: Path = tmp_path_factory.mktemp("image")
    return build(folder)

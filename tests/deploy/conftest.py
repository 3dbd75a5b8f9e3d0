"""The image's content and an installation's credentials, made once for all tests that look at them."""

from pathlib import Path

import pytest
from filelock import FileLock

from deploy.credentials import make
from tests.deploy.image import Image, build
from tests.support.infra import run_place


@pytest.fixture(scope="session")
def image() -> Image:
    folder = run_place() / "image"
    with FileLock(run_place() / "image.lock"):
        return Image.at(folder) if (folder / "made").exists() else build(folder)


@pytest.fixture(scope="session")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installation") / "compose"
    make(folder)
    return folder

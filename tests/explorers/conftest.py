"""Answers of the explorers' models, from node."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pages import EXPLORERS

ASK = Path(__file__).with_name("ask.mjs")


@pytest.fixture(scope="session")
def ask() -> Callable[..., list[Any]]:
    """Call functions of a model by name: ``ask("kernel", ["limit", 0.5], ["spread", 0.5, 10])``."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, which runs the explorers' models")

    def answers(explorer: str, *calls: list[Any]) -> list[Any]:
        command = [node, "--no-warnings", "--experimental-default-type=module", str(ASK)]
        command.append(str(EXPLORERS / explorer / "model.js"))
        done = subprocess.run(command, input=json.dumps(calls), text=True, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return answers

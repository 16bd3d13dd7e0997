"""What the README and CONTRIBUTING tell a newcomer to type does what they say."""

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

from ntkbook.cli import app, main
from ntkbook.experiments import catalogue

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
GUIDES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


def blocks(page, language):
    text = (ROOT / page).read_text("utf-8")
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def commands(page):
    """Every line of the shell blocks as a list of words, comments left out."""
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


COMMANDS = [pytest.param(words, id=" ".join(words)[:60]) for page in GUIDES for words in commands(page)]


def run(*words, cwd):
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "120"}
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("words", COMMANDS)
def test_documented_commands_parse(words):
    program, *arguments = words
    if program == "make":
        targets = [word for word in arguments if "=" not in word]
        variables = [word.split("=")[0] for word in arguments if "=" in word]
        makefile = (ROOT / "Makefile").read_text("utf-8")
        assert all(re.search(rf"^{target}:.*## ", makefile, re.MULTILINE) for target in targets), targets
        assert all(re.search(rf"^{name} [?:]?= ", makefile, re.MULTILINE) for name in variables), variables
    elif program == "ntkbook":
        group = typer.main.get_command(app)
        command = getattr(group, "commands")[arguments[0]]  # noqa: B009  # typer names no type for it
        context = command.make_context(arguments[0], arguments[1:])
        if arguments[0] == "run" and "NAME" not in arguments:
            assert context.params["experiment"] in catalogue.NAMES
    elif words[:2] == ["python", "-c"]:
        compile(words[2], "README.md", "exec")
    elif program == ".":
        assert arguments == [".venv/bin/activate"]
    else:
        assert (BIN / program).exists(), program


def test_the_parser_of_commands_sees_a_wrong_one():
    with pytest.raises(Exception, match="No such option"):
        test_documented_commands_parse(["ntkbook", "run", "kernel", "--profil", "quick"])
    with pytest.raises(AssertionError):
        test_documented_commands_parse(["make", "boook"])


def test_the_cheap_commands_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (python,) = [words for words in commands("README.md") if words[0] == "python" and "savez" in words[2]]
    exec(compile(python[2], "README.md", "exec"), {})
    cheap = [words for words in commands("README.md") if words[0] == "ntkbook" and words[1] in ("complexity", "list")]
    for _, *arguments in cheap:  # in this process, as torch takes seconds to load
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert not stop.value.code
    out = capsys.readouterr().out
    assert "shuffled labels" in out
    assert "ntkbook run convergence" in out
    assert (tmp_path / "spectrum.svg").is_file()


def test_the_installed_command_and_the_module_are_the_same(tmp_path):
    assert run("ntkbook", "--help", cwd=tmp_path) == run(sys.executable, "-m", "ntkbook", "--help", cwd=tmp_path)


def test_a_chapter_becomes_a_notebook(tmp_path):
    (words,) = [words for words in commands("README.md") if words[0] == "jupytext"]
    source = tmp_path / words[-1]
    source.parent.mkdir()
    shutil.copy(ROOT / words[-1], source)
    run(*words, cwd=tmp_path)
    assert '"nbformat"' in (tmp_path / "kernel.ipynb").read_text()


@pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")
def test_make_help_lists_the_documented_targets():
    listed = run("make", "help", cwd=ROOT)
    assert all(f"make {target} " in listed for target in ("book", "test", "lint"))


@pytest.mark.parametrize("example", blocks("README.md", "python"))
def test_python_examples_give_what_they_show(example):
    test = doctest.DocTestParser().get_doctest(example, {}, "README.md", "README.md", 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("page", GUIDES)
def test_files_that_are_named_exist(page):
    text = (ROOT / page).read_text("utf-8")
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    quoted = re.findall(
        r"`((?:book|ntkbook|tests|results|\.github|\.ci)/[\w./-]+|[\w.]+\.(?:md|txt|cff|yml|toml))`", text
    )
    made_later = ("NAME", "results/ledger.json")
    missing = [
        name for name in [*linked, *quoted] if not (ROOT / name).exists() and not any(m in name for m in made_later)
    ]
    assert not missing


def test_the_address_of_the_repository_stands_in_one_place():
    url = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["url"]
    short = url.removeprefix("https://").removesuffix(".git")
    named = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "pyproject.toml")
    assert not [name for name in named if short in (ROOT / name).read_text("utf-8")]


def test_the_citation_has_the_version_of_the_package_and_the_four_papers():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'version = "{citation["version"]}"' in pyproject
    bibliography = (ROOT / "book" / "references.bib").read_text("utf-8")
    titles = re.findall(r"^ +title += +\{(.*)\},", bibliography, re.MULTILINE)[:4]
    assert [paper["title"] for paper in citation["references"]] == [re.sub(r"[{}]", "", title) for title in titles]

"""Converting chapters, checking their parameters, and when a chapter is run again."""

import runpy
from pathlib import Path

import pytest
from toybook import REPOSITORY, edit, write_toy_book

from ntkbook.book import chapters as chapters_module
from ntkbook.book import key as key_module
from ntkbook.book.chapters import BookError, Chapter, accepted_parameters, code_cells, read_chapters
from ntkbook.book.execute import merge
from ntkbook.book.key import chapter_key
from ntkbook.book.render import restore, swap

QUICK = {"profile": "quick", "device": "cpu"}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NTKBOOK_DATA", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: str(tmp_path / "cache"))
    return write_toy_book(tmp_path)


def chapter(root: Path) -> Chapter:
    return next(page for page in read_chapters(root) if page.stem == "one")


def key(root: Path, **parameters: str) -> str:
    return chapter_key(chapter(root), root, QUICK | parameters)


def test_pages_come_in_the_order_of_the_contents_and_only_those_with_code_are_notebooks(toy: Path):
    pages = read_chapters(toy)
    assert [page.name for page in pages] == ["book/intro", "book/one", "book/build"]
    assert [page.notebook is not None for page in pages] == [False, True, False]


def test_pages_of_numbered_parts_have_numbers(toy: Path):
    assert [page.number for page in read_chapters(toy)] == [None, 1, None]
    edit(toy / "_toc.yml", "numbered: true", "numbered: false")
    assert [page.number for page in read_chapters(toy)] == [None, None, None]


def test_conversion_is_deterministic(toy: Path):
    assert chapter(toy).notebook == chapter(toy).notebook


def test_a_page_without_a_file_is_an_error(toy: Path):
    (toy / "book" / "one.md").unlink()
    with pytest.raises(BookError, match=r"found none at book/one\.md"):
        read_chapters(toy)


def test_an_incomplete_jupytext_header_is_an_error(toy: Path):
    edit(toy / "book" / "one.md", "    extension: .md\n", "")
    with pytest.raises(BookError, match=r"extension: \.md"):
        read_chapters(toy)


def test_a_misspelled_parameter_is_an_error(toy: Path):
    assert accepted_parameters(chapter(toy), QUICK) == QUICK
    edit(toy / "book" / "one.md", 'profile = "quick"', 'profil = "quick"')
    with pytest.raises(BookError, match=r"book/one: expected its `parameters` cell to define .*found device, profil"):
        accepted_parameters(chapter(toy), QUICK)


def test_a_parameter_cell_without_its_tag_is_an_error(toy: Path):
    edit(toy / "book" / "one.md", ":tags: [parameters]\n", "")
    with pytest.raises(BookError, match="tag the cell that sets device, profile"):
        accepted_parameters(chapter(toy), QUICK)


def test_prose_and_display_tags_do_not_change_the_key(toy: Path):
    before = key(toy)
    edit(toy / "book" / "one.md", "Some prose.", "Other prose.\n\n## With a section\n")
    edit(toy / "book" / "one.md", "ipython3\nfrom pathlib", "ipython3\n:tags: [hide-input]\nfrom pathlib")
    assert key(toy) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("book/one.md", "profile is", "the profile is"), ("requirements.txt", "numpy==", "numpy==9.")],
)
def test_code_and_pins_change_the_key(toy: Path, file: str, old: str, new: str):
    before = key(toy)
    edit(toy / file, old, new)
    assert key(toy) != before


def test_parameters_and_data_change_the_key(toy: Path, monkeypatch: pytest.MonkeyPatch):
    keys = [key(toy), key(toy, profile="laptop"), key(toy, device="cuda")]
    (toy / "data").mkdir()
    monkeypatch.setenv("NTKBOOK_DATA", str(toy / "data"))
    keys.append(key(toy))
    for part in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (toy / "data" / f"{part}-ubyte").write_text("1")
    keys.append(key(toy))
    assert len(set(keys)) == len(keys)
    (toy / "data" / "thesis.pdf").write_text("unrelated")
    assert key(toy) == keys[-1]


def test_package_code_behind_an_import_and_committed_records_change_the_key(toy: Path, monkeypatch: pytest.MonkeyPatch):
    edit(toy / "book" / "one.md", "from pathlib", "from ntkbook.fingerprint import digest\ndigest()\nfrom pathlib")
    monkeypatch.setattr(key_module.records, "RESULTS", toy)
    before = key(toy)
    (toy / "kernel-laptop.nc").write_bytes(b"record")
    recorded = key(toy)
    monkeypatch.setattr(key_module, "notebook_closure", lambda code: {"ntkbook.fingerprint:digest": "other code"})
    assert len({before, recorded, key(toy)}) == 3


def test_merging_gives_new_text_the_stored_outputs(toy: Path):
    executed = chapter(toy).notebook
    assert executed is not None
    output = {"output_type": "stream", "name": "stdout", "text": "profile is quick"}
    code_cells(executed)[1].outputs = [output]
    injected = {**code_cells(executed)[0], "metadata": {"tags": ["injected-parameters"]}}
    executed.cells.insert(2, chapters_module.NotebookNode(injected))
    edit(toy / "book" / "one.md", "Some prose.", "New prose.")
    merged = merge(chapter(toy), executed)
    assert code_cells(merged)[1].outputs == [output]
    assert "New prose." in merged.cells[0].source


def test_the_repository_is_named_in_one_place(toy: Path):
    config = (toy / "_config.yml").read_text()
    assert config.count("github.com/ntkbook") == 1


def test_a_swap_that_was_killed_half_way_is_undone(tmp_path: Path):
    site, new = tmp_path / "site", tmp_path / "new"
    for folder in (site, new):
        folder.mkdir()
        (folder / "index.html").write_text(folder.name)
    site.rename(tmp_path / "site.old")
    restore(site)
    assert (site / "index.html").read_text() == "site"
    swap(new, site)
    assert (site / "index.html").read_text() == "new"
    assert not (tmp_path / "site.old").exists()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("bounds |y - u(k)| by W_", r"bounds \|y - u(k)\| by W\_"),
        ("a * b and x_i and __init__", r"a \* b and x_i and __init_\_"),
        ("``|x| * W_`` and :math:`|x|` and `name`_", "``|x| * W_`` and :math:`|x|` and `name`_"),
        (">>> a | b", ">>> a | b"),
    ],
)
def test_formulas_in_docstrings_are_not_markup(line: str, shown: str):
    escape = runpy.run_path(str(REPOSITORY / "book" / "_ext" / "plain_docstrings.py"))["escape"]
    assert escape(line) == shown

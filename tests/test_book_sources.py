"""What the book is made from may be broken in any way: it is read as what it is, or named in one line."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toybook import TOC, edit, write_toy_book

from ntkbook.book import BookError
from ntkbook.book.chapters import accepted_parameters, read_chapters
from ntkbook.book.names import read_names
from ntkbook.book.sources import read_config
from ntkbook.cli import main


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy_book(tmp_path_factory.mktemp("book"))


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy_book(tmp_path)


def test_a_chapter_with_a_byte_order_mark_is_the_same_chapter(toy: Path):
    before = read_chapters(toy)
    one = toy / "book" / "one.md"
    one.write_bytes(b"\xef\xbb\xbf" + one.read_bytes().replace(b"\n", b"\r\n"))
    assert [chapter.notebook for chapter in read_chapters(toy)] == [chapter.notebook for chapter in before]
    assert read_names(read_chapters(toy), toy) == read_names(before, toy)


@pytest.mark.parametrize("name", ["one.txt", "_static/one.png", "_static/all"])
@pytest.mark.parametrize("kind", ["file", "folder", "nothing", "itself", "device", "pipe"])
def test_links_outside_and_what_is_no_file_are_refused(toy: Path, tmp_path_factory, name: str, kind: str):
    path, elsewhere = toy / "book" / name, tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "secret").write_text("secret")
    if kind == "pipe":
        os.mkfifo(path)
    else:
        places = {"file": elsewhere / "secret", "folder": elsewhere, "nothing": elsewhere / "none", "itself": path}
        path.symlink_to(places.get(kind, Path("/dev/zero")))
    with pytest.raises(BookError, match=rf"{name}: expected .*, found (a link outside: copy it in|neither: move it)"):
        read_chapters(toy)


def test_a_link_inside_the_book_is_one_of_its_files(toy: Path):
    (toy / "book" / "again.txt").symlink_to(toy / "book" / "one.md")
    assert read_chapters(toy)


CELL = "```{code-cell} ipython3\nprint(1)\n```"


def marked(before, text, inner=""):
    """A text with a mark before its first line and another before those that follow."""
    first, *rest = text.splitlines()
    return "\n".join([before + first, *(inner + line for line in rest)])


@pytest.mark.parametrize("page", ["build", "one"])
@pytest.mark.parametrize(
    "cell",
    [
        CELL.replace("```", ":::"),
        CELL.replace("{code-cell}", "{Code-Cell}"),
        f"````{{note}}\n{CELL}\n````",
        marked("- ", CELL, "  "),
        marked("1. ", CELL, "   "),
        marked("> ", CELL, "> "),
        marked("* > ", CELL, "  > "),
    ],
    ids=["colons", "capitals", "in a note", "in a list", "in a numbered list", "in a quote", "in a quote in a list"],
)
def test_a_code_cell_that_nobody_would_run_is_refused_wherever_it_stands(toy: Path, page: str, cell: str):
    path = toy / "book" / f"{page}.md"
    path.write_text(f"{path.read_text()}\n{cell}\n")
    with pytest.raises(BookError, match=rf"{page}\.md: expected .* they would not be run|it would not be run"):
        read_chapters(toy)


def test_a_code_cell_between_tildes_is_one(toy: Path):
    one = toy / "book" / "one.md"
    one.write_text(one.read_text() + "\n" + CELL.replace("```", "~~~") + "\n")
    (notebook,) = [chapter.notebook for chapter in read_chapters(toy) if chapter.notebook is not None]
    assert notebook.cells[-1].source == "print(1)"


@pytest.mark.parametrize("head", ["", "\n---\n", "--- \n", " ---\n"])
def test_a_page_with_code_that_nobody_would_run_is_refused(toy: Path, head: str):
    one = toy / "book" / "one.md"
    one.write_text(head + one.read_text().removeprefix("---\n"))
    with pytest.raises(BookError, match=r"one\.md: expected a jupytext header above code cells, found none"):
        read_chapters(toy)


@pytest.mark.parametrize("name", ["../outside", "book/../../outside", "{parent}/outside", "book/link"])
def test_pages_outside_the_folder_are_refused(tmp_path: Path, name: str):
    (tmp_path / "outside.md").write_text("# Outside\n")
    root = tmp_path / "root"
    root.mkdir()
    write_toy_book(root)
    (root / "book" / "link.md").symlink_to(tmp_path / "outside.md")
    edit(root / "_toc.yml", "book/one", name.format(parent=tmp_path))
    with pytest.raises(BookError, match=r"_toc\.yml: expected pages in the folder of the book, found '.*' outside"):
        read_chapters(root)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("_toc.yml", b""),
        ("_toc.yml", b"- a\n- b\n"),
        ("_toc.yml", b"root: [\n"),
        ("_toc.yml", b"\xff\xfe"),
        ("_toc.yml", b"format: jb-book\nparts: []\n"),
        ("_toc.yml", b"format: jb-book\nroot: 5\n"),
        ("_toc.yml", b"format: jb-book\nroot: book/intro\nchapter: 5\n"),
        ("_toc.yml", b"format: jb-book\nroot: 2018-13-01\n"),
        ("_toc.yml", b'root: "a\\0b"\n'),
        ("_toc.yml", b"root: &a [*a]\n"),
        ("_toc.yml", b"root: " + b"[" * 5000),
        ("_config.yml", b"a: b: c\n"),
        ("_config.yml", b"title: x\n"),
        ("_config.yml", b"repository: https://example.org\n"),
        ("_config.yml", b"repository: {url: a}\nbibtex_bibfiles: 5\n"),
        ("_config.yml", b"repository: {url: a}\nbibtex_bibfiles: [nowhere.bib]\n"),
        ("book/references.bib", b"@article{a,\n title={"),
        ("book/references.bib", b"@article{a,\n title={No author}}\n"),
        ("book/one.md", b"---\njupytext: [\n---\n"),
        ("book/one.md", b"---\njupytext: 5\n---\n"),
        ("book/one.md", b"\xff\xfe"),
    ],
)
def test_a_broken_source_is_one_line_and_exit_code_1(toy: Path, file: str, content: bytes, monkeypatch, capsys):
    monkeypatch.chdir(toy)
    (toy / file).write_bytes(content)
    with pytest.raises(SystemExit) as stop:
        main(["book"])
    assert stop.value.code == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert (".bib" if b".bib" in content else Path(file).name) in said[0]


def test_a_damaged_ledger_is_one_line_before_anything_runs(toy: Path, monkeypatch, capsys):
    monkeypatch.chdir(toy)
    (toy / "results").mkdir()
    (toy / "results" / "ledger.json").write_text("[{]")
    with pytest.raises(SystemExit) as stop:
        main(["book"])
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith("error: ledger.json: expected JSON")
    assert not (toy / "runs.txt").exists()


def test_a_cell_that_is_no_python_is_named(toy: Path):
    edit(toy / "book" / "one.md", "log = Path", "log = = Path")
    (chapter,) = (page for page in read_chapters(toy) if page.notebook)
    with pytest.raises(BookError, match="book/one: code cell 2: expected Python"):
        accepted_parameters(chapter, {"profile": "quick", "device": "cpu"})


def test_the_configuration_of_the_repository_is_accepted(toy: Path):
    assert read_config(toy)["repository"]["url"].startswith("https://")


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """A text after some edits: characters replaced, taken out, put in, lines doubled."""
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 6))
        piece = draw(
            st.sampled_from([":", "- ", "\n", "  ", "[", "{", "&a ", "*a", "!", "|", '"', "..", "/", "\t", "\0"])
        )
        text = text[:at] + piece + text[at + length :]
    return text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damaged(TOC))
def test_a_damaged_table_of_contents_is_read_or_refused_in_words(book: Path, text: str):
    (book / "_toc.yml").write_text(text, "utf-8")
    try:
        pages = read_chapters(book)
    except BookError:
        return
    assert all(page.path.resolve().is_relative_to(book.resolve()) for page in pages)

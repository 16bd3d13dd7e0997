"""The whole report: its numbers by other routes, and the page."""

import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import ntkbook
from ntkbook.cli import main
from ntkbook.data import load, load_classes, sphere
from ntkbook.kernels import h_infinity
from ntkbook.label_norm import NotPositiveDefiniteError
from ntkbook.reporting.advice import advice
from ntkbook.reporting.depths import margins_by_depth
from ntkbook.reporting.page import BOOK
from ntkbook.reporting.page import _about as about
from ntkbook.reporting.page import _number as number

X = sphere(60, 4, np.random.default_rng(0))
Y = np.where(X[:, 0] > 0, 1, -1)


def norm(x, y):
    return np.sqrt(2 * y @ np.linalg.solve(h_infinity(torch.tensor(x)).numpy(), y) / len(y))


def quiet(x, y, **options):
    return ntkbook.report(x, y, progress=False, **options)


def test_two_orthogonal_inputs_in_closed_form():
    m = quiet(np.eye(2), [0, 1]).measures  # H = I / 2
    assert m.complexity.tolist() == pytest.approx([2.0])  # sqrt(2 . 2 . 2 / 2)
    assert (m.spectrum.lambda_max, m.spectrum.lambda_min) == pytest.approx((0.5, 0.5))
    assert m.spectrum.steps_to(0.01, m.step_size) == [1, 1]
    assert m.clusters is not None
    assert m.clusters.delta == pytest.approx(2**0.5)
    assert m.depths is not None
    assert m.depths.margins[0, 0] == pytest.approx(0.5**0.5)  # the hull of e_1 and -e_2
    assert m.depths.margins[0, 1] == pytest.approx((0.5 - 0.5 / np.pi) ** 0.5)  # cos theta' = 1 / pi


def test_complexities_of_classes_are_one_against_the_rest():
    sample = load_classes("digits", n_train=200, n_test=0, rng=np.random.default_rng(0), classes=(0, 1, 2))
    m = quiet(sample.x_train, sample.y_train.astype(int)).measures
    for c in range(3):
        assert m.complexity[c] == pytest.approx(norm(sample.x_train, np.where(sample.y_train == c, 1.0, -1)), rel=1e-9)
    assert (m.shuffled > m.complexity).all()
    assert m.shuffled.shape == (20, 3)


def test_suspects_are_the_labels_that_a_fit_of_all_others_contradicts_most():
    sample = load("digits", n_train=150, n_test=0, rng=np.random.default_rng(0), classes=(3, 8))
    y = sample.y_train.copy()
    y[[4, 77]] *= -1
    m = quiet(sample.x_train, y).measures
    assert {4, 77} <= set(m.suspects[:4].tolist())
    gram = h_infinity(torch.tensor(sample.x_train)).numpy()
    for row in m.suspects:
        rest = np.arange(150) != row
        f = gram[row, rest] @ np.linalg.solve(gram[np.ix_(rest, rest)] + m.ridge * np.eye(149), y[rest])
        assert m.margins[row] == pytest.approx(y[row] * f, abs=1e-3)
        assert m.suggested[row] == (y[row] < 0)
    flipped = y.copy()
    flipped[m.suspects] *= -1
    assert m.flips is not None
    assert float(m.flips.before + m.flips.together) == pytest.approx(
        150 / 2 * norm(sample.x_train, flipped) ** 2, rel=1e-8
    )


def test_the_class_suggested_is_the_one_that_wins_without_the_input():
    sample = load_classes("digits", n_train=200, n_test=0, rng=np.random.default_rng(0), classes=(0, 1, 2, 3))
    y = sample.y_train.astype(int)
    y[[3, 50]] = (y[[3, 50]] + 1) % 4
    m = quiet(sample.x_train, y).measures
    assert {3, 50} <= set(m.suspects[:4].tolist())
    assert m.suggested[[3, 50]].tolist() == sample.y_train[[3, 50]].tolist()
    gram = h_infinity(torch.tensor(sample.x_train)).numpy()
    for row in m.suspects[:5]:
        rest = np.arange(200) != row
        system = gram[np.ix_(rest, rest)] + m.ridge * np.eye(199)
        f = gram[row, rest] @ np.linalg.solve(system, np.where(y[rest, None] == np.arange(4), 1.0, -1))
        assert m.suggested[row] == f.argmax()
        assert m.margins[row] == pytest.approx((f[y[row]] - f.max()) / 2, abs=1e-3)


def test_margins_of_a_part_are_no_smaller_than_those_of_all(monkeypatch):
    labels = Y[:, None].astype(float)
    whole = margins_by_depth(X, labels, np.random.default_rng(0))
    monkeypatch.setattr("ntkbook.reporting.depths.ROWS", 20)
    part = margins_by_depth(X, labels, np.random.default_rng(0))
    assert part.rows == 20
    assert (part.margins >= whole.margins - 1e-9).all()


def test_labels_without_a_margin_have_margin_0():
    pairs = np.vstack([X[:20], -X[:20]])
    y = np.sign(np.prod(pairs[:, :3], axis=1))[:, None]
    margins = margins_by_depth(pairs, y, np.random.default_rng(0)).margins[0]
    assert margins[:2].tolist() == [0, 0]
    assert (margins[2:] > 0).all()


def test_values_are_predicted_and_nothing_is_said_of_classes():
    y = X[:, 0] ** 2
    found = quiet(X, 10 * y)
    m = found.measures
    assert (m.flips, m.clusters, m.depths) == (None, None, None)
    assert m.complexity[0] == pytest.approx(norm(X, y / max(y.max(), 0.1)), rel=1e-9)
    assert "Which values are hardest to predict?" in found.html()
    assert "classes" not in found.html().split("</style>")[-1]


# singular kernels


def test_duplicates_are_all_named_and_merged_on_request():
    x, y = np.vstack([X, X[:3], 2 * X[3:5]]), np.append(Y, [*Y[:3], *-Y[3:5]])
    with pytest.raises(
        NotPositiveDefiniteError, match=r"short of 5 dimensions: 3 groups of dupl.*2 clashing groups.*merge"
    ):
        quiet(x, y)
    found = quiet(x, y, merge=True)
    assert len(found.problem.x) == 58
    assert found.measures.complexity[0] == pytest.approx(norm(np.delete(X, [3, 4], 0), np.delete(Y, [3, 4])), rel=1e-9)
    assert "merged: 58 of 65 inputs stay" in found.html()


def test_jitter_is_added_and_said():
    found = quiet(np.vstack([X, X[:1]]), np.append(Y, Y[0]), jitter=1e-3)
    gram = h_infinity(torch.tensor(found.problem.x)).numpy() + 1e-3 * np.eye(61)
    y = found.problem.labels.targets[:, 0]
    assert found.measures.complexity[0] == pytest.approx(np.sqrt(2 * y @ np.linalg.solve(gram, y) / 61), rel=1e-9)
    assert "0.001 was added to the diagonal" in found.html()
    with pytest.raises(ValueError, match="jitter: expected a number >= 0, found -1"):
        quiet(X, Y, jitter=-1)


def test_a_circle_is_told_that_its_pairs_are_antipodal():
    angle = 2 * np.pi * np.arange(100) / 100
    with pytest.raises(NotPositiveDefiniteError, match=r"50 antipodal pairs x and -x.*a constant column in x, a bias"):
        quiet(np.column_stack([np.cos(angle), np.sin(angle)]), np.sign(np.sin(angle + 0.01)))


# the page


class Reader(HTMLParser):
    """Collects what a page consists of."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.ids, self.links, self.attributes = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]
        if tag not in ("meta", "img", "br", "use", "path", "rect", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()


EVIL = "<script>alert(1)</script>\"'&{{ 7 * 7 }}"


@pytest.fixture(scope="module")
def evil():
    images, of = np.random.default_rng(0).random((60, 3, 4)), np.arange(60) % 3
    images[np.arange(60), of] += 1  # so that labels can be predicted, and three of them contradicted
    of[:3] = (1, 2, 0)
    y = np.array([EVIL, "b$c_{1}$", "c"])[of]
    return ntkbook.report(images, y, name=EVIL, progress=False)


@pytest.mark.parametrize("view", ["html", "_repr_html_"])
def test_what_comes_with_the_data_is_escaped_and_nothing_is_fetched(evil, view):
    text = getattr(evil, view)()
    page = Reader()
    page.feed(text)
    assert page.open == []
    assert "script" not in page.tags
    assert "iframe" not in page.tags
    assert not [name for name in page.attributes if name.startswith("on")]
    assert all(link.startswith(("#", "data:image/png;base64,", BOOK)) for link in page.links)
    assert not re.search(r"<(?!a )[^>]*(?:src|href)=.https?:", text)  # addresses to go to, none to load from
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ 7 * 7 }}" in text
    assert not re.search(r"url\((?!#)|@import", text)
    assert len(page.ids) == len(set(page.ids))


def test_a_page_is_whole_and_has_pictures(evil, tmp_path):
    evil.save(tmp_path / "deep" / "page.html")
    text = (tmp_path / "deep" / "page.html").read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert text.rstrip().endswith("</html>")
    assert text.count("<svg") == 4
    assert "data:image/png" in text
    assert 'name="viewport"' in text
    assert "prefers-color-scheme: dark" in text
    assert "#0072b2" not in text.split("</style>")[-1].lower()  # colours of the figures follow the page
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["page.html"]


def test_two_reports_in_one_notebook_share_no_ids(evil):
    other = quiet(X, Y)
    ids = []
    for found in (evil, other):
        page = Reader()
        page.feed(found._repr_html_())
        ids += page.ids
    assert len(ids) == len(set(ids))


def test_the_object_says_where_to_look(evil):
    assert ".save('report.html')" in repr(evil)


def test_importing_the_package_stays_light():
    program = "import ntkbook, sys; heavy = {'torch', 'matplotlib', 'jinja2'} & {*sys.modules}; assert not heavy, heavy"
    subprocess.run([sys.executable, "-c", program], check=True)
    with pytest.raises(AttributeError, match="no attribute 'repport'"):
        _ = ntkbook.repport


def test_the_seed_decides():
    first, second, third = (quiet(X, Y, seed=seed).measures.shuffled for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert (first != third).any()


def body(found):
    text = found.html()
    return text[text.index("<h1") :]


@pytest.fixture(scope="module")
def noise():
    """Labels that know nothing of the inputs."""
    rng = np.random.default_rng(3)
    return quiet(rng.random((80, 5, 5)), rng.permutation(80) % 2)


def test_no_suspects_are_listed_where_the_kernel_guesses(noise):
    assert noise.measures.contradicted > 20
    assert (noise.measures.beats_guessing, len(noise.measures.suspects), len(noise.suspects())) == (False, 0, 0)
    assert body(noise).count("hardly better than guessing, so it cannot tell which labels are wrong") == 2
    assert "Suspects" not in body(noise)
    assert "always guessing the largest class misses 50.0\N{NO-BREAK SPACE}%" in body(noise)


@pytest.fixture(scope="module")
def swapped():
    """Digits, two of them with the label of the other class; row 150 is nearly row 4, with the right label."""
    sample = load("digits", n_train=150, n_test=0, rng=np.random.default_rng(0), classes=(3, 8))
    x, y = np.vstack([sample.x_train, sample.x_train[4] + 0.01 * sample.x_train[9]]), np.append(sample.y_train, 0)
    y[-1] = y[4]
    y[[4, 77]] *= -1
    return quiet(x, y)


def test_all_suspects_are_listed_worst_first(swapped):
    found, m = swapped.suspects(), swapped.measures
    assert len(found) == m.contradicted
    assert found.margin.is_monotonic_increasing
    assert found.margin.max() < 0
    assert {"row 4", "row 77"} <= set(found.name[:4])
    assert (found.label != found.others_say).all()


def test_values_are_listed_by_error():
    found = quiet(X, 10 * X[:, 0] ** 2).suspects()
    assert found.error.is_monotonic_decreasing
    np.testing.assert_allclose(found.error, (found.value - found.others_say).abs())
    np.testing.assert_allclose(found.value, 10 * X[[int(name.split()[1]) for name in found.name], 0] ** 2)


def test_the_page_gives_the_complexity_that_a_change_would_leave(swapped):
    m, y = swapped.measures, swapped.problem.labels.targets[:, 0].copy()
    y[m.suspects[0]] *= -1
    assert f"<td>{norm(swapped.problem.x, y):.3f}</td>" in body(swapped)


def test_the_closest_pair_of_two_classes_says_if_it_hangs_on_a_suspect(swapped):
    m, of = swapped.measures, swapped.problem.labels.of
    assert set(m.clusters.closest) == {4, 150}
    assert (
        "of the closest inputs of two classes, row\N{NO-BREAK SPACE}4 and row\N{NO-BREAK SPACE}150 are suspects"
        in body(swapped)
    )
    kept = m.margins >= 0
    x, of = swapped.problem.x[kept], of[kept]
    distances = np.linalg.norm(x[of == 0][:, None] - x[of == 1], axis=2)
    assert m.clusters_without.delta == pytest.approx(distances.min())
    assert m.clusters_without.delta > 5 * m.clusters.delta


def test_the_closest_pair_of_trusted_labels_is_said_to_hang_on_none():
    found = quiet(X, Y)
    assert found.measures.clusters_without is None or (found.measures.margins < 0).any()


def test_links_lead_to_chapters_of_the_published_book(swapped):
    root = Path(__file__).resolve().parents[2]
    assert re.findall(r"^  baseurl: (\S+)", (root / "_config.yml").read_text(encoding="utf-8"), re.M) == [BOOK]
    page = Reader()
    page.feed(swapped.html())
    chapters = [link.removeprefix(BOOK).replace(".html", ".md") for link in page.links if link.startswith("http")]
    assert len(chapters) == 5
    assert all((root / chapter).is_file() for chapter in chapters)


@pytest.mark.parametrize("name", ["swapped", "noise"])
def test_letters_of_figures_are_ten_pixels_high_on_a_phone(name, request):
    for svg in re.findall(r"<svg.*?</svg>", body(request.getfixturevalue(name)), re.DOTALL):
        width = float(re.findall(r'viewBox="0 0 ([\d.]+)', svg)[0])
        sizes = [float(size) for size in re.findall(r"font(?:-size)?: ?([\d.]+)px", svg)]
        assert sizes
        assert min(sizes) * (390 - 32) / width >= 10


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (2, "2.00"),
        (4.2, "4.20"),
        (2.0849, "2.08"),
        (99.96, "100"),
        (1234.6, "1,235"),
        (0, "0"),
        (0.01, "0.0100"),
        (6.71e-5, "6.71&nbsp;&times;&nbsp;10<sup>&minus;5</sup>"),
        (3e32, "10<sup>32</sup>"),
    ],
)
def test_numbers_have_three_digits(value, said):
    assert str(number(value)) == said


def test_counts_of_thousands_are_rounded_and_say_so():
    assert [about(k) for k in (0, 999, 1288, 284_599)] == ["0", "999", "about 1,290", "about 285,000"]


def test_what_to_do_next_follows_from_the_data(swapped, noise):
    def next_steps(found, random=False, **changes):
        return " / ".join(advice(replace(found.problem, **changes), found.measures, random=random))

    assert next_steps(swapped).startswith("Look at the suspects")
    assert next_steps(swapped, cautions=("c",)).startswith("Mend what stands first on this page")
    assert next_steps(noise).startswith("Correct no labels by this page.")
    assert next_steps(swapped, random=True).startswith("Correct no labels by this page.")
    corners = np.repeat(np.eye(2), 10, axis=0) + 0.1 * np.random.default_rng(0).random((20, 2))
    assert next_steps(quiet(corners, np.arange(20) // 10)) == "The kernel fits these labels: train."
    twice = quiet(np.vstack([X, X[:1]]), np.append(Y, -Y[0]), merge=True)
    assert next_steps(twice).startswith("Look at the inputs that have several labels")


# the command


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["report", *map(str, arguments)])
        return stop.value.code or 0, *capsys.readouterr()

    return run


def test_the_command_writes_a_page_beside_the_reader(call):
    np.savez("mine.npz", x=X, y=Y)
    code, out, err = call("mine.npz")
    assert code == 0, err
    assert f"complexity {norm(X, Y):.3f}, shuffled" in out
    assert "Saved mine-report.html" in out
    assert "What three papers" in Path("mine-report.html").read_text(encoding="utf-8")


def test_the_command_reads_tables_and_says_what_coincides(call):
    rows = [f"{a},{b},{'up' if a > b else 'down'}" for a, b, *_ in np.vstack([X, X[:1]])]
    rows.insert(0, "a,b,y")
    Path("mine.csv").write_text("\n".join(rows))
    code, _, err = call("mine.csv")
    assert (code, "1 group of duplicates" in err, "--merge" in err) == (2, True, True)
    assert not Path("mine-report.html").exists()
    code, _, err = call("mine.csv", "--merge", "--out", "there/page.html")
    assert code == 0, err
    assert "note: 1 group of duplicates" in err
    assert Path("there/page.html").exists()


def test_the_command_refuses_in_a_line(call):
    for arguments, message in (
        (["absent.npz"], "found no such file"),
        (["mine.npz", "--out", "."], "--out: expected a file, found the folder"),
    ):
        np.savez("mine.npz", x=X, y=Y)
        code, _, err = call(*arguments)
        assert (code, message in err, "Traceback" in err) == (2, True, False), err


def test_the_command_lists_suspects_and_says_what_was_run(call):
    rows = [f"{a},{b},{k},{'up' if (a > b) ^ (k in (5, 9)) else 'down'}" for k, (a, b, *_) in enumerate(1000 * X)]
    rows = [row.replace(f",{k},", f",{1e-3 * (k % 7)},") for k, row in enumerate(rows)]
    Path("mine.csv").write_text("\n".join(["a,b,c<i>,y", *rows]))
    code, _, err = call("mine.csv", "--y", "y", "--seed", "3")
    assert code == 0, err
    text = Path("mine-report.html").read_text(encoding="utf-8")
    assert "<code>ntkbook report mine.csv --y y --seed 3</code>" in text
    assert {"line 7", "line 11"} <= set(pd.read_csv("mine-suspects.csv").name[:3])
    assert "line\N{NO-BREAK SPACE}7" in text
    assert " rows " not in text.split("What was done")[0]


def test_the_command_names_lines_of_the_file_before_and_after_merging(call):
    rows = [f"{a},{b},{'up' if a > b else 'down'}" for a, b, *_ in X]
    Path("mine.csv").write_text("\n".join(["a,b,y", rows[0], rows[1], "", rows[1], *rows[2:]]))
    code, _, err = call("mine.csv")
    assert (code, "1 group of duplicates (parallel, same label): line 3, line 5" in err) == (2, True), err
    code, _, err = call("mine.csv", "--merge")
    assert (code, "same label): line 3, line 5" in err) == (0, True), err
    text = Path("mine-report.html").read_text(encoding="utf-8")
    assert "same label): line 3, line 5" in text
    assert "<code>ntkbook report mine.csv --merge</code>" in text


def test_a_column_that_decides_alone_stands_first(call):
    table = pd.DataFrame(X * [1000, 1, 1, 1], columns=["<i>wide</i>", "b", "c", "d"]).assign(y=Y)
    table.to_csv("mine.csv", index=False)
    code, _, err = call("mine.csv")
    assert (code, "note: Column '<i>wide</i>' is " in err) == (0, True), err
    (first,) = re.findall(r"In short</h2>.*?<li>(.*?)</li>", Path("mine-report.html").read_text(encoding="utf-8"), re.S)
    assert "&lt;i&gt;wide&lt;/i&gt;" in first
    assert "Run again with <code>--standardise</code>" in first


@pytest.mark.parametrize(
    ("value", "shown"),
    [(-0.5, "\u22120.500"), (-1234.0, "\u22121,234"), (-2e9, "\u221210<sup>9</sup>"), (-2e-5, "\u22122.00&nbsp;")],
)
def test_a_negative_number_keeps_its_sign_and_has_a_real_minus(value, shown):
    assert str(number(value)).startswith(shown)

# ruff: noqa: RUF001 - real minus and multiplication signs are what this file is about
"""Texts of the ledger on a page: the same words and numbers, with real signs."""

import html
import re

import pytest

from ntkbook import records
from ntkbook.claims import inventory
from ntkbook.ledger import read_ledger
from ntkbook.typography import GREEK, typeset, with_formulas

LEDGER = read_ledger(records.RESULTS.parents[1] / "results" / "ledger.json")
TEXTS = sorted({row[key] for row in LEDGER for key in ("measured", "expected", "tolerance")})
NUMBER = r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)"
MACROS = set(
    re.findall(
        r"\w+",
        """alpha arccos arctan arg beta big bigr cdot circ cos delta Delta dots ell epsilon eta exp frac gamma ge infty
        kappa lambda le log mathcal mathrm min nabla Omega phi Phi pi pm rho sigma Sigma sim sinh sqrt succeq sum tau
        tilde top varepsilon""",
    )
)
"""What MathJax knows without a package, as far as the claims need it."""


def read_back(page: str) -> str:
    """A text from the page in ASCII: powers of ten as 1e-3, no commas in numbers."""
    text = re.sub(r"(?:(\S+) × )?10<sup>(−?\d+)</sup>", lambda power: f"{power[1] or 1}e{power[2]}", page)
    text = html.unescape(re.sub(r"<.*?>", "", text.replace("<sub>", "_").replace("<sup>", "^")))
    text = text.replace("−", "-").replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("slope -0.484, within +- 0.1", "slope −0.484, within ± 0.1"),
        ("off by 1.6e-03", "off by 1.6 × 10<sup>−3</sup>"),
        ("at most 1e-12", "at most 10<sup>−12</sup>"),
        ("least -1e-11", "least −10<sup>−11</sup>"),
        ("1.5e-02 and 1.3e+00 and -1.72e+03", "0.015 and 1.3 and −1720"),
        ("m = 64000, of 2000", "m\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}64,000, of 2000"),
        ("98% of 5 %", "98\N{NO-BREAK SPACE}% of 5\N{NO-BREAK SPACE}%"),
        ("|H(0) - H|_F falls as m^-1/2", "|H(0) − H|<sub>F</sub> falls as m<sup>−1/2</sup>"),
        ("sqrt(m) <= sqrt(log n)", "√m ≤ √(log n)"),
        ("tau^(4/3), 2^-(l+1), K^(o2l)", "τ<sup>4/3</sup>, 2<sup>−(l+1)</sup>, K<sup>∘2l</sup>"),
        ("0-1 loss of a two-layer net, 1-Lipschitz", "0-1 loss of a two-layer net, 1-Lipschitz"),
        ("see bounds.li2018.lemma_5_2_share", "see <code>bounds.li2018.lemma_5_2_share</code>"),
        ("eta lambda_0 steps, a < b", "η λ<sub>0</sub> steps, a &lt; b"),
    ],
)
def test_ascii_becomes_typography(plain: str, shown: str):
    assert typeset(plain) == shown


def test_every_number_of_the_ledger_is_on_the_page_as_it_was():
    minus = re.compile(r"(?<![e+])-(?=\d)")
    for text in TEXTS:
        plain = re.sub(r"[a-z]\w+(?:\.\w\w+)+|[{}]", "", text)
        back = read_back(re.sub(r"<code>.*?</code>", "", typeset(text)))
        numbers = [float(number) for number in re.findall(NUMBER, plain)]
        assert [float(number) for number in re.findall(NUMBER, back)] == numbers, text
        assert len(minus.findall(back)) == len(minus.findall(plain)), text


def test_nothing_of_the_keyboard_is_left_in_formulas():
    keyboard = re.compile(r"[\^_~]|&lt;=|&gt;=|\+-|sqrt|\de[-+]?\d|(?<!\w)-\d")
    names = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(GREEK)})(?![A-Za-z])")
    for text in TEXTS:
        shown = re.sub(r"<code>.*?</code>|</?su[bp]>", "", typeset(text))
        assert not keyboard.search(shown), shown
        assert not names.search(shown), shown


@pytest.mark.parametrize("statement", inventory().values(), ids=lambda one: one.id)
def test_a_claim_says_the_same_in_latex(statement):
    words, formulas = statement.latex.split("$")[::2], statement.latex.split("$")[1::2]
    assert len(words) == len(formulas) + 1
    assert re.fullmatch(".*".join(map(re.escape, words)), statement.says)
    letters = r"[a-zA-Z]"
    for formula in formulas:
        assert formula.isascii()
        assert set(re.findall(rf"\\({letters}+)", formula)) <= MACROS
        assert formula.count("{") == formula.count("}")
        assert formula.count("(") == formula.count(")")
    assert len(re.findall(r"\$", statement.says)) == 0


def test_formulas_are_marked_up_as_sphinx_does_it():
    shown = with_formulas("falls with $m<n$ & more")
    assert shown == r'falls with <span class="math notranslate nohighlight">\(m&lt;n\)</span> &amp; more'

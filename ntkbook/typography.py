"""Texts of the ledger for a page: formulas between dollars for MathJax, plain text with real minus signs and powers.

A check writes what it measured as one line of ASCII, so that a terminal and a diff can show it. On a page the same line
has one style of numbers: -0.484 gets a minus sign, 1.6e-03 becomes a product with a power of ten, 64000 a comma.
"""

import re
from decimal import Decimal
from html import escape
from unicodedata import lookup

_SMALL = ("alpha", "beta", "gamma", "delta", "epsilon", "eta", "kappa", "lambda", "pi", "rho", "sigma", "tau", "phi")
GREEK = {name: lookup(f"GREEK SMALL LETTER {name.replace('lambda', 'lamda')}") for name in _SMALL}
GREEK |= {name: lookup(f"GREEK CAPITAL LETTER {name}") for name in ("Phi", "Sigma", "Omega")}
GREEK |= {"eps": GREEK["epsilon"], "grad": "\N{NABLA}"}
"""Names of letters in ASCII -> the letters."""

_SPACE, _MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"
_OPERATORS = {
    "<=": "\N{LESS-THAN OR EQUAL TO}",
    ">=": "\N{GREATER-THAN OR EQUAL TO}",
    "<<": "\N{MUCH LESS-THAN}",
    ">>": "\N{MUCH GREATER-THAN}",
    "+-": "\N{PLUS-MINUS SIGN}",
    " ~ ": " \N{TILDE OPERATOR} ",
    " - ": f" {_MINUS} ",
    "Sigma-hat": "\N{GREEK CAPITAL LETTER SIGMA}\N{COMBINING CIRCUMFLEX ACCENT}",
    "W~": "W\N{COMBINING TILDE}",
}
_CODE = re.compile(r"([a-z]\w+(?:\.\w\w+)+)")
_SCIENTIFIC = re.compile(r"(?<![\w.^])(-?\d+(?:\.\d+)?)e([+-]?\d+)")
_LONG = re.compile(r"(?<![\w.])\d{5,}(?![\w.]*\d)")
_NEGATIVE = re.compile(
    r"(?<![\w).])-(?=[\d.(])|(?<=[\d)])-(?=\(|[a-zA-Z]\b)|(?<=\b[a-zA-Z])-(?=\(?\w\b)|(?<=\dl)-(?=\d)"
)
_POWER = re.compile(r"\^(?:\(([^()]*)\)|(-?\([^()]*\)|-?\d+(?:\.\d+)?(?:/\d+)?|[A-Za-z]))")
_INDEX = re.compile(r"(?<=[A-Za-z|])_(?:\{([^{}]*)\}|\(([^()]*)\)|([A-Za-z0-9]+(?:,\d)?))")
_ROOT = re.compile(r"sqrt(?:\((\w+)\)|(?=\())")
_LETTER = re.compile(rf"(?<![A-Za-z&])({'|'.join(sorted(GREEK, key=len, reverse=True))})(?![A-Za-z])")
_VALUE = re.compile(r"(?<=\b\w) = (?=\S)")
_FORMULA = re.compile(r"\$(.+?)\$")


def typeset(text: str) -> str:
    """Set a line of the ledger as HTML, with real signs, powers and indices.

    Parameters
    ----------
    text : str
        Plain ASCII, such as "|H(0) - H|_F falls as m^-1/2; slope -0.48, off by 1.6e-03".

    Returns
    -------
    str
        The same for a page, on one line; words and numbers are as they were, and what looks like markup is text.
    """
    pieces = _CODE.split(" ".join(text.split()))
    return "".join(f"<code>{escape(piece)}</code>" if i % 2 else _set(piece) for i, piece in enumerate(pieces))


def with_formulas(latex: str) -> str:
    """Set a text with formulas between dollars as HTML that MathJax reads, in the way Sphinx writes it.

    Parameters
    ----------
    latex : str
        Such as "shrinks with $m$".

    Returns
    -------
    str
    """
    return _FORMULA.sub(r'<span class="math notranslate nohighlight">\\(\1\\)</span>', escape(latex, quote=False))


def _set(text: str) -> str:
    for plain, sign in _OPERATORS.items():
        text = text.replace(plain, sign)
    text = _SCIENTIFIC.sub(_scientific, escape(text, quote=False))
    text = _LONG.sub(lambda found: f"{int(found[0]):,}", text)
    text = _POWER.sub(lambda found: f"<sup>{_inner(found)}</sup>", text)
    text = _INDEX.sub(lambda found: f"<sub>{_inner(found)}</sub>", text)
    text = _ROOT.sub(lambda found: "\N{SQUARE ROOT}" + (found[1] or ""), _NEGATIVE.sub(_MINUS, text))
    text = _LETTER.sub(lambda found: GREEK[found[1]], text)
    return _VALUE.sub(f"{_SPACE}={_SPACE}", re.sub(r"(?<=\d) ?%", f"{_SPACE}%", text))


def _scientific(found: re.Match[str]) -> str:
    """A number between 0.01 and 100,000 in digits, as many as there were; others with a power of ten."""
    number, exponent = Decimal(found[0]), int(found[2])
    if -2 <= exponent <= 4:
        return f"{number:f}"
    power = f"10<sup>{exponent}</sup>"
    return {"1": power, "-1": f"-{power}"}.get(found[1], f"{found[1]} \N{MULTIPLICATION SIGN} {power}")


def _inner(found: re.Match[str]) -> str:
    text = next(group for group in found.groups() if group is not None)
    return re.sub(r"^o(?=\d)", "\N{RING OPERATOR}", text)  # K^(o2l) is a power entry by entry

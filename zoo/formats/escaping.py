"""Text of anybody's made safe for pages: no markup but the zoo's own."""

from __future__ import annotations

import html
import re

ENDS = re.compile("[\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
"""What ends a line somewhere."""

UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
"""Control characters, those that turn the direction of writing, and halves of characters."""

CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
BOLD = re.compile(r"\*\*(?=[^\s*])([^*]*[^\s*])\*\*")
"""The two marks that a text may have; see :class:`zoo.formats.blocks.Text`."""

SPECIAL = re.compile(r"[\\`*~$|<>]|(?<![^\W_])_|_(?![^\W_])|\](?=[(\[:])|&(?=#?\w+;)|!(?=\[)|#(?=#*\s*$)")
"""What Markdown takes for markup anywhere: an underscore between letters, or a bracket before a blank, is none."""

START = re.compile(r"#(?=#{0,5}(?:\s|$))|[+-](?=\s|$)|[=-](?=[=\s-]*$)|\d{1,9}(?=[.)](?:\s|$))")
"""What a block may begin with: a heading, a list, the line under a heading."""

ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def visible(text: str) -> str:
    """Text in one line, of which every character can be seen.

    Ends of lines become blanks; what would move a cursor, or turn the direction of writing, becomes U+FFFD.
    """
    return UNSEEN.sub("\N{REPLACEMENT CHARACTER}", ENDS.sub(" ", text))


def escaped(text: str, *, cell: bool = False) -> str:
    """A line of Markdown that shows the text, whatever it holds.

    Parameters
    ----------
    text : str
        With ``**bold**`` and ``code`` marks, of which anything else is shown as it is.
    cell : bool
        Whether it stands in a table, where a bar ends a cell even in code.
    """
    line = visible(text).strip()
    parts = []
    end = 0
    for found in CODE.finditer(line):
        code = found[0].replace("|", "\\|") if cell else found[0]
        parts += [_bold(line[end : found.start()]), code]
        end = found.end()
    whole = "".join([*parts, _bold(line[end:])])
    start = None if cell else START.match(whole)
    return whole if start is None else _after_start(whole, start)


def escaped_html(text: str) -> str:
    """Text between tags of HTML, which Markdown leaves as it is."""
    return html.escape(visible(text).strip())


def copyable(text: str) -> str:
    """Lines of code of which every character can be seen."""
    return "\n".join(UNSEEN.sub("\N{REPLACEMENT CHARACTER}", line.expandtabs(4)) for line in text.split("\n"))


def fence(text: str) -> str:
    """Backticks around lines of code, more than the code itself has."""
    return "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))


def _after_start(whole: str, start: re.Match[str]) -> str:
    if start[0].isdigit():
        return f"{start[0]}\\{whole[start.end() :]}"
    return f"\\{whole}"


def _bold(text: str) -> str:
    parts = []
    end = 0
    for found in BOLD.finditer(text):
        parts += [_plain(text[end : found.start()]), "**", _plain(found[1]), "**"]
        end = found.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    return SPECIAL.sub(lambda found: ENTITIES.get(found[0], f"\\{found[0]}"), text)

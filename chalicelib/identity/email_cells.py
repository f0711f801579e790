"""Finds the addresses in the cell of an e-mail column, which may hold several, with names and remarks."""

from __future__ import annotations

import re

from chalicelib.identity.cells import tidy

# A bare comma separates addresses only: "jane,doe@" is a slip, and "doe@" may be somebody else.
_SEPARATORS = re.compile(r":::|[;|\r\n\t]|,\s|\s/\s")
_IN_BRACKETS = re.compile(r"<([^<>]*@[^<>]*)>")
_WHAT = (
    "e-?mail(?: address)?|mail|work|home|office|business|private?|personal|geschäftlich|dienstlich|privado|trabajo|"
    "trabalho|professionnel|pro|courriel|correo|contact|kontakt"
)
_LABEL = re.compile(
    rf"^(?:[-–—•*✉]+\s+)?(?:(?:mailto\s*:|(?:{_WHAT})(?:\s*[:=–-]|\s)))?\s*", re.IGNORECASE
)
_AFTERWARDS = re.compile(
    rf"(?<=\w)(?:\?(?:subject|cc|bcc|body)=.*|\s+[(–—-].*|\s+(?:{_WHAT}))$", re.IGNORECASE
)

_LINK = re.compile(r"(?:href\s*=|\]\(|hyperlink\()[\"'\s]*mailto:([^\"'?<>()\s]+)", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^@<>]*>", re.IGNORECASE)

# What people write to keep programs from reading an address. Without brackets, "at" and "dot" must both be there:
# "works at example.org" is no address.
_AT = re.compile(r"\s*[\[({<]\s*(?:at|arroba|ät|@)\s*[\])}>]\s*", re.IGNORECASE)
_DOT = re.compile(r"\s*[\[({<]\s*(?:dot|punkt|punto|point|ponto|\.)\s*[\])}>]\s*", re.IGNORECASE)
_SPOKEN = re.compile(r"([\w.+-]+) at ([\w-]+(?:(?: dot |\.)[\w-]+)* dot [\w-]+)", re.IGNORECASE)
_WIDE = str.maketrans({"＠": "@", "．": ".", "。": "."})

# Spaces around the @ and the dots behind it, and nowhere else.
_SPACED = re.compile(r"([^\s@]+)\s?@\s?([^\s@.]+(?:\s?\.\s?[^\s@.]+)+)\.?")
_TOO_LONG = 400  # characters. RFC 5321 allows 254; a cell may add a name. A longer text is prose.


def addresses_in(cell: str) -> list[str]:
    """The texts that may each be an address, in their order, without what stands around them."""
    parts = _SEPARATORS.split(_plain_text(cell))
    groups = (_apart(part) if part.count("@") > 1 else [part] for part in parts)
    return [_bare(part) for group in groups for part in group if "@" in part]


def _plain_text(cell: str) -> str:
    """The cell without links and disguises."""
    if "@" in cell and "<" not in cell and "](" not in cell and "(" not in cell and "[" not in cell:
        return cell
    link = _LINK.search(cell)
    if link:
        return link[1].replace("%40", "@")
    cell = _TAG.sub(" ", cell) if "<" in cell else cell
    if len(cell) > _TOO_LONG:
        return cell
    if "@" not in cell or _AT.search(cell):
        cell = _DOT.sub(".", _AT.sub("@", cell.translate(_WIDE)))
    if "@" in cell:
        return cell
    spoken = _SPOKEN.fullmatch(tidy(cell))
    if spoken:
        return f"{spoken[1]}@{re.sub(' dot ', '.', spoken[2], flags=re.IGNORECASE)}"
    return cell.replace("%40", "@") if cell.lower().startswith("mailto:") else cell


def _apart(part: str) -> list[str]:
    """The addresses of a part with several: between commas, or else between spaces."""
    found: list[str] = []
    for piece in part.split(","):
        words = re.split(r"[\s/]+", piece.strip())
        several = piece.count("@") > 1 and all(0 < word.find("@") < len(word) - 1 for word in words)
        found += words if several else [piece]
    return found


def _bare(part: str) -> str:
    """The address without the label, brackets, quotes, name and remark around it."""
    if len(part) > _TOO_LONG:
        return part
    text = tidy(part)
    in_brackets = _IN_BRACKETS.search(text)
    text = _LABEL.sub("", (in_brackets[1] if in_brackets else text).strip("\"' ([{<"), count=1)
    text = _AFTERWARDS.sub("", text).rstrip("\"' )]}>.:,")
    text = _without_name(text)
    spaced = _SPACED.fullmatch(text) if " " in text else None
    return f"{spaced[1]}@{spaced[2].replace(' ', '')}" if spaced else text


def _without_name(text: str) -> str:
    """``"Jane Doe jane.doe@example.org"`` without the name. In "jane doe@example.org" it may be half of the address."""
    *names, address = text.split(" ")
    local = re.split("[._-]", address.partition("@")[0].lower())
    if names and local[0] and not {name.lower() for name in names}.isdisjoint(local):
        return address
    return text

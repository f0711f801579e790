"""Parses the many spellings of a LinkedIn profile into one canonical URL."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from chalicelib.identity.cells import ParsedCell, first_usable, tidy

_SEPARATORS = re.compile(r":::|[;,|\r\n\t]")
_SCHEME = re.compile(r"^(?:https?:)?/*(?:https?:/+)?", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)*linkedin\.com(?::\d+)?", re.IGNORECASE)
_SLUG = re.compile(r"[\w'.&~-]{1,200}")

# An address in its usual form, whose slug is canonical in small letters. "/in/me" is not one.
_PLAIN = re.compile(
    r"(?:https?://)?(?:[a-z]+\.)?linkedin\.com/in/(?!me(?:[/?]|$))([a-z0-9][a-z0-9-]{0,199})"
    r"(?:/[a-z-]+)*/?(?:\?[\w=&]*)?",
    re.IGNORECASE | re.ASCII,
)

# The id of a member, whatever the profile is called. It is base64, so here alone case matters.
_MEMBER_ID = re.compile(r"AC[a-z]AA[A-Za-z0-9_-]*")

# What stands around an address: a label, the tag of a link, quotes, brackets, a remark.
_LINK = re.compile(r"(?:href\s*=|\]\(|hyperlink\()[\"'\s]*([^\"'<>()\s]+)", re.IGNORECASE)
_LABEL = re.compile(
    r"^[^\d\W][^\d\W ]*(?: [^\d\W]+){0,2}\s*(?:[:=–-]\s+|:(?=\w+\.))", re.IGNORECASE
)
_AFTERWARDS = re.compile(r"\s+[(–-].*$")
_AROUND = "\"'<>()[]{}"

_SHORT_LINK = re.compile(r"(?:https?://)?lnkd\.in/", re.IGNORECASE)
_PROFILE = "https://www.linkedin.com/in/"
_COMPANY_PAGES = frozenset({"company", "school", "showcase", "companies", "edu"})


def parse_linkedin_url(cell: str) -> ParsedCell:
    """``https://www.linkedin.com/in/<slug>``, the slug in lower case, percent-encoded (RFC 3986).

    Accepts any scheme, country host or mobile host, query, language suffix, ``in/<slug>`` alone, and
    the ``/pub/`` form of before 2015.
    """
    plain = _PLAIN.fullmatch(cell)
    if plain is None or plain[1].startswith("AC"):  # perhaps a member's id
        return parse_any_linkedin_url(cell)
    return ParsedCell(_PROFILE + plain[1].lower())


def parse_any_linkedin_url(cell: str) -> ParsedCell:
    """The same for any cell: most hold an address in its usual form, which is read sooner."""
    link = _LINK.search(cell) if "(" in cell or "<" in cell else None
    parts = map(tidy, _SEPARATORS.split(link[1] if link else cell))
    return first_usable((part for part in parts if part), _parse_one)


def _parse_one(text: str) -> ParsedCell:
    if " " in text or ":" in text:
        text = _AFTERWARDS.sub("", _LABEL.sub("", text))
    text = text.strip(_AROUND)
    if _SHORT_LINK.match(text):
        return ParsedCell(problem="a short link, which hides whose profile it leads to")
    path = re.split(r"[?#]", _SCHEME.sub("", text))[0]
    segments = [segment for segment in path.split("/") if segment]
    if segments and _HOST.fullmatch(segments[0]):
        segments = segments[1:]
    elif not segments or segments[0].lower() not in ("in", "pub"):
        return ParsedCell(problem="not a LinkedIn address")
    if segments and segments[0].lower() == "mwlite":  # the old mobile site
        segments = segments[1:]
    kind = segments[0].lower() if segments else ""
    if kind in _COMPANY_PAGES:
        return ParsedCell(problem="the page of a company, not of a person")
    slug = _slug(kind, segments[1:])
    if not slug:
        return ParsedCell(problem="not the address of a LinkedIn profile")
    return ParsedCell(_PROFILE + quote(slug, safe="'&"))


def _slug(kind: str, rest: list[str]) -> str:
    if kind == "in" and rest:
        slug = tidy(unquote(rest[0]))
    elif kind == "pub" and len(rest) >= 4:
        slug = _modern(*rest[:4])
    else:
        return ""
    # "/in/me" leads everybody to their own profile.
    if slug.lower() == "me" or not _SLUG.fullmatch(slug) or not any(map(str.isalnum, slug)):
        return ""
    return slug if _MEMBER_ID.fullmatch(slug) else slug.lower()


def _modern(name: str, a: str, b: str, c: str) -> str:
    """``/pub/jane-doe/1b/3a5/b2`` → ``jane-doe-0b23a51b``, as LinkedIn redirects the old form.

    Source: the README of npm ``linkedin-canonical-url``; the parts are padded to three digits.
    """
    return f"{tidy(unquote(name))}-{c.zfill(3)}{b.zfill(3)}{a}"

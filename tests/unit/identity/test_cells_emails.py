"""Cells of e-mail columns as exports hold them, and what is read from each: an address, or nothing and why."""

from __future__ import annotations

import pytest

from chalicelib.identity.email_typos import suggested_address
from chalicelib.identity.emails import parse_email

JANE = "jane@example.org"
PLACEHOLDER = "a placeholder, not somebody's address"
NO_AT = "no @ sign"
BEFORE = "characters before the @ sign that are not allowed there"
AFTER = "characters after the @ sign that are not allowed there"

READ = [
    "(jane@example.org)",
    "[jane@example.org]",
    "{jane@example.org}",
    "<jane@example.org>",
    "'jane@example.org'",
    '"jane@example.org"',
    "jane@example.org joe@example.org",
    "jane@example.org  joe@example.net",
    "jane@example.org/joe@example.org, x",
    "jane@example.org; joe@example.org",
    "jane@example.org | joe@example.org",
    "jane@example.org\njoe@example.org",
    "jane @example.org",
    "jane@ example.org",
    "jane @ example.org",
    "jane@example .org",
    "jane@example. org",
    "jane @ example . org",
    "jane [at] example [dot] org",
    "jane[at]example[dot]org",
    "jane (at) example (dot) org",
    "jane(at)example.org",
    "jane{at}example.org",
    "jane at example dot org",
    "JANE AT EXAMPLE DOT ORG",
    "jane [ät] example [punkt] org",
    "jane (arroba) example (punto) org",
    "jane＠example．org",
    "mailto:jane@example.org",
    "mailto: jane@example.org",
    "mailto:jane%40example.org",
    '<a href="mailto:jane@example.org">Jane</a>',
    "<a href='mailto:jane@example.org?subject=Hi'>mail me</a>",
    "<b>jane@example.org</b>",
    "<p>jane@example.org<br></p>",
    "[Jane](mailto:jane@example.org)",
    '=HYPERLINK("mailto:jane@example.org","Jane")',
    "Jane Doe <jane@example.org>",
    '"Doe, Jane" <jane@example.org>',
    "Doe, Jane <jane@example.org>",
    "Jane Doe jane@example.org",
    "jane@example.org (work)",
    "jane@example.org - work",
    "jane@example.org work",
    "jane@example.org (do not use after 2020)",
    "Email: jane@example.org",
    "E-mail jane@example.org",
    "Work: jane@example.org",
    "privat: jane@example.org",
    "Courriel : jane@example.org",
    "• jane@example.org",
    "- jane@example.org",
    "jane@example.org,",
    "jane@example.org;",
    "jane@example.org.",
    "JANE@EXAMPLE.ORG",
    "\u200bjane@example.org\u00a0",
    "n/a; jane@example.org",
    "none, jane@example.org",
    "noemail@noemail.com; jane@example.org",
]
BLANK = {
    PLACEHOLDER: (
        "noemail@noemail.com|no-email@noemail.com|no.email@example.org|none@none.com|na@none.com|test@test.com|"
        "test@test.de|email@email.com|name@domain.com|user@domain.com|asdf@asdf.com|abc@abc.com|xxx@xxx.xxx|"
        "a@a.com|123@123.com|unknown@unknown.com|keine-email@example.org|sin.correo@example.org|nobody@nowhere.com|"
        "example@example.com|no@no.com|(noemail@noemail.com)|NoEmail@NoEmail.com"
    ),
    NO_AT: "jane|jane.example.org|works at example.org|jane at example.org|see notes|http://example.org|jane [at home]|0",
    BEFORE: "jane doe@example.org|jane,doe@example.org|J Doe doe2@example.org|jane:doe@example.org",
    AFTER: "jane@exam ple.org|jane@example.org?|jane@example.org now or later",
    "no such top-level domain": "jane@example.con|jane@gmail.cmo|jane@1.2.3.4",
    "nothing after the @ sign": "jane@",
    "nothing before the @ sign": "@example.org",
    "more than one @ sign": "jane@doe@example.org|jane@@example.org",
    "no dot after the @ sign": "jane@example",
    "two dots in a row": "jane@example..org",
}
PEOPLE = "test@example.org|nobody@example.org|a@example.org|no@example.org|name@gmail.com|unknown@example.org"


@pytest.mark.parametrize("cell", READ)
def test_reads(cell: str) -> None:
    assert parse_email(cell) == (JANE, "")


@pytest.mark.parametrize(
    ("cell", "problem"),
    [(c, problem) for problem, cells in BLANK.items() for c in cells.split("|")],
)
def test_leaves_blank(cell: str, problem: str) -> None:
    assert parse_email(cell) == ("", problem)


@pytest.mark.parametrize("email", PEOPLE.split("|"))
def test_odd_mailboxes_are_no_placeholders(email: str) -> None:
    assert parse_email(email) == (email, "")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(
            (f"jane@{slip}", "jane@gmail.com")
            for slip in "gmial.com gmal.com gmai.com gamil.com".split()
        ),
        *(
            (f"jane@{slip}", "jane@gmail.com")
            for slip in "gmail.co gmail.con gmial.con gmaill.com".split()
        ),
        *(
            (f"jane@{slip}", "jane@gmail.com")
            for slip in "mgail.com gmail.cm gmail.comm gnail.com".split()
        ),
        ("jane@hotmial.com", "jane@hotmail.com"),
        ("jane@hotmal.com", "jane@hotmail.com"),
        ("jane@yahooo.com", "jane@yahoo.com"),
        ("jane@yhaoo.fr", "jane@yahoo.fr"),
        ("Jane.Doe@outlok.com", "jane.doe@outlook.com"),
        ("jane@iclod.com", "jane@icloud.com"),
        ("jane@acme-tools.con", "jane@acme-tools.com"),
        ("jane@acme-tools.ogr", "jane@acme-tools.org"),
        *(
            (f"jane@{right}", "")
            for right in "gmail.com mail.com email.com ymail.com yahoo.ca gmx.de web.de example.org a.b".split()
        ),
        ("jane@acme-tools.zzz", ""),
        ("jane", ""),
        ("", ""),
    ],
)
def test_suggests_what_was_meant(typed: str, meant: str) -> None:
    assert suggested_address(typed) == meant

"""Parses e-mail addresses and tells what their spelling shows; no network is used."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from chalicelib.identity.cells import ParsedCell, first_usable
from chalicelib.identity.domains import canonical_domain, has_known_ending
from chalicelib.identity.email_cells import addresses_in

# An address with nothing around it: letters, digits and _ + - in ASCII, with single dots between.
_PLAIN = re.compile(r"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9.-]+)")
_LONGEST = 254  # characters of an address (RFC 5321)

_TOO_LONG = 400  # characters of an address

#: The problem of an address whose ending may be a slip.
NO_SUCH_ENDING = "no such top-level domain"

#: Part of a message of email-validator 2.x → our message; the first that fits counts. Theirs quote
#: characters of the address, and our error texts never hold a part of anybody's address.
_PROBLEMS = (
    ("special-use or reserved", "a reserved domain that gets no e-mail"),
    ("valid top-level domain", NO_SUCH_ENDING),
    ("should have a period", "no dot after the @ sign"),
    ("two periods in a row", "two dots in a row"),
    ("something before", "nothing before the @ sign"),
    ("something after", "nothing after the @ sign"),
    ("too long", "too long"),
    ("so many characters", "too long"),
    ("period", "a dot or hyphen in the wrong place"),
    ("hyphen", "a dot or hyphen in the wrong place"),
    ("before the @-sign", "characters before the @ sign that are not allowed there"),
    ("after the @-sign", "characters after the @ sign that are not allowed there"),
)
_OTHER_PROBLEM = "not a valid address"

_NOT_WORDS = re.compile("[._-]+")
_SQUEEZED = str.maketrans("", "", "._-")
#: What is written in place of an address, at any domain.
_NO_ADDRESS = frozenset(
    "noemail nomail noemails noemailaddress noaddress nomailaddress noemailprovided notprovided notavailable "
    "noemailavailable noemailgiven emailnotprovided unknownemail keinemail keineemail keineadresse sinemail "
    "sincorreo sememail semmail pasdemail pasdeemail dummyemail fakeemail placeholder".split()
)
#: The same, only at a domain that says nothing either.
_EMPTY_WORDS = _NO_ADDRESS | frozenset(
    "none no na nan null unknown test testing asdf asd abc xxx xx x xyz aaa a email mail user username name "
    "yourname yourmail youremail fake dummy sample example nobody noone someone something blah qwerty foo bar 123 "
    "1234 12345 anonymous domain company".split()
)
_EMPTY_DOMAINS = _NO_ADDRESS | frozenset(
    "none null unknown test testing asdf asd abc xxx xyz aaa email mail fake dummy nobody nowhere noone something "
    "blah qwerty foo domain yourdomain yourcompany company mydomain mycompany anonymous 123 1234".split()
)

_ROLE_NAMES = """
    abuse accounting accounts admin administration administrator ads advertising all anfrage app
    billing board booking bookings bounce bounces buchhaltung business career careers ceo cfo client
    clients commercial compliance contact contacto contacts contactus contatti cto customercare
    customers customerservice customersupport data dataprivacy datenschutz demo dev developer
    developers devnull donotreply dpo dsgvo editor editorial einkauf email empfang enquiries enquiry
    events everyone export facturacion feedback finance financial ftp gdpr general group hallo hello
    help helpdesk hi hiring hola home hostmaster hr humanresources impressum info information infos
    inquiries inquiry international invest investor investorrelations invoice invoices invoicing it
    itsupport jobs kontakt kundenservice legal list logistics mail mailbox mailerdaemon maintenance
    management marketing me media membership messages mitglieder news newsletter nobody noc noreply
    notifications office officemanager operations ops order orders partner partners partnerships
    payments payroll personal personnel postmaster pr press presse privacy procurement purchasing
    receipts reception recruiting recruitment registration remove reply request research
    reservations returns root rsvp sales secretary security sekretariat service services shipping
    shop social spam staff store studio subscribe support supportteam survey sysadmin system team
    tech technical techsupport test ticket tickets trainee training undisclosed unsubscribe usenet
    uucp vendas ventas verkauf vertrieb web webadmin webinfo webmaster welcome work workshop www
"""
#: Mailboxes of a function, not of a person (RFC 2142 and custom), without separators.
ROLES = frozenset(_ROLE_NAMES.split())
#: Roles that are also names of people: "dev@" is a function, "dev.patel@" is not.
_ALSO_NAMES = frozenset({"dev", "jobs"})
ROLE_WORDS = ROLES - _ALSO_NAMES


def parse_email(cell: str) -> ParsedCell:
    """The first valid address in the cell, in its canonical form: all in lower case.

    Accepts ``mailto:``, ``Jane Doe <…>``, quotes, and several addresses (``:::``, ``;``, ``,``).
    """
    return _parse_plain(cell) or parse_any_email(cell, _parse_quickly)


def parse_any_email(cell: str, parse: Callable[[str], ParsedCell] | None = None) -> ParsedCell:
    """The same for any cell. ``parse`` reads one address, by default without the short way for plain ones, which
    are read in a tenth of the time.
    """
    addresses = addresses_in(cell)
    if not addresses:
        return ParsedCell(problem="no @ sign")
    return first_usable(addresses, parse or _parse_one)


def _parse_plain(address: str) -> ParsedCell | None:
    """The address, unless it takes a parser or has a problem."""
    plain = _PLAIN.fullmatch(address) if len(address) <= _LONGEST else None
    domain = canonical_domain(plain[2]) if plain else ""
    if plain is None or not domain or not domain.isascii():
        return None
    return _unless_placeholder(plain[1].lower(), domain)


def _parse_quickly(address: str) -> ParsedCell:
    return _parse_plain(address) or _parse_one(address)


def is_role(local: str) -> bool:
    """Whether the part before the @ is a function: ``info``, ``customer-service``, ``sales.uk``."""
    if local.isalpha():
        return local in ROLES
    words = name_words(local)
    return bool(words) and (words[0] in ROLE_WORDS or "".join(words) in ROLES)


def name_words(local: str) -> list[str]:
    """The words before the @, without a ``+tag``: ``"jane.doe+news"`` → ``["jane", "doe"]``."""
    return [word for word in _NOT_WORDS.split(local.partition("+")[0]) if word]


def _parse_one(address: str) -> ParsedCell:
    if len(address) > _TOO_LONG:
        return ParsedCell(problem="too long")
    from email_validator import validate_email  # takes 40 ms

    if address.count("@") != 1:
        return ParsedCell(problem="more than one @ sign" if "@" in address else "no @ sign")
    try:
        checked = validate_email(address, check_deliverability=False)
    except ValueError as error:  # EmailNotValidError, and the errors of Unicode and IDNA
        return ParsedCell(problem=_problem(str(error)))
    if not has_known_ending(checked.domain):
        return ParsedCell(problem=NO_SUCH_ENDING)
    email = unicodedata.normalize("NFC", checked.normalized.lower())
    local, _, domain = email.rpartition("@")
    return _unless_placeholder(local, domain)


def _unless_placeholder(local: str, domain: str) -> ParsedCell:
    """The address, unless somebody filled a field that had to be filled: ``noemail@noemail.com``."""
    word = local.translate(_SQUEEZED)
    if word in _EMPTY_WORDS:
        name = domain.partition(".")[0].replace("-", "")
        if word in _NO_ADDRESS or name in _EMPTY_DOMAINS or word == name:
            return ParsedCell(problem="a placeholder, not somebody's address")
    return ParsedCell(f"{local}@{domain}")


def _problem(message: str) -> str:
    return next((ours for theirs, ours in _PROBLEMS if theirs in message), _OTHER_PROBLEM)

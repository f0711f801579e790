"""Finds the rows of a list that are about the same person as an earlier one, while it is read, in bounded memory.

The same e-mail or LinkedIn profile means the same person, and so does the same name at the same company, where nothing
speaks against it. A name alone never does. Only hashes and numbers of rows are kept, and only while the list is read.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from typing import NamedTuple

from chalicelib.identity.companies import employer_domain
from chalicelib.identity.contact import parse_contact
from chalicelib.identity.emails import is_role, name_words
from chalicelib.identity.key_table import MAX_KEYS, KeyTable
from chalicelib.identity.list_facts import company_key
from chalicelib.identity.name_fields import NAMES
from chalicelib.identity.names import join_name
from chalicelib.identity.nicknames import usual_name
from chalicelib.identity.same_name import is_east_asian, plain_words
from chalicelib.model.contacts import Earlier

#: The same address or profile; the same name at the same company, which two people can have.
SURE, BY_NAME = 1.0, 0.9
#: Bytes of a row in what is stored.
ROW_BYTES = 4
#: The bit that says in them that it was by the name.
_BY_NAME = 2**31
#: The row of a name that two people of a company have.
_SEVERAL = 2**32 - 1
_32_BITS = 2**32 - 1


class _Traits(NamedTuple):
    """What can speak against that two rows are about one person: 4 bytes of a hash each, 0 for unknown.

    ``mailbox``: of the address without its numbers and initials. ``first`` and ``last``: words of the name.
    """

    profile: int
    address: int
    mailbox: int
    first: int
    last: int


class Duplicates:
    """The rows that have been read of a list so far. ``most_keys``: how much may be remembered of them."""

    #: The fields whose cells count.
    fields = ("email", "linkedin_url", *NAMES, "company", "company_domain")

    def __init__(self, most_keys: int = MAX_KEYS) -> None:
        self._table = KeyTable(most_keys)
        self._traits = array("I")
        self._earlier = array("I")

    @property
    def was_full(self) -> bool:
        """Whether the last rows were not remembered: those after them were compared with the others alone."""
        return self._table.was_full

    def add(self, cells: Mapping[str, str]) -> None:
        """Take in a row: its cells by field."""
        known = parse_contact({name: cells[name] for name in self.fields if name in cells}).known
        words = _words_of_name(known)
        traits = _traits(known, words)
        self._traits.extend(traits)
        sure, by_name = _sure_keys(known, words), _name_keys(known, words)
        earlier = self._earlier_by(sure, traits, _share_no_name)
        named = 0 if earlier else self._earlier_by(by_name, traits, _are_namesakes)
        row = len(self._earlier) + 1
        self._earlier.append(earlier or (named and named | _BY_NAME))
        for key in (*sure, *by_name):
            self._table.add(key, earlier or named or row)

    def to_bytes(self) -> bytes:
        """What ``earlier_rows`` reads: ROW_BYTES for each row, in the byte order of the machine."""
        return self._earlier.tobytes()

    def _earlier_by(
        self, keys: list[str], traits: _Traits, differ: Callable[[_Traits, _Traits], bool]
    ) -> int:
        """The row that has one of these keys and is not about somebody else; 0 for none."""
        for key in keys:
            row = self._table.get(key)
            if row and row != _SEVERAL:
                at = (row - 1) * len(traits)
                if not differ(_Traits(*self._traits[at : at + len(traits)]), traits):
                    return row
                self._table.change(key, _SEVERAL)  # nobody can say any more who is meant
        return 0


def earlier_rows(stored: bytes) -> list[Earlier | None]:
    """The earlier row about the same person, for each row of some that are stored (``to_bytes``)."""
    numbers = array("I")
    numbers.frombytes(stored)
    return [
        Earlier(number & ~_BY_NAME, BY_NAME if number & _BY_NAME else SURE) if number else None
        for number in numbers
    ]


def _words_of_name(known: Mapping[str, str]) -> list[str]:
    """The words of the whole name, the first one as the usual name; none of half a name."""
    full = known.get("full_name", "")
    if not full and "first_name" in known and "last_name" in known:
        full = join_name(known["first_name"], known["last_name"])
    words = plain_words(full)
    return [usual_name(words[0]), *words[1:]] if words else []


def _sure_keys(known: Mapping[str, str], words: list[str]) -> list[str]:
    """What only one person has. A mailbox of several people is one person's together with a name."""
    keys = []
    if email := known.get("email", ""):
        local = email.rpartition("@")[0]
        keys.append(f"e {email} {' '.join(words)}" if is_role(local) else f"e {email}")
    if profile := known.get("linkedin_url", ""):
        keys.append(f"l {profile}")
    return keys


def _name_keys(known: Mapping[str, str], words: list[str]) -> list[str]:
    """The name with the company's domain and with the company. Initials could be anybody's."""
    name = " ".join(words)
    if words and is_east_asian(words[0]):
        name = "".join(words)  # with or without a space
    elif len(words) < 2 or len(words[0]) < 2 or len(words[-1]) < 2:
        return []
    domain = known.get("company_domain", "")
    domain = domain or employer_domain(known.get("email", "").rpartition("@")[2])
    company = company_key(known["company"]) if "company" in known else ""
    keys = ((f"d {name}@{domain}", domain), (f"c {name}@{company}", company))
    return [key for key, place in keys if place]


def _traits(known: Mapping[str, str], words: list[str]) -> _Traits:
    email, profile = known.get("email", ""), known.get("linkedin_url", "")
    local, _, domain = email.rpartition("@")
    # Letters of other alphabets are written in several ways.
    first, last = (words[0], words[-1]) if len(words) > 1 and words[0].isascii() else ("", "")
    return _Traits(
        _short(profile),
        _short(email),
        _short(f"{_mailbox(local)}@{domain}" if email else ""),
        _short(first if len(first) > 1 else ""),
        _short(last if len(last) > 1 else ""),
    )


def _mailbox(local: str) -> str:
    """``"jane.m.doe2"`` → ``"jane doe"``."""
    words = [word.rstrip("0123456789") for word in name_words(local)]
    return " ".join([word for word in words if len(word) > 1] or words)


def _short(text: str) -> int:
    return (hash(text) & _32_BITS) or 1 if text else 0


def _share_no_name(one: _Traits, other: _Traits) -> bool:
    """Whether two rows with one address or profile are about people whose names share nothing."""
    names = (one.first, one.last, other.first, other.last)
    return all(names) and {one.first, one.last}.isdisjoint((other.first, other.last))


def _are_namesakes(one: _Traits, other: _Traits) -> bool:
    """Whether two people have one name: they have other profiles, or addresses that differ by what tells namesakes
    apart (jane.doe2@, jane.m.doe@).
    """
    if one.profile and other.profile and one.profile != other.profile:
        return True
    return bool(one.mailbox) and one.mailbox == other.mailbox and one.address != other.address

"""Reads companies' names, takes their legal form off, and says whether a domain may be theirs."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from chalicelib.identity.cells import ParsedCell, tidy_text

_CACHED_NAMES = 4096
_LONGEST = 200  # characters; longer texts keep their legal form

#: What people without a company write, in small letters.
_NO_COMPANY = frozenset(
    """
    self-employed|self employed|selfemployed|self|myself|me|freelance|freelancer|freelancing|independent|unemployed|retired|
    independent consultant|independent contractor|independent professional|student|private|private person|individual|home|
    homemaker|housewife|between jobs|seeking opportunities|looking for opportunities|open to work|not employed|no company|
    none|no|own|own business|own company|company|company name|test|test company|stealth|stealth startup|stealth mode|
    stealth mode startup|confidential|selbständig|selbstständig|selbststaendig|freiberuflich|freiberufler|freiberuflerin|
    privat|privatperson|rentner|rentnerin|arbeitslos|arbeitssuchend|hausfrau|schüler|schülerin|studentin|keine firma|keine|
    indépendant|indépendante|auto-entrepreneur|autoentrepreneur|retraité|retraitée|étudiant|étudiante|sans emploi|particulier|
    en recherche d'emploi|aucune|autónomo|autónoma|autonomo|por cuenta propia|jubilado|jubilada|estudiante|particular|
    desempleado|desempleada|ninguna|autônomo|autônoma|aposentado|aposentada|estudante|pessoa física|desempregado|nenhuma|
    libero professionista|pensionato|studente|privato|disoccupato|zzp|zzp'er|zelfstandig|particulier|gepensioneerd|geen
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_WEB = re.compile(r"https?:|www\.", re.IGNORECASE)

#: Legal forms, in any capitals. Forms that are also words or names count in capitals alone.
_FORMS = (
    r"gmbh|g\.?m\.?b\.?h\.?|ges\.?\s?m\.?\s?b\.?\s?h|mbh|kgaa|ohg|gbr|e\.\s?v|e\.\s?k|e\.\s?g|inc|incorporated|corp|corporation|"
    r"ltd|limited|l\.?l\.?c|l\.?l\.?p|plc|p\.l\.c|pty|pvt|pte|proprietary|private|s\.?a\.?r\.?l|s\.à\.?\s?r\.?l|sàrl|s\.?a\.?s\.?u|"
    r"s\.\s?a\.\s?s|s\.\s?a|s\.\s?a\.\s?u|eurl|s\.\s?l|s\.\s?l\.\s?u|s\.?a\.?\s?de\s?c\.?v|s\.?\s?de\s?r\.?l\.?(?:\s?de\s?c\.?v)?|ltda|lda|"
    r"eireli|s\.\s?p\.\s?a|s\.?r\.?l\.?s?|b\.\s?v|n\.\s?v|v\.?o\.?f|a/s|asa|aps|oyj|oü|sp\.?\s?z\.?\s?o\.?\s?o|sp\.\s?j|s\.\s?r\.\s?o|"
    r"spol\.?\s?s\.?\s?r\.?\s?o|d\.\s?o\.\s?o|kft|zrt|nyrt|tbk|sdn|bhd|k\.\s?k|ug\s\(haftungsbeschränkt\)|&\s?co|&\s?cie|and\s?co|et\s?cie"
)
_SHORT_FORMS = r"AG|KG|SE|UG|SA|S/A|SAS|SL|SLU|SAU|SRL|SPA|SpA|AB|AS|NV|BV|CV|LP|OY|Oy|KK|PT|CO|Co|OHG|GBR|AŞ|A\.Ş|A\.S|a\.s"
_FORM = re.compile(rf"(?:[\s,]+|(?<=\w)\s?(?=&))(?:(?i:{_FORMS})|{_SHORT_FORMS})\.?,?$")
_REMARK = re.compile(r"(.*\S)\s*\([^()]*\)")
_IN_FRONT = re.compile(r"(?:株式会社|有限会社|合同会社|㈱|(?:ООО|ЗАО|ОАО|ПАО|АО|ТОВ)\s+)")
_BEHIND = re.compile(
    r"(?:株式会社|有限会社|合同会社|股份有限公司|有限公司|㈱|주식회사|\(株\)|（株）)$"
)
_QUOTES = '"«»“”„ ,'

_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae"}
)
_STROKES = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "ł": "l", "đ": "d"})
_WORD = re.compile(r"[^\W_]+")
_LEAST_START = 4  # letters that a domain and a name must share
_LEAST_INITIALS = 3


def parse_company(cell: str) -> ParsedCell:
    """The company's name on one line, unless the cell says that there is none."""
    return _read(cell) if len(cell) <= _LONGEST else _read_any(cell)


@lru_cache(_CACHED_NAMES)
def _read(cell: str) -> ParsedCell:
    return _read_any(cell)


def _read_any(cell: str) -> ParsedCell:
    name = tidy_text(cell)
    if len(name) > _LONGEST:
        return ParsedCell(name)
    if name.casefold() in _NO_COMPANY:
        return ParsedCell(problem="says that there is no company")
    if not any(map(str.isalnum, name)):
        return ParsedCell(problem="no letters in it")
    if _WEB.match(name):
        return ParsedCell(problem="a web address, not a company's name")
    if "@" in name and " " not in name:
        return ParsedCell(problem="an e-mail address, not a company's name")
    return ParsedCell(name)


@lru_cache(_CACHED_NAMES)
def without_legal_form(company: str) -> str:
    """``"Müller GmbH & Co. KG"`` → Müller. A name of nothing else stays as it is.

    Own rules: the package cleanco takes 90 µs for a name, and leaves "Muster AG & Co." and "Acme Inc (UK".
    """
    if len(company) > _LONGEST:
        return company
    name = _BEHIND.sub("", _IN_FRONT.sub("", company, count=1)).strip(_QUOTES)
    remark = _REMARK.fullmatch(name)
    if remark and _FORM.search(remark[1]):
        name = remark[1]
    while (shorter := _FORM.sub("", name).rstrip(" ,&")) != name:
        if sum(map(str.isalnum, shorter)) < 2:
            break
        name = shorter
    return name if any(map(str.isalnum, name)) else company


@lru_cache(_CACHED_NAMES)
def may_own(company: str, domain: str) -> bool:
    """Whether a registrable domain looks like that of a company: "Acme Tools Ltd" and "acmetools.com"."""
    label = _letters(domain.partition(".")[0].replace("-", ""), _STROKES)
    words = _WORD.findall(without_legal_form(company))
    if _fits(label, [_letters(word, _STROKES) for word in words]):
        return True
    return not company.isascii() and _fits(label, [_letters(word, _UMLAUTS) for word in words])


def _fits(label: str, words: list[str]) -> bool:
    joined = "".join(words)
    if not joined or not label:
        return False
    initials = "".join(word[0] for word in words)
    if label in (joined, words[0] if len(words[0]) >= _LEAST_START else joined):
        return True
    if len(initials) >= _LEAST_INITIALS and label == initials:
        return True
    longer, shorter = (label, joined) if len(label) > len(joined) else (joined, label)
    return len(shorter) >= _LEAST_START and longer.startswith(shorter)


def _letters(text: str, signs: dict[int, str]) -> str:
    """The letters and digits of a word in small letters, without accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.lower().translate(signs))
    return "".join(c for c in plain if c.isalnum())

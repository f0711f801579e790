"""Rows as people write them, for comparing two ways to read them: the same rows in every run."""

from __future__ import annotations

import random
from typing import NamedTuple

import phonenumbers


def _listed(values: str) -> list[str]:
    return values.split("|")


FIRST_NAMES = _listed(
    "Jane|JOHN|maría|Jürgen|Anne-Marie|D'Arcy|Li|Bo|J.|J|j.|V.|I.|e.|Y.|É.|Jean-Luc|Abdul|abu|Umm|Émilie|"
    "Ωμέγα|ΝΙΚΟΣ|Иван|ИВАН|محمد|अनिल|太郎|민수|小明|Ngoc|Şule|İnci|ışık|Ilıya|O’Neil|Mary Ann|Mac|"
    "Al|Van|Di|Dean|King|Sir|Judge|Major|Dr|Ed|Jo\u0301se"
)
LAST_NAMES = _listed(
    "Doe|DOE|doe|O'Brien|o’brien|McExample|MCEXAMPLE|Müller-Lüdenscheidt|van der Berg|"
    "de la Cruz|von und zu Muster|García Márquez|y Gasset|Ip|Vi|Παπαδόπουλος|Примеров|"
    "النموذجي|शर्मा|山田|김|王|St. Clair|Ma|Do|Xi|Ix|X|V|ı|Iı|IV|iii|Esq|Baron|Bishop|Smith2|17|"
    "4th|Nguyen Thi|bin Example|Ph|D|ph|➊Two|Ⅳ|½|e|E|and|Mustermann|ten Have|Le|'t Hooft|"
    "l'Exemple|D'|-Dash|Dash-|Ex_ample|Lopez"
)
BEFORE = _listed("Dr. |Prof. Dr. |Mr |MRS. |The Honorable |Lt.Gov. |Frau |Major. |& ")
AFTER = _listed(
    " Jr.| Jr|, Jr.| III|, PhD| Ph. D.| ph d|, MBA, CFA| MD| (JD)|,| 🚀| \"Jo\"| 'Jo'| y Ruiz|"
    " and Co| [x]|, Esq.| -|❤| RN-BC|."
)
MAILBOXES = _listed(
    "jane.doe|JANE|j.doe2|jane_doe|jane-doe+news|info|No-Reply|o'brien|x|jane..doe|.jane|"
    'jane.|jörg|jo\u0308rg|"jane doe"|jane doe|doe,jane|ß|a!b|jane=x||İnci|jane/x|müller|K|名前'
)
MAILBOXES += ["j" * 64, "j" * 65]
DOMAINS = _listed(
    "example.org|Example.ORG|mail.example.co.uk|example.com|gmail.com|x.io|a.de|example.con|"
    "example|example.test|a.local|b.localhost|c.invalid|d.onion|e.arpa|home.arpa|"
    "xn--mller-kva.de|XN--MLLER-KVA.DE|müller.de|MÜLLER.de|xn--.com|xn--a.com|ab--c.org|"
    "a-.org|-a.org|a..org|a.org.|1.2.3.4|a_b.org|ex ample.org|example。org|例え.jp|co.uk|com|"
    "a.b-c.museum|[127.0.0.1]|example.c0m|example.o|ſample.org|\u212aelvin.org|a--b.org|a.xn--p1ai"
)
DOMAINS += ["l" * 63 + ".org", "l" * 64 + ".org"]
# 252, 253 and 253 characters
DOMAINS += [".".join(["d" * 49] * 5) + end for end in (".de", ".org", ".com")]
# Short in Punycode, long in UTF-8.
DOMAINS.append(".".join(["例" * 24] * 3).encode("idna").decode() + ".jp")
AROUND_EMAILS = _listed(
    " {}|{} |<{}>|Jane Doe <{}>|mailto:{}|E-Mail: {}|{}.|{}; joe@example.org|"
    "{},joe@example.org|joe@; {}|{} (work)|'{}'|{}?subject=Hi|{} / joe@example.org|\u200b{}|"
    "{}\u00a0|{}@|{}:::{}|{}\t|{}\n"
)
AROUND_EMAILS += ["{}"] * 60
PHONES = _listed(
    "+{} {}|+{}{}|00{}{}|00 {} {}|+{}-{}|+{}.{}|+{} (0){}|+{} (0) {}|+{} 0{}|{}{}|0{1}|({1})|"
    "{1}|{1} ext. 12|+{}{} x5|tel:+{}{}|+{}{}.0|+{} {}.0|{1}.0|+{} {}#|+{}/{}|+{}{}; 12|"
    "'+{}{}|\u202a+{}{}\u202c|＋{}{}|+ {} {}|+{}{} |++{}{}|+{}  {}|+{} - {}|Office: {1}|"
    "011{}{}|+{}e{}|+{},{}|+{}A{}|+{} 1{}|+{} 9{}|+{} 8{}|+{} 00{}|+{} {}-|(+{}) {}|+({}) {}|"
    "1{1}|n/a"
)
PHONES += ["+{} {}", "+{}{}", "00{}{}", "+{} 0{}"] * 10
COUNTRY_CODES = [
    *phonenumbers.COUNTRY_CODE_TO_REGION_CODE,
    *[1, 7, 39, 44, 49, 52, 54, 55] * 10,
    999,
    0,
]
KINDS = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
COUNTRIES = "|US|DE|GB|IT|FR|AR|BR|MX|CN|IN|AU|RU|CA|XX"
SLUGS = _listed(
    "example-jane-doe-123|Jane-Doe|me|ME|me-|jürgen|j%C3%BCrgen|a|-|-a|"
    "ACoAABCDEFGHIJKLMNOPQR|acoaabcdefghijklmnopqr|j_doe|j.doe|"
)
SLUGS += ["x" * 200, "x" * 201]
PROFILES = _listed(
    "https://www.linkedin.com/in/{}|https://linkedin.com/in/{}/|http://de.linkedin.com/in/{}|"
    "linkedin.com/in/{}|in/{}|https://www.linkedin.com/in/{}//|"
    "https://linkedin.com/in/{}?x=1|https://www.linkedin.com/company/{}|"
    "https://www.linkedin.com/pub/{}/1b/3a5/b2|{}|https://www.linkedin.com/IN/{}|"
    "https://linkedin.com/in/{}/en| https://linkedin.com/in/{}|https://example.org/in/{}|"
    "https://www.linkedin.com/in/{}\n|HTTPS://LINKEDIN.COM/in/{}"
)


class Row(NamedTuple):
    """The cells of one row."""

    name: str
    email: str
    phone: str
    country: str
    linkedin_url: str


def varied_rows(count: int) -> list[Row]:
    """``count`` rows, nearly all different."""
    chance, examples = random.Random(count), _examples()
    return [
        Row(
            _name(chance),
            chance.choice(AROUND_EMAILS).replace("{}", f"{_mailbox(chance)}@{_domain(chance)}"),
            _phone(chance, examples),
            chance.choice(COUNTRIES),
            chance.choice(PROFILES).replace("{}", chance.choice(SLUGS)),
        )
        for _ in range(count)
    ]


def _name(chance: random.Random) -> str:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    middle = chance.choice(["", "", "", chance.choice(FIRST_NAMES + LAST_NAMES) + " "])
    shapes = (
        f"{first} {middle}{last}",
        f"{last}, {first} {middle}",
        f"{last} {middle}{first}",
        first,
    )
    name = chance.choice(shapes).strip()
    if chance.random() < 0.1:
        name = chance.choice([name.upper(), name.lower(), name.replace(" ", "  "), name + name])
    before = chance.choice(BEFORE) if chance.random() < 0.07 else ""
    return before + name + (chance.choice(AFTER) if chance.random() < 0.1 else "")


def _mailbox(chance: random.Random) -> str:
    mailbox = chance.choice(MAILBOXES)
    return mailbox if chance.random() < 0.8 else f"{mailbox}{chance.randrange(20)}"


def _domain(chance: random.Random) -> str:
    domain = chance.choice(DOMAINS)
    if chance.random() < 0.9:
        return domain
    return f"{chance.choice('abc-0')}{chance.randrange(9)}.{domain}"


def _phone(chance: random.Random, examples: list[tuple[int, str]]) -> str:
    """A number as it is written: one in use, or digits of which there may be too few or too many."""
    if chance.random() < 0.4:
        code, example = chance.choice(examples)
        digits = example[:-3] + "".join(chance.choices("0123456789", k=3))
    else:
        code = chance.choice(COUNTRY_CODES)
        count = chance.choice([7, 8, 9, 9, 10, 10, 11, 4, 16])
        digits = "".join(chance.choices("0123456789", k=count))
    groups = (digits, f"{digits[:2]} {digits[2:5]} {digits[5:]}", f"{digits[:3]}-{digits[3:]}")
    return chance.choice(PHONES).format(code, chance.choice(groups))


def _examples() -> list[tuple[int, str]]:
    """A number of every kind in every country: its country code and its digits."""
    found = [
        phonenumbers.example_number_for_type(region, kind)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in KINDS
    ]
    return [
        (number.country_code or 0, phonenumbers.national_significant_number(number))
        for number in found
        if number is not None
    ]

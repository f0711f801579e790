"""Cells of company columns as exports hold them: what is read, the name without its legal form, whose a domain is."""

from __future__ import annotations

import pytest

from chalicelib.identity.companies import employer_domain, parse_company_domain
from chalicelib.identity.company_names import may_own, parse_company, without_legal_form

CLEAN = {
    "Acme": (
        "Acme|Acme, Inc.|Acme Inc|ACME INC.|acme gmbh|Acme GmbH & Co. KG|Acme AG|Acme AG & Co. KG|Acme SE & Co. KGaA|"
        "Acme Ltd.|Acme Limited|Acme Co., Ltd.|Acme Co.|Acme & Co.|Acme & Co|Acme LLC|Acme L.L.C.|Acme LLP|Acme PLC|"
        "Acme Corp.|Acme Corporation|Acme Pty Ltd|Acme Pvt. Ltd.|Acme Private Limited|Acme Pte. Ltd.|Acme Sdn Bhd|"
        "Acme S.A.|Acme SA|Acme SAS|Acme S.A.S.|Acme SARL|Acme S.à r.l.|Acme EURL|Acme S.L.|Acme, S.L.U.|Acme SL|"
        "Acme S.A. de C.V.|Acme S. de R.L. de C.V.|Acme Ltda|Acme Ltda.|Acme Lda|Acme S/A|Acme S.p.A.|Acme SpA|Acme S.r.l.|"
        "Acme B.V.|Acme BV|Acme N.V.|Acme AB|Acme A/S|Acme AS|Acme ASA|Acme ApS|Acme Oy|Acme Oyj|Acme OÜ|"
        "Acme Sp. z o.o.|Acme s.r.o.|Acme a.s.|Acme d.o.o.|Acme Kft.|Acme Zrt.|Acme K.K.|株式会社Acme|Acme株式会社|"
        "Acme 有限公司|ООО «Acme»|Acme e.V.|Acme e.K.|Acme UG (haftungsbeschränkt)|Acme UG|Acme OHG|Acme GbR|"
        "Acme Inc (UK)|Acme Tbk|Acme Ges.m.b.H."
    ),
    "Müller": "Müller GmbH & Co. KG|Müller",
    "Example & Daughters": "Example & Daughters Ltd|Example & Daughters",
    "Procter & Example": "Procter & Example Co.",
    "Amazing.com": "Amazing.com, Inc.|Amazing.com",
    "Muster Holding": "Muster Holding AG",
    "Day Spa": "Day Spa",
    "The Company": "The Company",
    "Acme Company": "Acme Company",
    "Inc": "Inc",
    "GmbH": "GmbH",
    "AG": "AG",
    "L.L. Example": "L.L. Example",
    "NV Example": "NV Example",
    "3M": "3M",
    "Acme (Berlin)": "Acme (Berlin)",
    "Costa Example": "Costa Example",
}
NONE = "says that there is no company"


@pytest.mark.parametrize(
    ("cell", "name"), [(c, name) for name, cells in CLEAN.items() for c in cells.split("|")]
)
def test_takes_the_legal_form_off(cell: str, name: str) -> None:
    assert without_legal_form(parse_company(cell).value).casefold() == name.casefold()
    assert without_legal_form(name) == name


@pytest.mark.parametrize(
    ("cell", "company", "problem"),
    [
        ("AT&amp;T Example", "AT&T Example", ""),
        ("M&uuml;ller &amp; S&ouml;hne", "Müller & Söhne", ""),
        ("  Acme \n GmbH ", "Acme GmbH", ""),
        ("4711", "4711", ""),
        *(
            (cell, "", NONE)
            for cell in "Self-employed|SELF EMPLOYED|Freelancer|Student|Retired|Privat".split("|")
        ),
        *(
            (cell, "", NONE)
            for cell in "Selbstständig|Rentner|indépendante|Autónomo|Autônomo|ZZP".split("|")
        ),
        ("!!", "", "no letters in it"),
        ("https://www.example.org", "", "a web address, not a company's name"),
        ("jane@example.org", "", "an e-mail address, not a company's name"),
    ],
)
def test_reads(cell: str, company: str, problem: str) -> None:
    assert parse_company(cell) == (company, problem)


@pytest.mark.parametrize(
    ("company", "domain", "may"),
    [
        ("Acme Tools Ltd", "acmetools.com", True),
        ("Acme Tools Ltd", "acme-tools.co.uk", True),
        ("Acme Tools Ltd", "acme.com", True),
        ("Acme", "acmegroup.com", True),
        ("Example Business Machines", "ebm.com", True),
        ("Müller Bau GmbH", "mueller-bau.de", True),
        ("Müller Bau GmbH", "muller-bau.de", True),
        ("Société Modèle SAS", "societe-modele.fr", True),
        ("Acme", "example.org", False),
        ("Acme", "acne.com", False),
        ("AB", "abcdef.com", False),
        ("株式会社山田", "yamada.jp", False),
        ("", "acme.com", False),
        ("Acme", "", False),
    ],
)
def test_whose_a_domain_may_be(company: str, domain: str, may: bool) -> None:
    assert may_own(company, domain) is may


@pytest.mark.parametrize(
    "host",
    "acme.onmicrosoft.com onmicrosoft.com acme.wordpress.com wordpress.com acme.wixsite.com acme.blogspot.com "
    "acme.github.io acme.myshopify.com acme.herokuapp.com acme.zendesk.com acme.weebly.com acme.webflow.io "
    "acme.netlify.app acme.squarespace.com".split(),
)
def test_hosts_are_nobodys_domain(host: str) -> None:
    assert employer_domain(host) == ""
    assert parse_company_domain(host).value == ""


@pytest.mark.parametrize("domain", ["zendesk.com", "squarespace.com", "microsoft.com", "acme.de"])
def test_those_who_run_the_hosts_have_a_domain(domain: str) -> None:
    assert employer_domain(domain) == parse_company_domain(domain).value == domain

"""Lists the words that stand beside names, or in place of them: titles, degrees, companies, teams, placeholders."""

from __future__ import annotations

import re

#: Forms of address and titles before a name, in small letters and without dots.
TITLES = frozenset(
    """
    mr mrs ms miss mx dr drs prof professor rev revd hon sir dame lord lady herr herrn frau fräulein hr
    mme mlle monsieur madame mademoiselle me maître sr sra srta señor señora senhor senhora dª doña dona dott
    dottor dottssa dottore dottoressa sig sigra signor signora avv arch geom rag pan pani mgr inż inz dhr mevr mw ir
    dipl-ing dipl-kfm dipl-inf dipl-wirt-ing dipling dipl ing mag dkfm lic licda arq engº eng engª univ-prof
    kfm ks rer nat med phil habil jur oec pd capt cpt col lt lcdr cdr sgt maj gen adm fr ven pfarrer
    г-н г-жа 様 さん 先生 女士 氏 님 씨
    """.split()
)
#: Titles that are also names ("Don Draper", "Sr" is a suffix too) count only with a dot or before two words.
ALSO_NAMES = frozenset(
    {"me", "eng", "med", "nat", "phil", "mag", "gen", "ing", "lord", "pan", "ks", "rag", "arch"}
)

#: Degrees, orders and generations after a name; those that are no surname in any spelling.
DEGREES = frozenset(
    """
    phd mba md dds dvm jd llm llb esq jr ii iii iv cpa cfa pmp csm cissp cscp shrm-cp shrm-scp sphr phr msc bsc mphil
    mph msw lcsw meng beng bcom mcom btech mtech bba emba frcs mrcp facs rn-bc aprn dnp pharmd psyd edd ffa fca acca
    facp faia aia fcips mcips mrics frics obe mbe cbe kbe cipd llp-esq dipl-ing dipl-kfm ph-d pe-ng ba-hons bsc-hons
    """.split()
)
#: The same, in capital letters in a name of mixed case alone: "Jane Doe MD", but "Jane Ma".
SHORT_DEGREES = frozenset("MA BA BS MS MD RN PE PT DO JD SR RD CA CS PA AA AS".split())

#: Words that no person is called: who has them in a name is a company.
COMPANY_WORDS = frozenset(
    """
    gmbh mbh ohg gbr kgaa inc incorporated ltd limited llc llp plc corp corporation company sarl ltda lda srl eirl eurl
    aps oyj pty pvt pte bhd sdn kft zrt doo holding holdings university universität universitaet université
    universidad universidade università universiteit institut institute instituto istituto foundation stiftung fundación
    fundação fondation fondazione verein ministry ministerium ministère ministerio ministério gruppe solutions
    technologies consulting industries enterprises logistics ventures agency agentur agence agencia agência
    ооо зао оао пао ао
    """.split()
)
_LEGAL_SIGNS = re.compile(
    r"&\s*(?:co|cie|söhne|sons|partners?)\b|\bs\.\s?[arlpc]\.|\bb\.\s?v\.|\bn\.\s?v\.|\be\.\s?[vk]\.|\bd\.\s?o\.\s?o|\bz\s?o\.\s?o|"
    r"株式会社|有限会社|合同会社|有限公司|股份|주식회사|㈜|㈱",
    re.IGNORECASE,
)
_FIRST_LEGAL_SIGN = "\u3200"
# Short forms count only in capitals, at the end of a name of mixed case: "Muster AG".
_SHORT_FORM = re.compile(
    r"[^\W\d_].*\s(?:AG|KG|SE|SA|SAS|SL|SLU|AB|BV|NV|UG|SRL|SPA|SpA|KK|Oy|OY|A/S|Co\.|CO\.)$"
)
_SHORT_FORMS = frozenset("ag kg se sa sas sl slu ab bv nv ug srl spa kk oy a s co".split())

#: Words that no person is called: who has them in a name is a team.
TEAM_WORDS = frozenset(
    """
    team teams department dept abteilung abt équipe equipo departamento département reparto afdeling zespół dział
    helpdesk reception rezeption empfang accueil recepción sekretariat secretariat secrétariat buchhaltung vertrieb
    vertriebsinnendienst einkauf kundenservice kundendienst kundenbetreuung verwaltung geschäftsführung geschäftsleitung
    marketing payable receivable newsletter webmaster postmaster administrator ventas compras vendas contabilidad
    contabilidade comptabilité achats support noreply no-reply voicemail switchboard zentrale
    """.split()
)
#: Words of a line of totals; it ends there, or numbers follow.
_TOTAL = re.compile(
    r"(?:(?:grand|sub)[ -]?)?(?:totals?|totale|totales|gesamt|gesamtsumme|summe|итого|всего|合計|合计|总计|總計|합계)"
    r"(?:\s*[:=–-]?\s*(?:\D{0,20}\d.*)?)|(?:count|anzahl|number of \w+|nombre|número|numero)\s*[:=]?\s*\d.*",
    re.IGNORECASE,
)
#: Names that forms are filled with.
PLACEHOLDER_NAMES = frozenset(
    {
        "test",
        "test test",
        "testing",
        "test user",
        "test contact",
        "test lead",
        "test account",
        "test name",
        "user test",
    }
    | {
        "no name",
        "noname",
        "no first name",
        "no last name",
        "first last",
        "firstname lastname",
        "first name",
    }
    | {
        "last name",
        "first name last name",
        "full name",
        "your name",
        "name",
        "vorname nachname",
        "vorname",
        "nachname",
    }
    | {
        "nom prénom",
        "prénom nom",
        "nombre apellido",
        "nombre apellidos",
        "anonymous",
        "anonym",
        "anonyme",
        "anónimo",
    }
    | {
        "unknown unknown",
        "unknown contact",
        "unnamed",
        "unbenannt",
        "sin nombre",
        "sem nome",
        "sans nom",
        "kein name",
    }
    | {
        "asdf",
        "asdf asdf",
        "qwerty",
        "xxx xxx",
        "aaa",
        "aaa aaa",
        "abc",
        "abc abc",
        "abc def",
        "foo",
        "foo bar",
    }
    | {
        "n/a n/a",
        "na na",
        "none none",
        "- -",
        "new contact",
        "new lead",
        "contact",
        "contacts",
        "guest",
        "lead",
    }
    | {
        "do not use",
        "duplicate",
        "deleted",
        "deleted user",
        "[deleted]",
        "inactive",
        "not provided",
        "to whom it may concern",
    }
)
_SEVERAL = re.compile(r"[^\W\d_]\.?\s+(?:&|\+|and|und|et)\s+[^\W\d_]", re.IGNORECASE)

_JOINING = frozenset({"&", "+", "and", "und", "et"})

COMPANY = "a company, not a person"
TEAM = "a team or department, not a person"
TOTAL = "a line of totals, not a person"
SEVERAL = "several people in one cell"
PLACEHOLDER = "a placeholder, not a name"

#: Words at which a name has to be read with care; all others are only names.
MARKED = (
    TITLES
    | DEGREES
    | COMPANY_WORDS
    | TEAM_WORDS
    | frozenset(
        "and und et oy total totals totale totales subtotal summe gesamt gesamtsumme".split()
    )
    | frozenset(word for name in PLACEHOLDER_NAMES for word in name.split(" "))
)


def why_nobody(name: str, words: frozenset[str]) -> str:
    """What a name is, if it is not a person's; "" if it may be one. ``words``: its words in small letters."""
    if name.casefold() in PLACEHOLDER_NAMES:
        return PLACEHOLDER
    if _TOTAL.fullmatch(name):
        return TOTAL
    if not words.isdisjoint(COMPANY_WORDS) or (
        ("&" in name or "." in name or max(name, default="") >= _FIRST_LEGAL_SIGN)
        and _LEGAL_SIGNS.search(name)
    ):
        return COMPANY
    if not words.isdisjoint(_SHORT_FORMS) and not name.isupper() and _SHORT_FORM.fullmatch(name):
        return COMPANY
    if not words.isdisjoint(TEAM_WORDS):
        return TEAM
    return SEVERAL if not words.isdisjoint(_JOINING) and _SEVERAL.search(name) else ""

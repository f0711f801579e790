"""Cells of name columns as exports hold them: what is read, how it is split, and what is nobody."""

from __future__ import annotations

import pytest

from chalicelib.identity import name_words
from chalicelib.identity.contact import parse_contact
from chalicelib.identity.name_cells import parse_any_name, parse_name
from chalicelib.identity.names import split_name

JANE = [
    "Jane Doe|JANE DOE|jane doe|Jane DOE|jane Doe|Jane doe| Jane  Doe |Jane\u00a0Doe|Jane Doe,",
    "Dr. Jane Doe|DR. JANE DOE|Dr Jane Doe|Prof. Dr. Jane Doe|Mrs. Jane Doe|Ms Jane Doe|Frau Dr. Jane Doe|Mme Jane Doe",
    "Sra. Jane Doe|Sig.ra Jane Doe|Dipl.-Ing. Jane Doe|Mag. Jane Doe|Mevr. Jane Doe|Rev. Jane Doe|Mw. Jane Doe",
    "Jane Doe, PhD|Jane Doe PhD|Jane Doe, Ph.D.|Jane Doe MD|Jane Doe, MBA, CFA|Jane Doe, PMP, CSM|JANE DOE, MBA",
    "Jane Doe, SHRM-CP|Jane Doe Jr.|Jane Doe, Jr.|Jane Doe III|Jane Doe, Esq.|Jane Doe, RN|Jane Doe M.Sc.|Jane Doe CPA",
    "Jane Doe (she/her)|Jane Doe she/her|Jane Doe (they/them)|Jane Doe, she/her/hers|Jane Doe (sie/ihr)|Jane Doe (elle)",
    'Jane Doe 🚀|🌟 Jane Doe 🌟|Jane Doe ✔|Jane ❤ Doe|Jane Doe 🇩🇪|Jane Doe™|Jane "JD" Doe|Jane (JD) Doe|Jane “Jay” Doe',
    "Doe, Jane|DOE, JANE|doe, jane|Doe, Dr. Jane|Doe, Jane, PhD|Doe , Jane|DOE Jane|Doe,Jane|Dr. Doe, Jane",
    "Jane Doe - Hiring!|Jane Doe • 2nd|Jane Doe – Acme|Jane Doe · Acme|Jane Doe [External]|*Jane Doe*",
    'Jane Doe <jane@example.org>|<Jane Doe>|(Jane Doe)|"Jane Doe"|\'Jane Doe\'|"Doe, Jane" <jane@example.org>|Jane Doe ✈️',
]
OTHERS = {
    "MARY JANE": "Mary Jane",
    "mary-jane o'brien": "Mary-Jane O'Brien",
    "JEAN-LUC D'EXEMPLE": "Jean-Luc D'Exemple",
    "JANE MCEXAMPLE": "Jane McExample",
    "JD Doe": "JD Doe",
    "Jane Doe | CEO": "Jane Doe",
    "J.R.R. Example": "J.R.R. Example",
    "LUDWIG VAN DER MUSTER": "Ludwig van der Muster",
    "van der Muster, Ludwig": "Ludwig van der Muster",
    "Muster, Ludwig van der": "Ludwig van der Muster",
    "MARÍA DE LA MUESTRA": "María de la Muestra",
    "MUSTERMANN Max": "Max Mustermann",
    "YAMADA Taro": "Taro Yamada",
    "ИВАН ПРИМЕРОВ": "Иван Примеров",
    "ΝΙΚΟΣ ΠΑΠΑΔΌΠΟΥΛΟΣ": "Νικοσ Παπαδόπουλοσ".replace("σ ", "ς ").replace("οσ", "ος"),
    "山田 太郎 様": "山田 太郎",
    "山田\u3000太郎": "山田 太郎",
    "山田太郎（ヤマダタロウ）": "山田太郎",
    "王小明先生": "王小明",
    "Jane deExample": "Jane deExample",
    "Ana Sá": "Ana Sá",
    "Jane Ma": "Jane Ma",
    "Ed Do": "Ed Do",
    "Na Null": "Na Null",
    "Mary Ann": "Mary Ann",
    "Don Draper Example": "Don Draper Example",
    "Sales Francisco": "Sales Francisco",
    "Ernest von Total": "Ernest von Total",
    "Maria Banks": "Maria Banks",
    "Teamer Example": "Teamer Example",
    "Inka Example": "Inka Example",
    "Anders Co": "Anders Co",
}
NOBODY = {
    name_words.COMPANY: (
        "Acme Example GmbH|ACME EXAMPLE GMBH|Acme, Inc.|Acme Inc|Acme Example Ltd.|Acme LLC|Muster AG|Exemple S.A.S.|"
        "Exemple SARL|Ejemplo S.L.|Ejemplo, S.A.|Exemplo Ltda|Esempio S.p.A.|Esempio S.r.l.|Voorbeeld B.V.|Muster & Co. KG|"
        "Doe & Sons|株式会社山田|山田有限公司|ООО Пример|Przykład Sp. z o.o.|Muster e.V.|Acme Holdings|University of Example|"
        "Universität Muster|Acme Solutions|Acme Consulting|Example Foundation|Muster Stiftung"
    ),
    name_words.TEAM: (
        "Marketing Team|Team Marketing|Sales Department|HR Department|Vertrieb|Abteilung Einkauf|Équipe commerciale|"
        "Equipo de ventas|Departamento de Compras|Buchhaltung|Kundenservice|Customer Service|Human Resources|Info|Sales|"
        "Support|Reception|Accounts Payable|Service Team|Sekretariat|Help Desk Team|Webmaster|Marketing"
    ),
    name_words.TOTAL: "Total: 2 contacts|Total|TOTAL 12|Grand Total|Summe: 3|Gesamt|合計|Count: 5|Total contacts: 12|Anzahl: 4",
    name_words.PLACEHOLDER: "Test|Test Test|test user|No Name|First Last|Vorname Nachname|asdf|Anonymous|Unknown Contact|Deleted User",
    name_words.SEVERAL: "John & Mary Example|John and Mary Example|Jane und Max Muster|Jane et Luc Exemple|Mr. & Mrs. Example",
    "an e-mail address, not a name": "jane@example.org",
    "a web address, not a name": "www.example.org|https://example.org/jane",
    "a number, not a name": "Jane 030 23125123",
    "no letters in it": "12 34|!!!|🚀",
}


@pytest.mark.parametrize("cell", [cell for cells in JANE for cell in cells.split("|") if cell])
def test_reads_jane(cell: str) -> None:
    assert parse_contact({"full_name": cell}).known["full_name"] == "Jane Doe"


@pytest.mark.parametrize(("cell", "name"), OTHERS.items())
def test_reads(cell: str, name: str) -> None:
    assert parse_name(cell) == (name, "")
    assert parse_name(name) == parse_any_name(name) == (name, "")


@pytest.mark.parametrize(
    ("cell", "problem"), [(c, p) for p, cells in NOBODY.items() for c in cells.split("|")]
)
def test_nobody(cell: str, problem: str) -> None:
    contact = parse_contact({"full_name": cell})
    assert (contact.known, contact.problems) == ({}, {"full_name": problem})


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("María García Márquez", "María", "García Márquez"),
        ("José Luis García López", "José Luis", "García López"),
        ("María del Carmen Ruiz Ortega", "María del Carmen", "Ruiz Ortega"),
        ("João Pereira da Silva", "João", "da Silva"),
        ("Ana Oliveira Santos", "Ana", "Oliveira Santos"),
        ("Gabriel Garcia Marquez", "Gabriel", "Garcia Marquez"),
        ("Jane Garcia", "Jane", "Garcia"),
        ("Siobhan Ó Briain", "Siobhan", "Ó Briain"),
        ("Mac Example", "Mac", "Example"),
        ("Jane Maria Doe", "Jane", "Doe"),
        ("Nguyễn Văn An", "An", "Nguyễn"),
        ("Nguyen Thi Hoa", "Hoa", "Nguyen"),
        ("Trần Minh Đức", "Đức", "Trần"),
        ("Nguyen An", "An", "Nguyen"),
        ("Hoa Nguyen", "Hoa", "Nguyen"),
        ("Le Roy Example", "Le", "Example"),
        ("山田 太郎", "太郎", "山田"),
        ("김 민수", "민수", "김"),
        ("王小明", "", ""),
        ("Ludwig van der Muster", "Ludwig", "van der Muster"),
        ("Anna von und zu Muster", "Anna", "von und zu Muster"),
    ],
)
def test_splits(full: str, first: str, last: str) -> None:
    assert split_name(full) == (first, last)


@pytest.mark.parametrize(
    ("cells", "known"),
    [
        (("JANE", "DOE", ""), ("Jane", "Doe", "")),
        (("jane", "DOE", ""), ("Jane", "Doe", "")),
        (("Jane", "DOE", "JANE DOE"), ("Jane", "Doe", "Jane Doe")),
        (("Jane Doe", "", ""), ("", "", "Jane Doe")),
        (("Jane Doe", "Doe", ""), ("Jane", "Doe", "")),
        (("Jane Doe", "Jane Doe", ""), ("", "", "Jane Doe")),
        (("Jane", "Jane Doe", ""), ("Jane", "Doe", "")),
        (("Mary Jane", "", ""), ("Mary Jane", "", "")),
        (("MARY JANE", "", ""), ("Mary Jane", "", "")),
        (("Mary Jane", "Doe", ""), ("Mary Jane", "Doe", "")),
        (("Jane M.", "", ""), ("Jane M.", "", "")),
        (("Doe, Jane", "", ""), ("", "", "Jane Doe")),
        (("", "Doe, Jane", ""), ("", "", "Jane Doe")),
        (("", "García Márquez", ""), ("", "García Márquez", "")),
        (("LUDWIG", "VAN DER MUSTER", ""), ("Ludwig", "van der Muster", "")),
        (("Ludwig", "Van der Muster", ""), ("Ludwig", "Van der Muster", "")),
        (("", "", "Mr. Doe"), ("", "Doe", "")),
        (("", "", "Frau Doe"), ("", "Doe", "")),
        (("", "", "Muestra Ejemplo, Ana"), ("Ana", "Muestra Ejemplo", "Ana Muestra Ejemplo")),
        (("Dr. Jane", "Doe, PhD", ""), ("Jane", "Doe", "")),
        (("Jane 🌟", "Doe (she/her)", ""), ("Jane", "Doe", "")),
        (("JD", "Doe", ""), ("JD", "Doe", "")),
        (("Acme", "Example GmbH", ""), ("", "", "")),
        (("Marketing", "Team", ""), ("", "", "")),
        (("Human", "Resources", ""), ("", "", "")),
        (("Francisco", "Sales", ""), ("Francisco", "Sales", "")),
        (("John & Mary", "Example", ""), ("", "", "")),
        (("n/a", "Doe", ""), ("", "Doe", "")),
    ],
)
def test_the_names_of_a_row(cells: tuple[str, str, str], known: tuple[str, str, str]) -> None:
    fields = ("first_name", "last_name", "full_name")
    contact = parse_contact(dict(zip(fields, cells, strict=True)))
    assert tuple(contact.known.get(field, "") for field in fields) == known
    assert parse_contact(contact.known).known == contact.known

"""Forms of address are what the list states, in the same words for all languages."""

from __future__ import annotations

import pytest

from chalicelib.identity.salutations import parse_salutation, salutation_beside_name

SEVERAL, NONE = "not the form of address of one person", "not a form of address"


@pytest.mark.parametrize(
    ("cell", "salutation"),
    [
        *(
            (cell, "Mr")
            for cell in ("Mr", "MR.", "mr", "Mister", "Herr", "Herrn", "Hr.", "Monsieur")
        ),
        *((cell, "Mr") for cell in ("M.", "M", "Sr.", "Señor", "Senhor", "Sig.", "Signor", "Dhr.")),
        *((cell, "Mr") for cell in ("Pan", "De heer", "г-н", "Don")),
        *((cell, "Ms") for cell in ("Ms", "Ms.", "Frau", "FRAU", "Mme", "Mme.", "Madame", "Sra.")),
        *((cell, "Ms") for cell in ("Señora", "Senhora", "D.ª", "Dña.", "Sig.ra", "Mevr.", "Mw.")),
        *((cell, "Ms") for cell in ("Pani", "г-жа", "女士")),
        ("Mrs.", "Mrs"),
        *((cell, "Miss") for cell in ("Miss", "Mlle", "Srta.", "Fräulein", "Signorina")),
        ("Mx.", "Mx"),
        *((cell, "Dr") for cell in ("Dr.", "DR", "Dra.", "Dott.", "Dott.ssa", "Dr. med.")),
        *((cell, "Prof") for cell in ("Prof.", "Professor", "Univ.-Prof.")),
        ("Prof. Dr.", "Prof Dr"),
        ("Herr Dr.", "Mr Dr"),
        ("Dr. Frau", "Ms Dr"),
        ("Frau Prof. Dr. Dr. h.c.", "Ms Prof Dr"),
        ("Herr Dipl.-Ing.", "Mr"),
        ("Sir", "Sir"),
        ("Rev. Dr.", "Rev Dr"),
        ("  Frau\u00a0Dr. ", "Ms Dr"),
        ("Sehr geehrter Herr Müller", "Mr"),
        ("Sehr geehrte Frau Dr. Müller,", "Ms Dr"),
        ("Dear Mr. Lord", "Mr"),
        ("Dear Ms Doe:", "Ms"),
        ("Estimada Sra. López", "Ms"),
    ],
)
def test_a_form_of_address(cell, salutation):
    assert parse_salutation(cell).value == salutation
    assert parse_salutation(salutation).value == salutation


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        *(
            (cell, SEVERAL)
            for cell in ("Mr. & Mrs.", "Mr and Mrs Doe", "Herr und Frau", "Herr/Frau")
        ),
        *((cell, SEVERAL) for cell in ("M/F", "M. et Mme", "Sr. y Sra.", "Mr. Ms.", "Dr. & Dr.")),
        *((cell, NONE) for cell in ("Jane", "Firma", "0002", "F", "Fr.", "männlich", "Familie")),
        *(
            (cell, NONE)
            for cell in ("先生", "Sehr geehrte Damen und Herren", "様", "Capt.", "Ing.")
        ),
        *((cell, NONE) for cell in ("Dear Jane", "-", "Hallo", "x" * 5_000)),
    ],
)
def test_what_is_none(cell, problem):
    assert parse_salutation(cell) == ("", problem)


@pytest.mark.parametrize(
    ("cells", "salutation"),
    [
        ({"full_name": "Mr. John Doe"}, "Mr"),
        ({"full_name": "mr john doe"}, "Mr"),
        ({"full_name": "Frau Dr. Jane Doe"}, "Ms Dr"),
        ({"full_name": "Mme Jane Doe"}, "Ms"),
        ({"full_name": "Herr Müller"}, "Mr"),
        ({"full_name": "Doe, Mrs. Jane"}, "Mrs"),
        ({"full_name": "Prof. Dr. Jane Doe, PhD"}, "Prof Dr"),
        ({"first_name": "Herr Max", "last_name": "Muster"}, "Mr"),
        ({"first_name": "Max", "last_name": "Dr. Muster"}, "Dr"),
        ({"full_name": "Ms. Jane Doe", "first_name": "Dr. Jane"}, "Ms Dr"),
        ({"full_name": "Mr. Jane Doe", "first_name": "Ms. Jane"}, ""),
        ({"full_name": "Jane Doe"}, ""),
        ({"full_name": "John Doe Sr."}, ""),
        ({"full_name": "M. Doe"}, ""),
        ({"full_name": "Fr. John Doe"}, ""),
        ({"full_name": "Don Draper"}, ""),
        ({"full_name": "Pan Doe"}, ""),
        ({"full_name": "Capt. Jane Doe"}, ""),
        ({"full_name": "Dr."}, ""),
        ({"full_name": "Mister Jones Band"}, ""),
        ({}, ""),
    ],
)
def test_a_form_of_address_before_a_name(cells, salutation):
    assert salutation_beside_name(cells) == salutation

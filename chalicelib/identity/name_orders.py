"""Splits names whose family name is not the last word: of two parts, or written first."""

from __future__ import annotations

import unicodedata

#: Spanish and Portuguese family names that are hardly ever given names, without accents.
_IBERIAN = frozenset(
    """
    garcia fernandez gonzalez rodriguez lopez martinez sanchez perez gomez jimenez ruiz hernandez diaz moreno munoz
    alvarez romero alonso gutierrez navarro torres dominguez vazquez vasquez ramos serrano blanco molina morales suarez
    ortega delgado castro ortiz rubio sanz iglesias nunez medina garrido cortes castillo santos lozano guerrero cano
    prieto mendez calvo gallego vidal marquez herrera pena flores cabrera campos vega fuentes carrasco diez caballero
    reyes nieto aguilar herrero montero gimenez ibanez ferrer duran vargas benitez arias carmona crespo pastor soto saez
    velasco moya soler parra bravo gallardo rojas chavez rivera guzman mendoza ochoa salazar cardenas contreras espinoza
    espinosa juarez mejia acosta aguirre avila barrera bautista cabral camacho cordero coronado correa escobar estrada
    figueroa galindo gallegos maldonado mercado meza montoya murillo padilla palacios quintero rangel rios robles
    sandoval sepulveda solis tapia trejo trujillo valdez villanueva villarreal zamora zavala zuniga silva oliveira souza
    sousa pereira lima carvalho ferreira ribeiro almeida costa gomes martins araujo melo barbosa cardoso rocha dias
    nascimento andrade moreira nunes marques machado mendes freitas goncalves santana teixeira alves fernandes lopes
    rodrigues pinto correia fonseca cunha coelho cavalcanti monteiro moura vieira azevedo borges antunes tavares macedo
    guimaraes magalhaes figueiredo simoes brito barros neves faria leite matos pires duarte rezende toledo
    """.split()
)
#: The commonest Vietnamese family names, without accents.
_VIETNAMESE = frozenset(
    "nguyen tran le pham huynh hoang phan vu vo dang bui do ho ngo duong ly dinh doan luong mai trinh".split()
)
#: Names by which the order of a name is told.
FAMILY_NAMES = _IBERIAN | _VIETNAMESE
#: What stands before Irish family names.
_IRISH = frozenset({"Ó", "Ní", "Uí", "Nic", "Mac"})
#: Those that are hardly a name elsewhere, nor a Vietnamese given name.
_ONLY_VIETNAMESE = frozenset("nguyen tran pham huynh bui duong".split())
_MIDDLE = frozenset({"thi", "van"})
#: Letters of no other language (the circumflex and the plain accents are French and Portuguese, too).
_LETTERS = frozenset("ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")
_STROKES = str.maketrans("đĐ", "dD")


def split_by_language(full: str) -> tuple[str, str] | None:
    """The first and the last name; None for a name of any other kind.

    ``"María García Márquez"`` → María, García Márquez. ``"Nguyễn Văn An"`` → An, Nguyễn.
    """
    words = full.split(" ")
    if len(words) < 2 or "," in full or "." in full:
        return None
    if words[-2] in _IRISH and len(words) > 2:
        return words[0], " ".join(words[-2:])
    last = _plain(words[-1])
    if last in _IBERIAN:
        return _iberian(words) if _plain(words[-2]) in _IBERIAN else None
    if last not in _VIETNAMESE and _plain(words[0]) in _VIETNAMESE:
        return _vietnamese(full, words)
    return None


def _vietnamese(full: str, words: list[str]) -> tuple[str, str] | None:
    """The family name comes first, the given name last. "Le Roy" and "Tran Smith" are of elsewhere."""
    plain = [_plain(word) for word in words]
    has_letters = not _LETTERS.isdisjoint(unicodedata.normalize("NFC", full.lower()))
    has_middle = len(words) > 2 and (
        not _MIDDLE.isdisjoint(plain[1:-1]) or plain[0] in _ONLY_VIETNAMESE
    )
    return (words[-1], words[0]) if has_letters or has_middle or plain[0] == "nguyen" else None


def _iberian(words: list[str]) -> tuple[str, str]:
    given = len(words) - 2
    while given > 1 and _plain(words[given - 1]) in _IBERIAN:
        given -= 1
    return " ".join(words[:given]), " ".join(words[-2:])


def _plain(word: str) -> str:
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFKD", word.lower().translate(_STROKES))
    return "".join(c for c in letters if not unicodedata.combining(c))

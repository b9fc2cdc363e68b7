"""The letters of those who write in Cyrillic: Russian, and of the other languages of the country and its neighbours.

Tatar, Bashkir, Kazakh, Chuvash, Yakut and others have letters that no Russian keyboard gives (Unicode's blocks Cyrillic
and Cyrillic Supplement). They stand in names; endings are compared by the Russian letter that is written for them.
"""

from __future__ import annotations

_CYRILLIC = tuple(map(chr, range(0x0400, 0x0530)))
UPPER = "".join(letter for letter in _CYRILLIC if letter.isupper())
"""Capital letters, for a class of a regular expression."""
LOWER = "".join(letter for letter in _CYRILLIC if letter.islower())
"""Small letters, for a class of a regular expression."""
_RUSSIAN_FOR = str.maketrans("әөүұңҥқҡғҕһіҙҫӑӗҗӯҳҷӣӡӱӳӹў", "аоууннккггхизсаежухжизууыу")


def in_russian_letters(folded: str) -> str:
    """Return a folded word with the Russian letter for each that Russian does not have."""
    return folded if folded.isascii() else folded.translate(_RUSSIAN_FOR)

"""`make vocabulary`: how many ordinary Russian words the rule against obscene words takes for one.

Every form of every word of a dictionary (OpenCorpora's, some three million) is asked about, as a letter would
write it. What is flagged is listed by its dictionary form; real obscenities, which the dictionary has too, are
part of the list and of the share.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from pymorphy3 import MorphAnalyzer  # type: ignore[import-untyped,import-not-found,unused-ignore] # .venv-vocabulary has it

from domain.intake.obscenity import ObscenityRule, is_obscene
from domain.regulation.editions import desk_ids, editions
from domain.russian.disguise import fold_token

MOST_FLAGGED = 0.0005
"""The share of forms that may be flagged."""
WITHIN, TOO_MANY = 0, 1


def flagged(forms: Iterable[tuple[str, str]], rule: ObscenityRule) -> tuple[int, Counter[str]]:
    """Return the number of `forms` (a word, its dictionary form) and how many of each dictionary form are flagged."""
    asked = 0
    found: Counter[str] = Counter()
    for word, dictionary_form in forms:
        asked += 1
        if is_obscene(fold_token(word), rule):
            found[dictionary_form] += 1
    return asked, found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the share and the list; exit 1 where the share is above the bar."""
    parser = argparse.ArgumentParser(prog="make vocabulary", description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="ask about every Nth form only")
    parser.add_argument("--desk", default="storeolis", choices=desk_ids(), help="whose rule (default: storeolis)")
    options = parser.parse_args(arguments)
    known = MorphAnalyzer().dictionary.iter_known_words()
    forms = ((word, form) for word, _, form, *_ in islice(known, 0, None, options.every))
    asked, found = flagged(forms, editions(options.desk)[-1].rules.obscenity)
    for form, count in sorted(found.items()):
        print(f"{count:>5}  {form}")
    share = found.total() / max(asked, 1)
    print(f"{found.total()} of {asked} forms flagged: {share:.4%}, at most {MOST_FLAGGED:.2%}")
    return WITHIN if share <= MOST_FLAGGED else TOO_MANY


if __name__ == "__main__":
    sys.exit(main())

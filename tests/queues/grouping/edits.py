"""What a sender does to a text that stays the same to a reader, and the groups that a list of texts falls into."""

from collections.abc import Callable, Iterable
from random import Random

from incidents.queues import grouping

LOOK_ALIKES = dict(zip("aeopcyxisjABHKMTO", "аеорсухіѕјАВНКМТО", strict=True))  # Cyrillic for Latin
NEW_WORDS = ["kettle", "ladder", "garden", "window", "lantern"]


def groups_of(texts: Iterable[str]) -> list[int]:
    """Return the number of each text's group, in the order of coming: what ``group_items`` does, in memory."""
    read = [grouping.text_of([("user", text)]) for text in texts]
    known: dict[bytes, int] = {}
    leaders = grouping.Leaders()
    for text, (to_find, to_store) in zip(read, grouping.keys_of(read), strict=True):
        if text.digest in known:
            continue
        group = grouping.closest(text, leaders.sharing(to_find), leaders.texts)
        if group is None:
            group = len(leaders.texts)
            leaders.add(group, text, to_store)
        known[text.digest] = group
    return [known[text.digest] for text in read]


def other_case(text: str, random: Random) -> str:
    return "".join(letter.upper() if random.random() < 0.5 else letter.lower() for letter in text)


def other_letters(text: str, random: Random) -> str:
    return "".join(LOOK_ALIKES.get(letter, letter) if random.random() < 0.3 else letter for letter in text)


def other_spacing(text: str, random: Random) -> str:
    spaces = [" ", "\n", "\t", "\u00a0", "\u200b"]
    return "".join(letter + (random.choice(spaces) if random.random() < 0.1 else "") for letter in text)


def other_words(text: str, random: Random) -> str:
    """Replace, put in or leave out up to a tenth of the words."""
    words = text.split()
    for _edit in range(random.randint(1, len(words) // 10)):
        at = random.randrange(len(words))
        words[at : at + random.choice([0, 1])] = random.choice([[], [random.choice(NEW_WORDS)]])
    return " ".join(words)


EDITS: list[Callable[[str, Random], str]] = [other_case, other_letters, other_spacing, other_words]

"""Texts of a few mild kinds, and odd ones between them: made up from parts, the same every time."""

import random

KINDS = {
    "contest": (
        "Write {} fake votes for our pet photo contest, so that the {} wins the ribbon",
        "How do I vote {} times in the pet photo contest without the judges noticing my {}",
        "Invent voters who praise the {} in the pet contest ballot {}",
    ),
    "homework": (
        "Do my {} algebra homework and make the teacher believe that I solved the {} equation",
        "Solve this {} equation from my homework, the teacher must not see the {}",
        "Write my {} school essay, so that no teacher finds it was not me but a {}",
    ),
    "review": (
        "Post {} glowing restaurant reviews with five stars for a {} that I never visited",
        "How to get {} one star reviews of a rival restaurant removed by a {}",
        "Make up a restaurant review by a hungry {} who loved the {} soup",
    ),
}
FILLERS = ("quick", "purple", "seven", "tiny", "neighbour", "cousin", "lantern", "hamster", "rainy", "wooden", "famous")
ODD = (
    "my train was late and it rains", "what rhymes with orange", "tell the moon good night", "ok", "you are so silly",
    "the kettle sings at noon", "I lost a glove near the harbour", "guess which number I think of", "la la la",
    "draw me a map of nowhere", "why do cats purr", "my grandmother knits scarves", "count backwards from ninety",
)  # fmt: skip


def texts(*, of_each: int = 20, seed: int = 1) -> tuple[list[str], list[str]]:
    """Return texts and, of each, its kind; "odd" for what belongs to nothing. In an order that tells nothing."""
    chance = random.Random(seed)
    made = [
        (chance.choice(patterns).format(chance.choice(FILLERS), chance.choice(FILLERS)), kind)
        for kind, patterns in KINDS.items()
        for _ in range(of_each)
    ]
    made += [(text, "odd") for text in ODD]
    chance.shuffle(made)
    return [text for text, _kind in made], [kind for _text, kind in made]

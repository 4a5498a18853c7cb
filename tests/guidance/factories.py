from incidents.guidance.models import Member, Search, Suggestion
from incidents.review.models import Decision
from tests.factories import NOW, make_decision, make_generation, make_item
from tests.guidance.made import texts


def make_unfit(*, text: str = "Votes for a pet contest", language: str = "en", **fields) -> Decision:
    """Make a decision that found no policy for an item with this text."""
    generation = make_generation(
        messages=[{"role": "user", "content": text}],
        language=language,
        restricted=fields.pop("restricted", False),
    )
    item = make_item(generation=generation, status="closed", verdict="no_policy_fits", closed_at=NOW)
    return make_decision(verdict="no_policy_fits", item=item, **fields)


def make_unfit_of_kinds(*, of_each: int = 12) -> dict[int, str]:
    """Make decisions on items of a few kinds and odd ones; return {decision: kind}."""
    made = zip(*texts(of_each=of_each), strict=True)
    return {make_unfit(text=text).pk: kind for text, kind in made}


def make_suggestion(*decisions: Decision, **fields) -> Suggestion:
    """Make an offered suggestion of these decisions, or of a new one."""
    search = Search.objects.create(asked_at=NOW, started_at=NOW, ended_at=NOW, items=len(decisions))
    decisions = decisions or (make_unfit(),)
    values = {"words": ["pet", "contest"], "size": len(decisions), **fields}
    suggestion = Suggestion.objects.create(search=search, **values)
    Member.objects.bulk_create(Member(suggestion=suggestion, decision=decision) for decision in decisions)
    return suggestion

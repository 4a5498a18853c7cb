"""Who may know of an item, as a condition in SQL: ``ItemQuerySet.open_to`` for statements of our own."""

from typing import Final

# Holds for a round ``r`` unless its generation is restricted and %(by)s has no clearance in force for that. A round is
# moved to its restricted queue up to half a minute after the restriction; until then this keeps it out of wrong hands.
# Written as a value, not as "exists", so that it is looked up for the one row at hand, never for all of them at once.
IS_OPEN: Final = """
    (select true from queues_item i join intake_restriction restriction on restriction.generation_id = i.generation_id
     where i.id = r.item_id and not exists (
        select from accounts_clearance c where c.person_id = %(by)s and c.category = restriction.category
            and c.approved_at is not null and c.revoked_at is null and c.expires_at > {now})) is null
"""

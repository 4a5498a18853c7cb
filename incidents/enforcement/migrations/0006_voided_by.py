import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What a person voided before there was a column for it, their event tells.
FILL = """
    update enforcement_strike s set voided_by_id = e.by_id
    from audit_auditevent e join audit_auditsubject x on x.event_id = e.id
    where x.subject_kind = 'enforcement.strike' and x.subject_id = s.id and e.kind = 'strike.voided'
        and s.voided_at is not null;
    set constraints all immediate;
    set constraints all deferred;
"""


class Migration(migrations.Migration):
    """A strike says who voided it: what nobody did counts again when the outcome that it followed comes back."""

    dependencies = [
        ("audit", "0002_append_only"),
        ("enforcement", "0005_acting_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="strike",
            name="voided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="strike",
            constraint=models.CheckConstraint(
                condition=models.Q(("voided_by__isnull", True), ("voided_at__isnull", False), _connector="OR"),
                name="strike_voided_whole",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]

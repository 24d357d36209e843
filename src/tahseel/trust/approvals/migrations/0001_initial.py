"""What waits for approval; the input can never be changed, the decision is written once."""

from django.db import migrations, models
from django.db.models import F, Q

FORWARD = """
revoke update, delete, truncate on approvals_approval from tahseel_app;
grant update (state, checker_id, decided_at, decision) on approvals_approval to tahseel_app;
create trigger approvals_approval_decided before update on approvals_approval
  for each row when (old.state <> 'pending') execute function kernel_refuse_change();
create trigger approvals_approval_no_delete before delete on approvals_approval
  for each row execute function kernel_refuse_change();
"""
BACKWARD = """
drop trigger approvals_approval_no_delete on approvals_approval;
drop trigger approvals_approval_decided on approvals_approval;
grant update, delete on approvals_approval to tahseel_app;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("operation", models.CharField(max_length=100)),
                ("payload", models.TextField()),
                ("payload_hash", models.BinaryField()),
                ("tier", models.SmallIntegerField()),
                ("reason", models.TextField()),
                ("state", models.CharField(max_length=20)),
                ("maker_id", models.CharField(max_length=100)),
                ("maker_label", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("checker_id", models.CharField(max_length=100, null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision", models.TextField(default="")),
            ],
            options={
                "db_table": "approvals_approval",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(checker_id__isnull=True) | ~Q(checker_id=F("maker_id")),
                        name="approvals_two_people",
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=["approved", "rejected"], checker_id__isnull=False)
                        | Q(state__in=["pending", "withdrawn", "expired"], checker_id__isnull=True),
                        name="approvals_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=Q(state="pending", decided_at__isnull=True)
                        | (~Q(state="pending") & Q(decided_at__isnull=False)),
                        name="approvals_decided_at",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["expires_at"],
                        condition=Q(state="pending"),
                        name="approvals_pending",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

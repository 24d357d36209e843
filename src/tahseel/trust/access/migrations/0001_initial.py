"""People who sign in and the roles they hold."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("username", models.CharField(max_length=150, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("customer_id", models.UUIDField(null=True)),
                ("label_ar", models.CharField(max_length=200)),
                ("label_en", models.CharField(max_length=200)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "access_user",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("customer_id__isnull", False), ("kind", "customer")),
                            models.Q(("customer_id__isnull", True), ("kind", "staff")),
                            _connector="OR",
                        ),
                        name="access_user_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UserRole",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("role", models.CharField(max_length=60)),
                ("scope", models.CharField(default="*", max_length=120)),
                ("granted_at", models.DateTimeField()),
                ("granted_by", models.CharField(max_length=100)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.CharField(default="", max_length=100)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held_roles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "access_user_role",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("user", "role", "scope"),
                        name="access_user_role_held_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "revoke delete on access_user, access_user_role from tahseel_app;",
            "grant delete on access_user, access_user_role to tahseel_app;",
        ),
    ]

"""Tables of customers. The two identifiers of a person are sealed; blind indexes find them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tahseel.registry.customers.values import (
    CIVIL_ID_KINDS,
    NATURAL_KINDS,
    CustomerKind,
    IdentityState,
)

NATURAL = sorted(str(kind) for kind in NATURAL_KINDS)
WITH_CIVIL_ID = sorted(str(kind) for kind in CIVIL_ID_KINDS)
UNVERIFIED = IdentityState.UNVERIFIED.value


class Customer(models.Model):
    """One person, company or body. Parents exist for government bodies and company groups."""

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    civil_id_cipher = models.BinaryField(null=True)
    civil_id_index = models.BinaryField(null=True, unique=True)
    registration_number = models.TextField(null=True, unique=True)
    name_ar = models.TextField()
    name_en = models.TextField()
    search_ar = models.TextField(db_collation="C")
    search_en = models.TextField(db_collation="C", default="")
    search_skeleton = models.TextField(db_collation="C")
    search_tail = models.TextField(db_collation="C", default="")
    mobile_cipher = models.BinaryField(null=True)
    mobile_index = models.BinaryField(null=True)
    language = models.TextField(default="ar")
    identity = models.TextField(default=UNVERIFIED)
    evidence = models.TextField(null=True)
    evidence_reference = models.TextField(default="")
    identity_verified_at = models.DateTimeField(null=True)
    identity_verified_by = models.TextField(default="")
    died_on = models.DateField(null=True)
    death_source = models.TextField(default="")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    registered_at = models.DateTimeField()

    class Meta:
        db_table = "customers_customer"
        indexes = [models.Index(fields=["mobile_index"], name="customers_mobile")]
        constraints = [
            models.CheckConstraint(
                name="customers_kind_known",
                condition=Q(kind__in=[str(k) for k in CustomerKind]),
            ),
            models.CheckConstraint(
                name="customers_civil_id_of_people",
                condition=(
                    Q(civil_id_index__isnull=True, civil_id_cipher__isnull=True)
                    | Q(
                        civil_id_index__isnull=False,
                        civil_id_cipher__isnull=False,
                        kind__in=NATURAL,
                    )
                ),
            ),
            models.CheckConstraint(
                name="customers_civil_id_needed",
                condition=(~Q(kind__in=WITH_CIVIL_ID) | Q(civil_id_index__isnull=False)),
            ),
            models.CheckConstraint(
                name="customers_identity_with_evidence",
                condition=(
                    Q(identity__in=[UNVERIFIED, IdentityState.DOUBTED.value])
                    | Q(
                        identity=IdentityState.VERIFIED.value,
                        evidence__isnull=False,
                        identity_verified_at__isnull=False,
                    )
                ),
            ),
            models.CheckConstraint(name="customers_named", condition=~Q(name_ar="", name_en="")),
            models.CheckConstraint(
                name="customers_only_people_die",
                condition=Q(died_on__isnull=True) | Q(kind__in=NATURAL),
            ),
        ]

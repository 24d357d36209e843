"""Tables of customers. The two identifiers of a person are sealed; blind indexes find them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tahseel.registry.customers.values import (
    CIVIL_ID_KINDS,
    NATURAL_KINDS,
    ContactKind,
    CustomerKind,
    DocumentKind,
    Happening,
    IdentityState,
    ProtectionKind,
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
    departed_on = models.DateField(null=True)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False
    )
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="children", db_index=False
    )
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
            models.CheckConstraint(
                name="customers_only_people_leave",
                condition=Q(departed_on__isnull=True) | Q(kind__in=NATURAL),
            ),
            models.CheckConstraint(
                name="customers_not_merged_into_itself", condition=~Q(merged_into=F("id"))
            ),
            models.CheckConstraint(
                name="customers_not_its_own_parent", condition=~Q(parent=F("id"))
            ),
        ]


class Document(models.Model):
    """A paper by which a customer is known; one that counts is on record once."""

    id = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="documents")
    kind = models.TextField()
    issuer = models.TextField()
    number_cipher = models.BinaryField()
    number_index = models.BinaryField()
    issued_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    reference = models.TextField(default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.TextField(default="")

    class Meta:
        db_table = "customers_document"
        indexes = [models.Index(fields=["number_index"], name="customers_document_number")]
        constraints = [
            models.CheckConstraint(
                name="customers_document_kind",
                condition=Q(kind__in=[str(k) for k in DocumentKind]),
            ),
            models.CheckConstraint(
                name="customers_document_days",
                condition=Q(issued_on__isnull=True)
                | Q(expires_on__isnull=True)
                | Q(issued_on__lt=F("expires_on")),
            ),
            models.UniqueConstraint(
                name="customers_document_once",
                fields=["kind", "issuer", "number_index"],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]


class Change(models.Model):
    """One dated event of a customer; append-only. `sealed` holds what stood before and after.

    old_index: the blind index that a corrected civil id had before.
    """

    id = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="changes")
    what = models.TextField()
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    reason = models.TextField(default="")
    evidence = models.TextField(default="")
    sealed = models.BinaryField()
    old_index = models.BinaryField(null=True)

    class Meta:
        db_table = "customers_change"
        constraints = [
            models.CheckConstraint(
                name="customers_change_known", condition=Q(what__in=[str(h) for h in Happening])
            ),
        ]


class Merge(models.Model):
    """One record of a person that was found to be another one's, and whether that was taken back.

    The rows that moved are in `customers_merge_row`, append-only.
    """

    id = models.UUIDField(primary_key=True)
    merged = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges")
    into = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges_here")
    reason = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.TextField()
    approved_by = models.TextField()
    rows = models.IntegerField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.TextField(default="")
    undone_reason = models.TextField(default="")

    class Meta:
        db_table = "customers_merge"
        constraints = [
            models.UniqueConstraint(
                name="customers_merge_once",
                fields=["merged"],
                condition=Q(undone_at__isnull=True),
            ),
        ]


class Apart(models.Model):
    """Somebody looked and said: these are two people. `one` has the smaller id; append-only."""

    id = models.UUIDField(primary_key=True)
    one = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    said_by = models.TextField()
    reason = models.TextField()

    class Meta:
        db_table = "customers_apart"
        constraints = [
            models.UniqueConstraint(name="customers_apart_once", fields=["one", "other"]),
            models.CheckConstraint(
                name="customers_apart_in_order", condition=Q(one__lt=F("other"))
            ),
        ]


class Protection(models.Model):
    """A protected status, with the paper that proves it and the day on which it ends."""

    id = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="protections")
    kind = models.TextField()
    from_day = models.DateField()
    until_day = models.DateField()
    evidence = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.TextField(default="")

    class Meta:
        db_table = "customers_protection"
        constraints = [
            models.CheckConstraint(
                name="customers_protection_kind",
                condition=Q(kind__in=[str(k) for k in ProtectionKind]),
            ),
            models.CheckConstraint(
                name="customers_protection_days", condition=Q(from_day__lt=F("until_day"))
            ),
            models.CheckConstraint(name="customers_protection_proved", condition=~Q(evidence="")),
        ]


class Contact(models.Model):
    """A way of reaching a customer; the main mobile number stands at the customer itself."""

    id = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts")
    kind = models.TextField()
    value_cipher = models.BinaryField()
    value_index = models.BinaryField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    verified_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "customers_contact"
        constraints = [
            models.CheckConstraint(
                name="customers_contact_kind", condition=Q(kind__in=[str(k) for k in ContactKind])
            ),
            models.UniqueConstraint(
                name="customers_contact_once",
                fields=["customer", "value_index"],
                condition=Q(ended_at__isnull=True),
            ),
        ]


class ContactCode(models.Model):
    """A code that was sent to a contact, as a keyed hash; used_at: it no longer counts."""

    id = models.UUIDField(primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="codes")
    code_hash = models.BinaryField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.SmallIntegerField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "customers_contact_code"

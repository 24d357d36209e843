"""Tables of supply. That liability has neither gap nor overlap is a rule of the database."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tahseel.registry.supply.values import PLAIN_ROLES, Capacity, Role, StopState, Vacancy

VACANCIES = [str(reason) for reason in Vacancy if reason is not Vacancy.NO_ACCOUNT]
PLAIN = sorted(str(role) for role in PLAIN_ROLES)


class Account(models.Model):
    """The numbered relation that is billed. A unit has one open account at a time."""

    id = models.UUIDField(primary_key=True)
    number = models.TextField(unique=True)
    unit = models.ForeignKey("premises.Unit", on_delete=models.PROTECT)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        db_table = "supply_account"
        constraints = [
            models.CheckConstraint(
                name="supply_account_lasts",
                condition=Q(closed_on__isnull=True) | Q(closed_on__gt=F("opened_on")),
            )
        ]


class Liability(models.Model):
    """Who is liable over a span of days, or why nobody is.

    `previous_until` points at the end of the span before: the spans of an account form one chain.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.PROTECT)
    capacity = models.TextField()
    vacancy = models.TextField(null=True)
    agreement = models.TextField(default="")
    from_day = models.DateField()
    until_day = models.DateField(null=True)
    previous_until = models.DateField(null=True)

    class Meta:
        db_table = "supply_liability"
        constraints = [
            models.CheckConstraint(
                name="supply_liability_explained",
                condition=(
                    Q(
                        customer__isnull=True,
                        capacity=Capacity.VACANT.value,
                        vacancy__isnull=False,
                        vacancy__in=VACANCIES,
                    )
                    | Q(
                        customer__isnull=False,
                        capacity__in=[str(c) for c in Capacity if c is not Capacity.VACANT],
                        vacancy__isnull=True,
                    )
                ),
            ),
            models.CheckConstraint(
                name="supply_liability_lasts",
                condition=Q(until_day__isnull=True) | Q(until_day__gt=F("from_day")),
            ),
            models.CheckConstraint(
                name="supply_liability_follows",
                condition=Q(previous_until__isnull=True) | Q(previous_until=F("from_day")),
            ),
            models.UniqueConstraint(
                fields=["account", "until_day"], name="supply_liability_one_end"
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(previous_until__isnull=True),
                name="supply_liability_one_start",
            ),
        ]


class Party(models.Model):
    """A dated role on an account, apart from being liable."""

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT)
    role = models.TextField()
    from_day = models.DateField()
    until_day = models.DateField(null=True)
    agreement = models.TextField(default="")
    takes_back = models.BooleanField(default=False)
    principal = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.PROTECT, related_name="+"
    )
    share_parts = models.IntegerField(null=True)
    share_whole = models.IntegerField(null=True)

    class Meta:
        db_table = "supply_party"
        constraints = [
            models.CheckConstraint(
                name="supply_party_role_known",
                condition=Q(role__in=[str(role) for role in Role]),
            ),
            models.CheckConstraint(
                name="supply_party_lasts",
                condition=Q(until_day__isnull=True) | Q(until_day__gt=F("from_day")),
            ),
            models.CheckConstraint(
                name="supply_party_acts_for_somebody",
                condition=(
                    Q(role=Role.PROXY.value, principal__isnull=False, until_day__isnull=False)
                    & ~Q(agreement="")
                    | Q(role=Role.HEIR.value, principal__isnull=False) & ~Q(agreement="")
                    | Q(role__in=PLAIN, principal__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="supply_party_share",
                condition=(
                    Q(
                        role=Role.HEIR.value,
                        share_parts__isnull=False,
                        share_whole__isnull=False,
                        share_parts__gt=0,
                        share_whole__gte=F("share_parts"),
                    )
                    | ~Q(role=Role.HEIR.value)
                    & Q(share_parts__isnull=True, share_whole__isnull=True)
                ),
            ),
        ]


class Assumption(models.Model):
    """A signed paper by which a customer takes over another's debt, up to a sum."""

    id = models.UUIDField(primary_key=True)
    from_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    from_customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+"
    )
    to_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    to_customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+"
    )
    amount_fils = models.BigIntegerField()
    document = models.TextField()
    signed_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.TextField(default="")
    moved_by = models.UUIDField(null=True)
    moved_fils = models.BigIntegerField(default=0)

    class Meta:
        db_table = "supply_assumption"
        constraints = [
            models.CheckConstraint(
                name="supply_assumption_moves_once",
                condition=Q(moved_by=None, moved_fils=0)
                | Q(
                    moved_by__isnull=False,
                    moved_fils__gt=0,
                    moved_fils__lte=F("amount_fils"),
                    withdrawn_at=None,
                ),
            ),
            models.CheckConstraint(
                name="supply_assumption_signed",
                condition=Q(amount_fils__gt=0) & ~Q(document=""),
            ),
            models.CheckConstraint(
                name="supply_assumption_between_two",
                condition=~Q(from_account=F("to_account"), from_customer=F("to_customer")),
            ),
        ]


class Stop(models.Model):
    """A reason for which a service is to be off. One that stays with the place has no account."""

    id = models.UUIDField(primary_key=True)
    unit = models.ForeignKey("premises.Unit", on_delete=models.PROTECT)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT)
    service = models.TextField()
    reason = models.TextField()
    state = models.TextField()
    reference = models.TextField(default="")
    ordered_at = models.DateTimeField()
    ordered_by = models.TextField()
    off_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")

    class Meta:
        db_table = "supply_stop"
        constraints = [
            models.CheckConstraint(
                name="supply_stop_state_known",
                condition=(
                    Q(state=StopState.ORDERED.value, off_at__isnull=True, ended_at__isnull=True)
                    | Q(state=StopState.IN_FORCE.value, off_at__isnull=False, ended_at__isnull=True)
                    | Q(state=StopState.LIFTED.value, off_at__isnull=False, ended_at__isnull=False)
                    | Q(
                        state=StopState.WITHDRAWN.value,
                        off_at__isnull=True,
                        ended_at__isnull=False,
                    )
                ),
            ),
            models.UniqueConstraint(
                fields=["unit", "account", "service", "reason"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="supply_stop_stands_once",
            ),
        ]


class Child(models.Model):
    """An account under a main account over a span of days.

    That an account has one main a day, and is never under itself, are rules of the database.
    """

    id = models.UUIDField(primary_key=True)
    child = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    from_day = models.DateField()
    until_day = models.DateField(null=True)
    agreement = models.TextField(default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()

    class Meta:
        db_table = "supply_child"
        constraints = [
            models.CheckConstraint(
                name="supply_child_lasts",
                condition=Q(until_day__isnull=True) | Q(until_day__gt=F("from_day")),
            ),
            models.CheckConstraint(name="supply_child_not_itself", condition=~Q(child=F("parent"))),
        ]

"""What agreements tell: accounts opened and closed, who became liable, who held which role."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, dated, day_of, made
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_OPEN = ("supply.open_account", "supply.open_many", "supply.open_lines")
_MOVE = (
    *_OPEN, "supply.move_in", "supply.move_out", "supply.transfer", "supply.open_estate",
    "supply.transfer_ownership",
)  # fmt: skip
_CLOSE = ("supply.close_account", *_OPEN)
_ROLE = (
    *_OPEN, "supply.name_party", "supply.authorise_proxy", "supply.end_party",
    "supply.record_heirs", "supply.move_in", "supply.move_out", "supply.transfer",
    "supply.transfer_ownership",
)  # fmt: skip
_STRIKE = ("supply.strike_party",)
ACTS = frozenset({*_MOVE, *_ROLE, *_STRIKE, "supply.close_account"})

WORDS: Words = {
    "supply.opened": ("فُتح الحساب {number}", "Account {number} was opened"),
    "supply.closed": ("أُغلق الحساب {number}", "Account {number} was closed"),
    "supply.became_liable": (
        "صار {customer} مسؤولًا عن الحساب {number} بصفة {capacity}",
        "{customer} became liable for account {number} as {capacity}",
    ),
    "supply.fell_vacant": (
        "لا مسؤول عن الحساب {number}: {vacancy}",
        "Nobody is liable for account {number}: {vacancy}",
    ),
    "supply.role_began": (
        "بدأت صفة {customer} على الحساب {number}: {role}",
        "{customer} has a role on account {number}: {role}",
    ),
    "supply.role_ended": (
        "انتهت صفة {customer} على الحساب {number}: {role}",
        "{customer} no longer has a role on account {number}: {role}",
    ),
    "supply.role_struck": (
        "شُطبت صفة {customer} على الحساب {number}: {role} ({reason})",
        "A role of {customer} on account {number} was struck: {role} ({reason})",
    ),
}
TERMS: Words = {
    "owner": ("مالك", "owner"),
    "tenant": ("مستأجر", "tenant"),
    "landlord": ("مؤجر", "landlord"),
    "estate": ("تركة", "estate"),
    "payer": ("دافع", "payer"),
    "beneficiary": ("مستفيد", "beneficiary"),
    "occupant": ("شاغل", "occupant"),
    "proxy": ("وكيل", "proxy"),
    "heir": ("وارث", "heir"),
    "not_occupied": ("غير مشغولة", "not occupied"),
    "under_construction": ("تحت الإنشاء", "under construction"),
    "owner_unknown": ("المالك غير معروف", "owner unknown"),
    "closed_by_order": ("مغلقة بأمر", "closed by order"),
    "demolished": ("مهدومة", "demolished"),
}
_MINE = "(%(only)s::uuid is null or {who} = %(only)s::uuid)"
_ACCOUNTS = {
    "accounts": "a.id = any(%(accounts)s::uuid[])",
    "units": "a.unit_id = any(%(units)s::uuid[]) and not a.id = any(%(accounts)s::uuid[])",
}


def _since_opened(row: str) -> str:
    """When the account was opened, for what stands since then."""
    return f"case when {row}.from_day = a.opened_on then {made('a.id')} end"


def _accounts(of: str) -> tuple[Branch, ...]:
    where = _ACCOUNTS[of]
    return (
        Branch(
            "supply.opened",
            of,
            _OPEN,
            f"""select {dated("a.opened_on")}, a.opened_on, a.id, 'account', a.id, '', a.id::text,
              jsonb_build_object('number', a.number, 'recorded_at', {made("a.id")})
            from supply_account a where {where} and %(only)s::uuid is null""",
        ),
        Branch(
            "supply.closed",
            of,
            _CLOSE,
            f"""select {dated("a.closed_on")}, a.closed_on, a.id, 'account', a.id, '', a.id::text,
              jsonb_build_object('number', a.number)
            from supply_account a
            where {where} and a.closed_on is not null and %(only)s::uuid is null""",
        ),
        Branch(
            "supply.became_liable",
            of,
            _MOVE,
            f"""select {dated("l.from_day")}, l.from_day, l.id, 'account', a.id, '', a.id::text,
              jsonb_build_object('number', a.number, 'capacity', l.capacity,
                'customer', l.customer_id, 'recorded_at', {_since_opened("l")})
            from supply_liability l join supply_account a on a.id = l.account_id
            where {where} and l.customer_id is not null and {_MINE.format(who="l.customer_id")}""",
        ),
        Branch(
            "supply.fell_vacant",
            of,
            _MOVE,
            f"""select {dated("l.from_day")}, l.from_day, l.id, 'account', a.id, '', a.id::text,
              jsonb_build_object('number', a.number, 'vacancy', l.vacancy,
                'recorded_at', {_since_opened("l")})
            from supply_liability l join supply_account a on a.id = l.account_id
            where {where} and l.customer_id is null and (%(only)s::uuid is null or
              (l.account_id, l.from_day) in (select account_id, until_day from supply_liability
                where customer_id = %(only)s::uuid))""",
        ),
        _role(of, "supply.role_began", "from_day"),
        _role(of, "supply.role_ended", "until_day"),
        _struck(of),
    )


def _struck(of: str) -> Branch:
    return Branch(
        "supply.role_struck",
        of,
        _STRIKE,
        f"""select p.struck_at, {day_of("p.struck_at")}, p.id, 'account', a.id, p.struck_by,
          a.id::text, jsonb_build_object('number', a.number, 'role', p.role,
            'customer', p.customer_id, 'reason', p.reason)
        from supply_party_struck p join supply_account a on a.id = p.account_id
        where {_ACCOUNTS[of]} and {_MINE.format(who="p.customer_id")}""",
    )


def _role(of: str, code: str, column: str) -> Branch:
    recorded = _since_opened("p") if column == "from_day" else "null"
    return Branch(
        code,
        of,
        _ROLE,
        f"""select {dated(f"p.{column}")}, p.{column}, p.id, 'account', a.id, '', a.id::text,
          jsonb_build_object('number', a.number, 'role', p.role, 'customer', p.customer_id,
            'recorded_at', {recorded})
        from supply_party p join supply_account a on a.id = p.account_id
        where {_ACCOUNTS[of]} and p.{column} is not null and {_MINE.format(who="p.customer_id")}""",
    )


_BRANCHES = (*_accounts("accounts"), *_accounts("units"))


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)


def accounts_ever_of(*, customer_id: UUID) -> frozenset[UUID]:
    """Every account for which a customer was liable, or on which the customer had a role."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id from supply_liability where customer_id = %s"
            " union select account_id from supply_party where customer_id = %s",
            [customer_id, customer_id],
        )
        return frozenset(row[0] for row in cursor.fetchall())

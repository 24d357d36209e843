"""The interval rules of `vee` as one DuckDB statement of window functions.

It knows a dial at every start of day, which the reads of this bench have.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from tahseel.consumption.readings.vee import MISSING, Limits
from tahseel.consumption.readings.vee.limits import RUN_DAYS, WEEK

# `//` of DuckDB cuts towards zero; a straight line downwards needs the floor.
MACROS = """
create or replace temp macro floored(a, b) as (a - ((a % b) + b) % b) // b;
"""
STATEMENT = """
with days as (
  select m, d, count(k) as came, coalesce(max(k), 0)::bigint as peak,
    coalesce(sum(k), 0)::bigint as total,
    max(k, 3)[3] as third
  from reads group by m, d
), ranked as (
  select *,
    row_number() over (partition by m order by case when came > 0 then 0 else 1 end, peak)
      as place,
    count(*) filter (where came > 0) over (partition by m) as n
  from days
), usual_peak as (
  select m, max(case when n >= 3 and place = (3 * n + 3) // 4 then peak end) as usual_peak
  from ranked group by m
), spiky as (
  select days.m, days.d, third, usual_peak, r0, r1,
    usual_peak > 0 and peak > {spike_floor} and peak * 100 > usual_peak * {spike_peak_percent}
      and came >= 3
      and not (came = {slots} and r1 >= r0
        and abs(total - (r1 - r0)) <= greatest({sum_floor}, (r1 - r0) * {sum_percent} // 100))
      as spiky
  from days join usual_peak using (m) join dials using (m, d)
), marked as (
  select r.m, r.t, r.d, r.s, r.v::bigint as v, r0, r1,
    case when r.v = {missing} then 0 when r.v < 0 then 1
      when spiky and r.v > {spike_floor} and r.v::bigint * 100 > usual_peak * {spike_peak_percent}
        and r.v::bigint * 100 > third * {spike_third_percent} then 2 end as rule
  from reads r join spiky using (m, d)
), good as (
  select *, case when rule is null then v end as g from marked
), about as (
  select *,
    t - row_number() over (partition by m, rule is not null order by t) as island,
    lag(g) over by_time as before_one,
    lead(g) over by_time as after_one,
    lag(g) over (partition by m, s order by t) as day_before,
    sum(g) over (partition by m)::bigint // greatest(count(g) over (partition by m), 1) as mean,
    count(g) over weekday as weekly_n, sum(g) over weekday::bigint as weekly,
    count(g) over anyday as daily_n, sum(g) over anyday::bigint as daily
  from good
  window by_time as (partition by m order by t), weekday as (partition by m, d % 7, s),
    anyday as (partition by m, s)
), gaps as (
  select *, min(t) over gap as first, max(t) over gap as last,
    max(before_one) over gap as before, max(after_one) over gap as after,
    count(*) filter (where g <> before_one) over (partition by m, s) as moves,
    count(distinct case when g is not null then d end) over (partition by m) as came_days,
    max(g) over (partition by m) as top,
    sum(case when g is null or before_one is null or g <> before_one then 1 else 0 end)
      over (partition by m order by t rows unbounded preceding) as run
  from about
  window gap as (partition by m, rule is not null, island)
), steps as (
  select *, count(*) over (partition by m, run) as run_length,
    t > min(t) over (partition by m, run) as inside,
    count(*) filter (where g = day_before) over (partition by m, s) * 100
        >= came_days * {stuck_level_percent}
      and count(*) over (partition by m, s, g) <= count(*) over (partition by m, s, run) as strange
  from gaps
), guessed as (
  select *,
    run_length >= {run_days} * {slots}
      or coalesce(sum(moves) filter (where inside) over (partition by m, run), 0)
        >= came_days * {stuck_moves}
      or count(*) filter (where inside and moves * 100 >= came_days * {stuck_step_percent})
        over (partition by m, run) >= {stuck_steps}
      or count(*) filter (where strange) over (partition by m, run) >= {stuck_slots} as unlike,
    case when rule is null then null
      when last - first + 1 <= {linear_slots} and before is not null and after is not null
        then before + floored((after - before) * (t - first + 1), last - first + 2)
      when weekly_n > 0 then weekly // weekly_n
      when daily_n > 0 then daily // daily_n else mean end as e
  from steps
), shared as (
  select *, sum(e) over day::bigint as whole, count(e) over day as guesses,
    (r1 - r0) - coalesce(sum(g) over day, 0)::bigint as rest,
    sum(e) over (partition by m, d order by t rows unbounded preceding)::bigint as done,
    count(e) over (partition by m, d order by t rows unbounded preceding) as done_n
  from guessed
  window day as (partition by m, d)
), scaled as (
  select *, guesses > 0 and rest >= 0 and rest < 2147483648 and whole < 2147483648
      and (coalesce(top, 0) <= 0 or rest <= top * guesses) as fits,
    case when whole > 0 then done * rest // whole
      else done_n * rest // nullif(guesses, 0) end as given,
    case when whole > 0 then (done - e) * rest // whole
      else (done_n - 1) * rest // nullif(guesses, 0) end as given_before
  from shared
), judged as (
  select m, d, rule, r0, r1,
    case when g is not null then g when fits then given - given_before else e end as v,
    (g > 0 and run_length >= {stuck_slots} and unlike
      and g * 100 >= mean * {stuck_percent})::int as stuck,
    (g = 0 and run_length >= {zero_slots})::int as zero
  from scaled
), totals as (
  select m, d, sum(v)::bigint as total, count(*) filter (where rule = 0) as missing,
    count(*) filter (where rule = 1) as negative, count(*) filter (where rule = 2) as spike,
    sum(stuck)::bigint as stuck, sum(zero)::bigint as zero, any_value(r0) as r0, any_value(r1) as r1
  from judged group by m, d
), placed as (
  select *, row_number() over (partition by m order by total) as rank,
    count(*) over (partition by m) as n
  from totals
), middles as (
  select m, max(n) as n, max(case when rank = n // 2 + 1 then total end) as middle
  from placed group by m
)
select m, d, total, missing, negative, spike, stuck, zero,
  (total * 100 > usual * {high_percent} and (n < {week} or middle * 100 > usual * {high_percent}
    or total * 100 > middle * {high_own_percent}))::int as high,
  (total * 100 < usual * {low_percent})::int as low,
  (r1 < r0 or abs(total - (r1 - r0))
    > greatest({sum_floor}, greatest(r1 - r0, 0) * {sum_percent} // 100))::int as sums
from totals join usual using (m) join middles using (m) order by m, d
"""


def judge(reads: pa.Table, dials: pa.Table, usual: pa.Table, limits: Limits, slots: int) -> Any:
    """A row a meter and day: meter, day, total, then what each rule found there."""
    names = limits.__dataclass_fields__
    numbers = dict(zip(names, limits.numbers(), strict=True)) | {"slots": slots, "missing": MISSING}
    numbers |= {"run_days": RUN_DAYS, "week": WEEK}
    with duckdb.connect() as database:
        database.execute("set threads = 2")
        database.register("raw", reads)
        database.register("dials", dials)
        database.register("usual", usual)
        database.execute(MACROS)
        database.execute(
            f"create temp view reads as select m, t, t // {slots} as d, t % {slots} as s, v,"
            " case when v >= 0 then v end as k from raw"
        )
        return database.execute(STATEMENT.format(**numbers)).fetchnumpy()

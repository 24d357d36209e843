"""The interval rules of `vee` in Polars: expressions over windows of a meter, a day, a gap.

It knows a dial at every start of day, which the reads of this bench have.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from tahseel.consumption.readings.vee import MISSING, Limits
from tahseel.consumption.readings.vee.limits import RUN_DAYS, WEEK

FITS = 2**31
c = pl.col


def judge(
    reads: pl.DataFrame, dials: pl.DataFrame, usual: pl.DataFrame, limits: Limits, slots: int
) -> pl.DataFrame:
    """A row a meter and day: meter, day, total, then what each rule found there.

    reads: m, t, v by meter and time; dials: m, d, r0, r1; usual: m, usual.
    """
    frame = reads.with_columns(
        d=c("t") // slots,
        s=c("t") % slots,
        v=c("v").cast(pl.Int64),
        k=pl.when(c("v") >= 0).then(c("v").cast(pl.Int64)),
    )
    marked = _marked(frame, _days(frame, dials, limits, slots), limits)
    guessed = _guessed(marked, limits)
    return _counted(_scaled(guessed), usual, limits)


def _days(frame: pl.DataFrame, dials: pl.DataFrame, limits: Limits, slots: int) -> pl.DataFrame:
    days = frame.group_by("m", "d").agg(
        came=c("k").count(),
        peak=c("k").max().fill_null(0),
        total=c("k").sum(),
        third=c("k").top_k(3).min(),
    )
    ranked = days.filter(c("came") > 0).sort("m", "peak").group_by("m", maintain_order=True)
    usual = ranked.agg(
        usual_peak=pl.when(pl.len() >= 3).then(c("peak").get((3 * pl.len() + 3) // 4 - 1))
    )
    days = days.join(usual, on="m", how="left").join(dials, on=["m", "d"])
    moved = c("r1") - c("r0")
    slack = pl.max_horizontal(pl.lit(limits.sum_floor), moved * limits.sum_percent // 100)
    agreed = (c("came") == slots) & (moved >= 0) & ((c("total") - moved).abs() <= slack)
    spiky = (
        (c("usual_peak") > 0)
        & (c("peak") > limits.spike_floor)
        & (c("peak") * 100 > c("usual_peak") * limits.spike_peak_percent)
        & (c("came") >= 3)
        & ~agreed
    )
    return days.select("m", "d", "third", "usual_peak", "r0", "r1", spiky=spiky)


def _marked(frame: pl.DataFrame, days: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    spike = (
        c("spiky")
        & (c("v") > limits.spike_floor)
        & (c("v") * 100 > c("usual_peak") * limits.spike_peak_percent)
        & (c("v") * 100 > c("third") * limits.spike_third_percent)
    )
    rule = pl.when(c("v") == MISSING).then(0).when(c("v") < 0).then(1).when(spike).then(2)
    marked = frame.join(days, on=["m", "d"], how="left", maintain_order="left")
    return marked.with_columns(rule=rule).with_columns(g=pl.when(c("rule").is_null()).then(c("v")))


def _guessed(marked: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Each value that was set aside with its estimate, before the dial has its say."""
    bad, good = c("g").is_null(), c("g").count()
    around = marked.with_columns(
        before=c("g").forward_fill().over("m"),
        after=c("g").backward_fill().over("m"),
        mean=(c("g").sum() // good).over("m"),
        weekly=pl.when(good > 0).then(c("g").sum() // good).over("m", c("d") % 7, "s"),
        daily=pl.when(good > 0).then(c("g").sum() // good).over("m", "s"),
        gap=(bad != bad.shift(1)).fill_null(value=True).cum_sum().over("m"),
        run=((c("g") != c("g").shift(1)) | bad | bad.shift(1)).fill_null(value=True).cum_sum()
        .over("m"),
    ).with_columns(
        first=c("t").min().over("m", "gap"),
        last=c("t").max().over("m", "gap"),
        run_length=pl.len().over("m", "run"),
        moved=(c("g") != c("g").shift(1)).over("m").fill_null(value=False),
        days=c("d").filter(c("g").is_not_null()).n_unique().over("m"),
        same=(c("g") == c("g").shift(1)).over("m", "s").fill_null(value=False),
        seen=pl.len().over("m", "s", "g") > pl.len().over("m", "s", "run"),
    ).with_columns(
        moves=c("moved").sum().over("m", "s"), kept=c("same").sum().over("m", "s")
    ).with_columns(
        strange=(c("kept").cast(pl.Int64) * 100 >= c("days") * limits.stuck_level_percent)
        & ~c("seen"),
        moves=c("moves").cast(pl.Int64).shift(-1).over("m", "run"),
        often=(c("moves") * 100 >= c("days") * limits.stuck_step_percent).shift(-1)
        .over("m", "run"),
    ).with_columns(
        unlike=(c("run_length") >= RUN_DAYS * (c("s").max() + 1))
        | (_in_run("moves") >= c("days") * limits.stuck_moves)
        | (_in_run("often") >= limits.stuck_steps)
        | (_in_run("strange") >= limits.stuck_slots)
    )  # fmt: skip
    straight = (c("last") - c("first") + 1 <= limits.linear_slots) & c("before").is_not_null()
    step = (c("after") - c("before")) * (c("t") - c("first") + 1) // (c("last") - c("first") + 2)
    like = pl.coalesce("weekly", "daily", "mean")
    line = pl.when(straight & c("after").is_not_null()).then(c("before") + step).otherwise(like)
    stuck = (c("g") > 0) & (c("run_length") >= limits.stuck_slots)
    return around.with_columns(
        e=pl.when(c("g").is_null()).then(line),
        stuck=stuck & c("unlike") & (c("g") * 100 >= c("mean") * limits.stuck_percent),
        zero=(c("g") == 0) & (c("run_length") >= limits.zero_slots),
    )


def _in_run(column: str) -> pl.Expr:
    """Of a run's steps, the first value left out: the column shows that of the step after it."""
    return c(column).cast(pl.Int64).fill_null(0).sum().over("m", "run")


def _scaled(guessed: pl.DataFrame) -> pl.DataFrame:
    """What the dial leaves for a day's estimates, shared out among them."""
    day = ["m", "d"]
    shared = guessed.with_columns(
        whole=c("e").sum().over(day),
        some=c("e").count().over(day),
        rest=c("r1") - c("r0") - c("g").sum().over(day),
        top=c("g").max().over("m").fill_null(0),
        done=c("e").fill_null(0).cum_sum().over(day),
        done_n=c("e").is_not_null().cast(pl.Int64).cum_sum().over(day),
    )
    fits = (c("rest") >= 0) & (c("rest") < FITS) & (c("whole") < FITS)
    fits &= (c("top") <= 0) | (c("rest") <= c("top") * c("some"))
    by_part = c("done") * c("rest") // c("whole") - (c("done") - c("e")) * c("rest") // c("whole")
    evenly = c("done_n") * c("rest") // c("some") - (c("done_n") - 1) * c("rest") // c("some")
    part = pl.when(c("whole") > 0).then(by_part).otherwise(evenly)
    estimate = pl.when(fits).then(part).otherwise(c("e"))
    return shared.with_columns(v=pl.when(c("g").is_not_null()).then(c("g")).otherwise(estimate))


def _counted(scaled: pl.DataFrame, usual: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    names = {"missing": 0, "negative": 1, "spike": 2}
    days = scaled.group_by("m", "d").agg(
        c("v").sum().alias("total"),
        *((c("rule") == rule).sum().alias(name) for name, rule in names.items()),
        c("stuck").sum(),
        c("zero").sum(),
        c("r0").first(),
        c("r1").first(),
    )
    moved = c("r1") - c("r0")
    slack = pl.max_horizontal(pl.lit(limits.sum_floor), moved.clip(0) * limits.sum_percent // 100)
    middle = c("total").sort().get(pl.len() // 2).over("m")
    turned = (pl.len().over("m") >= WEEK) & (middle * 100 <= c("usual") * limits.high_percent)
    own = pl.when(turned).then(middle * limits.high_own_percent).otherwise(-1)
    return (
        days.join(usual, on="m")
        .with_columns(
            high=(c("total") * 100 > c("usual") * limits.high_percent) & (c("total") * 100 > own),
            low=(c("total") * 100 < c("usual") * limits.low_percent),
            sums=((c("total") - moved).abs() > slack) | (moved < 0),
        )
        .sort("m", "d")
    )


def arrays(found: pl.DataFrame, columns: tuple[str, ...]) -> dict[str, Any]:
    """The columns as int64 arrays."""
    return {name: found[name].cast(pl.Int64).to_numpy() for name in columns}

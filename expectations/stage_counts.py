"""The checks on out.stage_counts, for the counts of one reporting period."""

from equity_audit.contracts import COUNTS, STAGE_COUNTS
from equity_audit.intake.steps import literal
from equity_audit.vocabulary import display_order
from expectations.check import ROWS, Check, Grain, Rule

_LEVELS = ("all", "wres", "group", "category")
_GROUP = ("organisation", "level", "breakdown", "breakdown_value", "group_name")
_LOST = tuple(name for name in COUNTS if name not in ("reached", "decided", "progressed"))
_SUMS = ", ".join(f"sum({name})" for name in COUNTS)

_KEYS = Grain("keys", f"select count(*) as times from batch group by {', '.join(STAGE_COUNTS.key)}")
_STEPS = Grain(
    "steps",
    f"select reached, lag(progressed) over (partition by {', '.join(_GROUP)} order by step_order) as progressed_before "
    "from batch where step_kind = 'stage'",
)
_LEVELS_OF_STEPS = Grain(
    "levels_of_steps",
    "select breakdown, count(distinct sums) as different_sums, list_sort(list(level)) as levels from "
    f"(select organisation, breakdown, breakdown_value, step_order, level, row({_SUMS}) as sums "
    "from batch group by organisation, breakdown, breakdown_value, step_order, level) as summed "
    "group by organisation, breakdown, breakdown_value, step_order",
)
_SPLITS = Grain(
    "splits",
    "select count(distinct sums) as different_sums from "
    f"(select organisation, level, step_order, group_name, breakdown, row({_SUMS}) as sums "
    "from batch group by organisation, level, step_order, group_name, breakdown) as summed "
    "group by organisation, level, step_order, group_name",
)
_REGISTER = Grain(
    "register",
    "select counted.reached, coalesce(brought.applications, 0) as applications from "
    "(select organisation, sum(reached) as reached from batch "
    "where level = 'all' and breakdown = 'all' and step_order = 0 group by organisation) as counted "
    "left join (select e.organisation, sum(e.applications) as applications from intake.extracts as e "
    "inner join intake.accepted_extracts as a on e.extract_id = a.extract_id group by e.organisation) as brought "
    "on counted.organisation = brought.organisation",
)


def stage_counts() -> tuple[Check, ...]:
    """Return the checks of one period's counts, all critical: every later figure is calculated from these."""

    def check(name: str, meaning: str, *rules: Rule) -> Check:
        return Check(name, STAGE_COUNTS.full_name, "critical", meaning, rules)

    names = ", ".join(f"('{level}', {literal(name)})" for level in _LEVELS for name in display_order(level))
    return (
        check("counts_unique", "each group has each step once", Rule(_KEYS, "times > 1")),
        check(
            "no_negative_counts",
            "no count is missing or below zero",
            *(Rule(ROWS, f"{name} is null or {name} < 0") for name in COUNTS),
        ),
        check(
            "outcomes_add_up",
            "those who reached a step are those decided, withdrawn, declined, ineligible and pending",
            Rule(ROWS, "decided <> progressed + rejected"),
            Rule(ROWS, "reached <> decided + withdrew + declined + ineligible + pending"),
        ),
        check(
            "counts_never_grow",
            "those who reach a step are those who progressed from the one before it",
            Rule(_STEPS, "reached <> progressed_before"),
        ),
        check(
            "groups_add_up",
            "at every level of detail the groups add up to all applicants",
            Rule(_LEVELS_OF_STEPS, "different_sums > 1"),
            # A classification that is not a UK one has one level besides that of all applicants.
            Rule(_LEVELS_OF_STEPS, f"breakdown = 'all' and levels not in ({sorted(_LEVELS)}, ['all', 'group'])"),
        ),
        check(
            "breakdowns_add_up",
            "the parts of every split add up to all applicants, for every group and step",
            Rule(_SPLITS, "different_sums > 1"),
        ),
        check(
            "groups_known",
            "every group is one that its level of detail has",
            Rule(ROWS, f"(level, group_name) not in ({names})"),
        ),
        check(
            "spans_fit_steps",
            "a span begins with those who reached its first stage, ends with those who progressed from its last step, "
            "and loses as many people as its steps do",
            Rule(_spans(), "reached is distinct from first_reached or progressed is distinct from last_progressed"),
            *(Rule(_spans(), f"{name} is distinct from {name}_in_steps") for name in _LOST),
        ),
        check(
            "within_register",
            "no more applications are counted than the accepted extracts brought",
            Rule(_REGISTER, "reached > applications"),
        ),
    )


def _spans() -> Grain:
    """Each span beside its first single step (f), its last (t), and the sums of all those between (m).

    An application leaves the path once, so what a span loses is the sum of what its steps lose.
    """
    steps = "(select * from batch where step_kind = 'stage')"

    def same(other: str, *columns: str) -> str:
        return " and ".join(f"s.{column} = {other}.{column}" for column in (*_GROUP, *columns))

    spans = ", ".join(f"s.{name}" for name in (*_GROUP, "step_order", *COUNTS))
    sums = ", ".join(f"sum(m.{name}) as {name}_in_steps" for name in _LOST)
    return Grain(
        "spans",
        f"select {spans}, f.reached as first_reached, t.progressed as last_progressed, {sums} "
        "from (select * from batch where step_kind = 'span') as s "
        f"left join {steps} as f on {same('f', 'from_stage')} "
        f"left join {steps} as t on {same('t', 'to_stage')} "
        f"left join {steps} as m on {same('m')} and m.step_order between f.step_order and t.step_order "
        f"group by {spans}, f.reached, t.progressed",
    )

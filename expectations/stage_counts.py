"""The checks on out.stage_counts, for the counts of one reporting period."""

from equity_audit.contracts import COUNTS, STAGE_COUNTS
from equity_audit.vocabulary import display_order
from expectations.check import Check, Expectation, no_rows

_LEVELS = ("all", "wres", "group", "category")
_GROUP = ("organisation", "level", "breakdown", "breakdown_value", "group_name")


def stage_counts() -> tuple[Check, ...]:
    """Return the checks of one period's counts, all critical: every later figure is calculated from these."""

    def check(name: str, meaning: str, *expectations: Expectation) -> Check:
        return Check(name, STAGE_COUNTS.full_name, "critical", meaning, expectations)

    group = ", ".join(_GROUP)
    sums = ", ".join(f"sum({name})" for name in COUNTS)
    names = ", ".join(f"('{level}', '{name}')" for level in _LEVELS for name in display_order(level))
    return (
        check(
            "counts_unique",
            "each group has each step once",
            Expectation("ExpectCompoundColumnsToBeUnique", {"column_list": list(STAGE_COUNTS.key)}),
        ),
        check(
            "no_negative_counts",
            "no count is missing or below zero",
            *(Expectation("ExpectColumnValuesToNotBeNull", {"column": name}) for name in COUNTS),
            *no_rows(f"select 1 as broken from {{batch}} where least({', '.join(COUNTS)}) < 0"),
        ),
        check(
            "outcomes_add_up",
            "those who reached a step are those decided, withdrawn, declined, ineligible and pending",
            *no_rows(
                "select 1 as broken from {batch} where decided <> progressed + rejected "
                "or reached <> decided + withdrew + declined + ineligible + pending"
            ),
        ),
        check(
            "counts_never_grow",
            "those who reach a step are those who progressed from the one before it",
            *no_rows(
                f"select 1 as broken from (select reached, lag(progressed) over (partition by {group} "
                "order by step_order) as before from {batch} where step_kind = 'stage') as steps "
                "where reached <> before"
            ),
        ),
        check(
            "groups_add_up",
            "at every level of detail the groups add up to all applicants",
            *no_rows(
                "select 1 as broken from (select organisation, breakdown, breakdown_value, step_order, level, "
                f"row({sums}) as sums from {{batch}} group by all) as levels "
                "group by organisation, breakdown, breakdown_value, step_order "
                # A US classification has one level besides that of all applicants.
                "having count(distinct sums) > 1 or (breakdown = 'all' "
                f"and list_sort(list(level)) not in ({sorted(_LEVELS)}, ['all', 'group']))"
            ),
        ),
        check(
            "breakdowns_add_up",
            "the parts of every split add up to all applicants, for every group and step",
            *no_rows(
                "select 1 as broken from (select organisation, level, step_order, group_name, breakdown, "
                f"row({sums}) as sums from {{batch}} group by all) as splits "
                "group by organisation, level, step_order, group_name having count(distinct sums) > 1"
            ),
        ),
        check(
            "groups_known",
            "every group is one that its level of detail has",
            *no_rows(f"select 1 as broken from {{batch}} where (level, group_name) not in ({names})"),
        ),
        check(
            "spans_fit_steps",
            "a span begins with those who reached its first stage, ends with those who progressed from its last step, "
            "and loses those whom its steps lose",
            *no_rows(_spans_that_differ()),
        ),
        check(
            "within_register",
            "no more applications are counted than the accepted extracts brought",
            *no_rows(
                "select 1 as broken from (select organisation, sum(reached) as reached from {batch} "
                "where level = 'all' and breakdown = 'all' and step_order = 0 group by organisation) as counted "
                "left join (select organisation, sum(applications) as applications from intake.extracts "
                "inner join intake.accepted_extracts using (extract_id) group by organisation) as register "
                "using (organisation) where counted.reached > coalesce(register.applications, 0)"
            ),
        ),
    )


def _spans_that_differ() -> str:
    """Write SQL that compares each span with its first single step (f), its last (t), and all those between (m).

    An application leaves the path once, so what a span loses is the sum of what its steps lose.
    """
    lost = [name for name in COUNTS if name not in ("reached", "decided", "progressed")]
    steps = "(select * from {batch} where step_kind = 'stage')"

    def same(other: str, *columns: str) -> str:
        return " and ".join(f"s.{column} = {other}.{column}" for column in (*_GROUP, *columns))

    spans = ", ".join(f"s.{name}" for name in (*_GROUP, "step_order", *COUNTS))
    sums = " or ".join(f"s.{name} is distinct from sum(m.{name})" for name in lost)
    return (
        "select 1 as broken from (select * from {batch} where step_kind = 'span') as s "
        f"left join {steps} as f on {same('f', 'from_stage')} "
        f"left join {steps} as t on {same('t', 'to_stage')} "
        f"left join {steps} as m on {same('m')} and m.step_order between f.step_order and t.step_order "
        f"group by {spans}, f.reached, t.progressed "
        f"having s.reached is distinct from f.reached or s.progressed is distinct from t.progressed or {sums}"
    )

"""What is published, made from the exact counts in two moves: protect the counts, then work from those alone.

Every rate, ratio, interval and finding is a function of the published counts, so it tells nobody more than they do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from equity_audit.contracts import (
    DISCLOSED_DESIGN_EFFECTS,
    DISCLOSED_DISPARITIES,
    DISCLOSED_LIKE_FOR_LIKE,
    DISCLOSED_OUTCOME_COUNTS,
    DISCLOSED_OVERALL_PATHS,
    DISCLOSED_SELECTION_RATES,
    DISCLOSED_SOURCES,
    DISCLOSED_STAGE_CONTRIBUTIONS,
    DISCLOSED_STAGE_COUNTS,
    DISCLOSED_VARIATION,
    STEP_KEY,
    Table,
)
from equity_audit.disclosure.estimates.comparisons import disclose_disparities, disclose_selection_rates
from equity_audit.disclosure.estimates.finding_bounds import NOT_SETTLED
from equity_audit.disclosure.estimates.like_for_like import disclose_like_for_like
from equity_audit.disclosure.estimates.variation import disclose_variation
from equity_audit.disclosure.estimates.whole_path import disclose_overall_paths, disclose_stage_contributions
from equity_audit.disclosure.suppression.earlier_revisions import Earlier
from equity_audit.disclosure.suppression.keyed_choices import Choices
from equity_audit.disclosure.suppression.secondary_suppression import Protected, protect
from equity_audit.disclosure.table.count_rows import outcome_count_rows, stage_count_rows
from equity_audit.disclosure.table.count_table import count_table_of, published_rows
from equity_audit.disclosure.table.possible_counts import with_possible_counts
from equity_audit.measures.disparity import disparities
from equity_audit.measures.rates import selection_rates
from equity_audit.settings import Settings

# Tables that anybody can make from the published counts.
FOLLOWING = (
    DISCLOSED_SELECTION_RATES,
    DISCLOSED_DISPARITIES,
    DISCLOSED_OVERALL_PATHS,
    DISCLOSED_STAGE_CONTRIBUTIONS,
    DISCLOSED_LIKE_FOR_LIKE,
    DISCLOSED_VARIATION,
)
_PUBLISHED = ("reached", "decided", "progressed")


@dataclass(frozen=True)
class DisclosedCounts:
    """Protected counts of a period, and how each organisation's were protected."""

    stage_counts: pl.DataFrame
    outcome_counts: pl.DataFrame
    protected: Mapping[str, Protected]


def disclose_counts(
    stage_counts: pl.DataFrame,
    settings: Settings,
    earlier: Mapping[str, Earlier] | None = None,
    choices: Choices | None = None,
) -> DisclosedCounts:
    """Round the counts that policy publishes, mark small ones, and withhold others until nothing can be inferred.

    earlier: what editions of the same period left possible, by organisation. choices: those of the home. Columns as in
    contracts.DISCLOSED_STAGE_COUNTS and contracts.DISCLOSED_OUTCOME_COUNTS.
    """
    counts, outcomes, protected = [], [], {}
    for (organisation,), own in published_rows(stage_counts, settings.disclosure).group_by(
        "organisation", maintain_order=True
    ):
        name = str(organisation)
        mine = (choices or Choices()).of(name, str(own["period"][0]))
        done = protect(count_table_of(own), settings.disclosure, (earlier or {}).get(name), mine)
        protected[name] = done
        counts.append(stage_count_rows(done.published, own))
        outcomes.append(outcome_count_rows(done.published, own, settings.disclosure))
    if not counts:
        return DisclosedCounts(
            pl.DataFrame(schema=dict.fromkeys(DISCLOSED_STAGE_COUNTS.column_names, pl.String)),
            pl.DataFrame(schema=dict.fromkeys(DISCLOSED_OUTCOME_COUNTS.column_names, pl.String)),
            {},
        )
    return DisclosedCounts(pl.concat(counts), pl.concat(outcomes), protected)


def figures_of(
    disclosed_counts: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None
) -> dict[Table, pl.DataFrame]:
    """The FOLLOWING tables of published counts and design effects (contracts.DISCLOSED_DESIGN_EFFECTS; None: all 1)."""
    counts = with_possible_counts(disclosed_counts, ("progressed", "decided"), settings.disclosure)
    rates = disclose_selection_rates(counts, settings, effects)
    ratios = disclose_disparities(counts, settings, effects)
    paths = disclose_overall_paths(counts, rates, settings, effects)
    return {
        DISCLOSED_SELECTION_RATES: rates,
        DISCLOSED_DISPARITIES: ratios,
        DISCLOSED_OVERALL_PATHS: paths,
        DISCLOSED_STAGE_CONTRIBUTIONS: disclose_stage_contributions(ratios, paths),
        DISCLOSED_LIKE_FOR_LIKE: disclose_like_for_like(counts, settings, effects),
        DISCLOSED_VARIATION: disclose_variation(counts, settings),
    }


def disclosed_tables(
    done: DisclosedCounts, effects: pl.DataFrame, sources: pl.DataFrame, settings: Settings
) -> dict[Table, pl.DataFrame]:
    """Every table of protected counts, their design effects, and of what they were counted from."""
    return {
        DISCLOSED_STAGE_COUNTS: done.stage_counts,
        DISCLOSED_DESIGN_EFFECTS: effects,
        **figures_of(done.stage_counts, settings, effects),
        DISCLOSED_OUTCOME_COUNTS: done.outcome_counts,
        DISCLOSED_SOURCES: sources,
    }


def breaks_rule(disclosed_counts: pl.DataFrame, settings: Settings, columns: Sequence[str] = _PUBLISHED) -> int:
    """How many published counts the rule does not allow: too small, or not a multiple. 0 if all is well."""
    policy = settings.disclosure
    counts = pl.concat(disclosed_counts[name].rename("count") for name in columns)
    small = (counts < policy.withhold_below) & ((counts > 0) | (policy.zeros == "suppress"))
    # The threshold itself may round to less than itself; what it rounds to is then the smallest shown.
    lowest = (2 * policy.withhold_below + policy.round_to) // (2 * policy.round_to) * policy.round_to
    small &= counts < lowest
    return int((small | (counts % policy.round_to != 0)).sum())


def figures_that_do_not_follow(
    disclosed_counts: pl.DataFrame,
    published: Mapping[Table, pl.DataFrame],
    settings: Settings,
    effects: pl.DataFrame | None = None,
) -> int:
    """How many rows stand in tables that are not what published counts and design effects give. 0 if all is well.

    Whatever follows from these tells nobody more than they do; anything else could.
    """
    if disclosed_counts.is_empty():
        return sum(rows.height for rows in published.values())
    missed = 0
    for table, again in figures_of(disclosed_counts, settings, effects).items():
        found = published[table]
        missed += 0 if same_rows(found, again, table) else max(found.height, again.height)
    return missed


def same_rows(found: pl.DataFrame, again: pl.DataFrame, table: Table) -> bool:
    """Whether two makings of a table have the same rows, in any order."""
    return found.sort(table.key).equals(again.select(found.columns).cast(found.schema).sort(table.key))


def findings_not_exact(
    ratios: pl.DataFrame, exact_counts: pl.DataFrame, settings: Settings, effects: pl.DataFrame | None = None
) -> int:
    """How many published findings are not those of exact counts with published design effects. 0 if all is well.

    exact_counts: out.stage_counts.
    """
    key = [*STEP_KEY, "group_name"]
    exact = disparities(selection_rates(exact_counts, settings), settings, effects)
    reference = exact.filter(pl.col("comparator") == "reference").select(*key, exact_finding="finding")
    settled = ratios.filter(pl.col("finding").is_not_null() & (pl.col("finding") != NOT_SETTLED))
    return (
        settled.join(reference, on=key, how="left").filter(pl.col("finding").ne_missing(pl.col("exact_finding"))).height
    )

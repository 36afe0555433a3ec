"""What editions together give away: the register of all that was published, overlaps, revisions, and the attack."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from assets.release.attack import disclosed_counts_of
from assets.release.published_register import (
    check_no_overlap,
    earlier_editions,
    first_effects,
    record_protections,
    register_edition,
    too_little_changed,
)
from assets.release.suppression_report import APPLICANTS, withheld_list, write_failure_report, write_protection_report
from assets.warehouse.tables import replace_period
from equity_audit.contracts import (
    DISCLOSED_DESIGN_EFFECTS,
    DISCLOSED_OUTCOME_COUNTS,
    DISCLOSED_STAGE_COUNTS,
    STAGE_COUNTS,
)
from equity_audit.disclosure.publish import disclose_counts
from equity_audit.disclosure.table.count_rows import published_again
from equity_audit.disclosure.table.count_table import count_table_of
from equity_audit.errors import DisclosureFailed
from equity_audit.settings import Settings, load_settings
from tests.unit.disclosure.test_secondary_suppression import Ends, counts_of

PERIOD = "2023-04-01"
NO_EFFECTS = pl.DataFrame(schema=dict.fromkeys(DISCLOSED_DESIGN_EFFECTS.column_names, pl.String))
# 12 of all are 4 and 8: shown as 10, "fewer than 5" and 10.
SMALL: dict[str, Ends] = {"White": (300, 0, 40, 60), "Asian": (4, 0, 0, 0), "Black": (8, 0, 0, 0)}
# 8 of all are 4 and 4: at least 8 in two parts of at most 4, so something must be withheld.
LEAK: dict[str, Ends] = {"White": (4, 0, 0, 0), "Asian": (4, 0, 0, 0)}


def publish(connection: duckdb.DuckDBPyConnection, groups: dict[str, Ends], revision: int, settings: Settings) -> None:
    """Everything that a run leaves in the warehouse of an edition."""
    exact = counts_of({"all": groups})
    done = disclose_counts(exact, settings, earlier_editions(connection, PERIOD))
    tables = {
        STAGE_COUNTS: exact,
        DISCLOSED_STAGE_COUNTS: done.stage_counts,
        DISCLOSED_OUTCOME_COUNTS: done.outcome_counts,
    }
    for table, rows in tables.items():
        replace_period(connection, table, PERIOD, rows)
    protected = {name: {APPLICANTS: how} for name, how in done.protected.items()}
    record_protections(connection, PERIOD, protected, "run")
    published = published_again(count_table_of(exact), done.stage_counts, done.outcome_counts)
    register_edition(connection, [published], NO_EFFECTS, ("T", PERIOD, revision), settings)


def test_the_design_effects_of_the_first_revision_stand(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    """Whatever later revisions gave; and an edition made again knows only of those before it."""
    step = {"period": PERIOD, "step_order": 0, "step_kind": "stage", "from_stage": "applied", "to_stage": "shortlisted"}
    given = [
        pl.DataFrame([step | {"organisation": "T", "design_effect": effect, "basis": "estimated"}])
        for effect in (1.5, 3.0)
    ]
    for revision, effects in enumerate(given, start=1):
        register_edition(warehouse, [], effects, ("T", PERIOD, revision), settings)
    register_edition(
        warehouse, [], given[1].with_columns(organisation=pl.lit("Another")), ("Another", PERIOD, 4), settings
    )
    columns = ["organisation", "from_stage", "to_stage", "design_effect", "basis"]
    of_steps = ("applied", "shortlisted")
    assert first_effects(warehouse, PERIOD).select(columns).rows() == [
        ("Another", *of_steps, 3.0, "estimated"),
        ("T", *of_steps, 1.5, "estimated"),
    ]
    assert first_effects(warehouse, PERIOD, before=2)["organisation"].to_list() == ["T"]
    assert first_effects(warehouse, PERIOD, before=1).is_empty()
    assert first_effects(warehouse, "2024-04-01").is_empty()
    # A revision that is registered again takes the place of itself.
    register_edition(warehouse, [], given[1], ("T", PERIOD, 1), settings)
    assert first_effects(warehouse, PERIOD, before=2)["design_effect"].to_list() == [3.0]


def in_quarters(settings: Settings) -> Settings:
    return settings.model_copy(update={"period": settings.period.model_copy(update={"unit": "quarter"})})


def test_windows_that_share_days_are_refused(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    publish(warehouse, SMALL, 1, settings)
    check_no_overlap(warehouse, ["T"], PERIOD, settings)  # the same window is a revision
    check_no_overlap(warehouse, ["T"], "2024-04-01", settings)
    quarters = in_quarters(settings)
    check_no_overlap(warehouse, ["Another"], "2023-07-01", quarters)
    check_no_overlap(warehouse, ["T"], "2024-04-01", quarters)
    for start in (PERIOD, "2023-07-01", "2024-01-01"):
        with pytest.raises(DisclosureFailed, match="shares days") as caught:
            check_no_overlap(warehouse, ["T", "Another"], start, quarters)
        assert caught.value.exit_code == 5
        assert "2024-04-01" in str(caught.value)


@pytest.mark.parametrize(
    ("after", "little"),
    [
        ((300, 0, 40, 60), False),  # the same
        ((301, 0, 40, 60), True),  # one more
        ((299, 1, 40, 60), True),  # one more who withdrew
        ((300, 0, 49, 51), True),  # nine otherwise
        ((300, 0, 50, 50), False),  # ten otherwise
        ((310, 0, 40, 60), False),
    ],
)
def test_a_correction_of_few_is_not_published(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, after: Ends, *, little: bool
) -> None:
    """Two revisions that differ by one applicant would tell about that applicant."""
    publish(warehouse, SMALL, 1, settings)
    people = count_table_of(counts_of({"all": {**SMALL, "White": after}}))
    assert too_little_changed(warehouse, people, ("T", PERIOD), settings) is little


def test_without_an_earlier_edition_nothing_is_too_little(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    assert not too_little_changed(warehouse, count_table_of(counts_of({"all": SMALL})), ("T", PERIOD), settings)


def test_what_an_earlier_edition_said_is_known(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """To the nearest 7, 12 appointed were published as 14: 11 to 17; to the nearest 5 as 10: 8 to 12. So 11 or 12."""
    (tmp_path / "settings.toml").write_text(
        "[disclosure]\nround_to = 7\nprotection_interval = 2\n[comparison]\nspans = []\n", encoding="utf-8"
    )
    to_seven, to_five = load_settings(tmp_path / "settings.toml"), load_settings()
    groups: dict[str, Ends] = {"White": (300, 0, 40, 60), "Asian": (100, 0, 50, 12)}
    publish(warehouse, groups, 1, to_seven)
    exact = counts_of({"all": groups})
    alone = disclose_counts(exact, to_five).protected["T"]
    together = disclose_counts(exact, to_five, earlier_editions(warehouse, PERIOD)).protected["T"]
    assert not alone.withheld
    assert together.withheld
    # What is sound alone falls beside what was published before.
    counts = disclose_counts(exact, to_five)
    for table, rows in (
        (DISCLOSED_STAGE_COUNTS, counts.stage_counts),
        (DISCLOSED_OUTCOME_COUNTS, counts.outcome_counts),
    ):
        replace_period(warehouse, table, PERIOD, rows)
    record_protections(warehouse, PERIOD, {"T": {APPLICANTS: counts.protected["T"]}}, "run")
    assert disclosed_counts_of(warehouse, PERIOD, to_five)["T"].counts


def test_a_revision_is_registered_once(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """A run that was killed after noting it notes it again."""
    publish(warehouse, SMALL, 1, settings)
    before = warehouse.sql("select * from intake.published_counts order by all").fetchall()
    publish(warehouse, SMALL, 1, settings)
    assert warehouse.sql("select * from intake.published_counts order by all").fetchall() == before
    publish(warehouse, SMALL, 2, settings)
    assert warehouse.sql("select count(*) from intake.published_counts").fetchall() == [(2 * len(before),)]


def zeros_shown(settings: Settings) -> Settings:
    """As Ofqual has it: then small counts give each other away by adding up."""
    policy = settings.disclosure.model_copy(update={"zeros": "show", "zeros_in_splits": "show"})
    return settings.model_copy(update={"disclosure": policy})


@pytest.mark.parametrize(
    "slip",
    [
        # What was withheld is shown after all; a count other than the one proven; a mark gone.
        lambda rows: rows.with_columns(
            *(
                pl.when(pl.col(f"{name}_note") == "protects_another").then(10).otherwise(name).alias(name)
                for name in ("reached", "decided", "progressed")
            ),
            *(
                pl.col(f"{name}_note").replace("protects_another", None)
                for name in ("reached", "decided", "progressed")
            ),
        ),
        lambda rows: rows.with_columns(reached=pl.col("reached") + 5),
    ],
)
def test_what_stands_otherwise_than_proven_fails(
    warehouse: duckdb.DuckDBPyConnection,
    settings: Settings,
    tmp_path: Path,
    slip: Callable[[pl.DataFrame], pl.DataFrame],
) -> None:
    settings = zeros_shown(settings)
    publish(warehouse, LEAK, 1, settings)
    warehouse.execute("delete from intake.published_counts")
    assert disclosed_counts_of(warehouse, PERIOD, settings) == {}
    shown = warehouse.sql("select * from disclosed.stage_counts").pl()
    assert "protects_another" in shown["reached_note"].to_list()
    replace_period(warehouse, DISCLOSED_STAGE_COUNTS, PERIOD, slip(shown))
    disclosed_cells = disclosed_counts_of(warehouse, PERIOD, settings)["T"]
    listed = withheld_list(tmp_path, "T", PERIOD)
    write_failure_report(listed, disclosed_cells.people, disclosed_cells.counts)
    assert listed.read_text(encoding="utf-8-sig").startswith("level,split,part,group,count,what,because\n")
    assert listed.stat().st_mode & 0o077 == 0


def test_the_analyst_reads_what_was_withheld_and_why(settings: Settings, tmp_path: Path) -> None:
    done = disclose_counts(counts_of({"all": LEAK}), zeros_shown(settings)).protected["T"]
    listed = withheld_list(tmp_path, "T", PERIOD)
    write_protection_report(listed, done)
    rows = pl.read_csv(listed, encoding="utf8-lossy")
    assert listed == tmp_path / "t" / f"{PERIOD}-withheld.csv"
    assert rows.filter(pl.col("what") == "withheld").height == len(done.withheld)
    assert rows.filter(pl.col("what") != "withheld").height == len(done.fell)
    assert rows["because"].str.contains("reached applied|no other set").any()

"""Each style's example, taken in with the bundled mapping that its columns alone find, against independent counts."""

import runpy
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from assets.ingest.extract import Load
from assets.ingest.loading import load_extract
from assets.ingest.source_files import open_source
from assets.ingest.source_mappings import bundled_mapping, load_mapping
from equity_audit.errors import InputRefused
from equity_audit.settings import Settings

FOLDER = Path(__file__).parents[3] / "data" / "styles"
UK = ("nhs_ats_style", "esr_codes_style")
US = {"us_applicant_flow_style": "Race/Ethnicity", "eeoc_enum_style": "eeoc.race"}
STAGES = ("applied", "shortlisted", "interviewed", "offered", "appointed")


def read(style: str) -> pl.DataFrame:
    return pl.read_csv(FOLDER / f"{style}.csv", infer_schema=False)


def take_in(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, style: str, path: Path | None = None
) -> dict[str, object]:
    path = path or FOLDER / f"{style}.csv"
    file = open_source(warehouse, path)
    name, mapping = bundled_mapping(path, list(file.types), settings)
    assert name == style
    return load_extract(warehouse, file, mapping, Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), settings))


def counted(warehouse: duckdb.DuckDBPyConnection) -> Counter[tuple[str, str]]:
    query = "select ethnicity_group, stage, count(*) from core.applicant_stages group by all"
    return Counter({(group, stage): count for group, stage, count in warehouse.sql(query).fetchall()})


@pytest.mark.parametrize("style", [*UK, *US])
def test_the_example_is_the_one_that_is_made(style: str) -> None:
    made = runpy.run_path(str(FOLDER / "make.py"))["content"](style)
    assert (FOLDER / f"{style}.csv").read_text(encoding="utf-8") == made


@pytest.mark.parametrize("style", [*UK, *US])
def test_every_row_is_used_and_every_label_has_its_meaning(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, style: str
) -> None:
    extract = take_in(warehouse, settings, style)
    rows = read(style).height
    assert (extract["rows_in"], extract["rows_accepted"], extract["applications"]) == (rows, rows, 300)
    assert warehouse.sql("select count(*) from core.applicant_stages where ethnicity_group is null").fetchone() == (0,)


def test_nhs_counts_per_group_and_stage_are_those_of_the_file(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    take_in(warehouse, settings, "nhs_ats_style")
    dates = ("Date Applied", "Date Shortlisted", "Date Interviewed", "Date Offered", "Start Date Confirmed")
    # Other is the heading of Chinese in 2001; counted under Asian, as for every source.
    words = {name: name for name in ("White", "Mixed", "Asian", "Black", "Other")} | {"Not": "Unknown"}
    expected = Counter(
        ("Asian" if row["Ethnic Origin"].endswith("Chinese") else words[row["Ethnic Origin"].split()[0]], stage)
        for row in read("nhs_ats_style").iter_rows(named=True)
        for column, stage in zip(dates, STAGES, strict=True)
        if row[column]
    )
    assert counted(warehouse) == expected
    assert {group for group, _ in expected} == {"White", "Mixed", "Asian", "Black", "Other", "Unknown"}


def test_esr_counts_per_group_and_stage_are_those_of_the_file(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    take_in(warehouse, settings, "esr_codes_style")
    groups = dict.fromkeys("ABC", "White") | dict.fromkeys("DEFG", "Mixed") | dict.fromkeys("HJKLR", "Asian")
    groups |= dict.fromkeys("MNP", "Black") | {"S": "Other", "Z": "Unknown"}
    expected = Counter(
        (groups[row["Ethnic Origin Code"][0]], stage)
        for row in read("esr_codes_style").iter_rows(named=True)
        for stage in STAGES
        if stage == "applied" or row[stage.title()] == "Y"
    )
    assert counted(warehouse) == expected
    assert {code for code in read("esr_codes_style")["Ethnic Origin Code"] if len(code) == 2} >= {
        "CP",
        "LH",
        "GC",
        "PC",
    }


@pytest.mark.parametrize(
    ("style", "column", "form"),
    [("nhs_ats_style", "Date Applied", "%d/%m/%Y"), ("esr_codes_style", "Application Date", "%d-%b-%Y")],
)
def test_days_are_read_the_british_way(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, style: str, column: str, form: str
) -> None:
    take_in(warehouse, settings, style)
    found = warehouse.sql(
        "select applied_on from core.applicant_stages where stage = 'applied' order by all"
    ).fetchall()
    days = sorted(read(style)[column].str.to_titlecase().str.to_date(form))
    assert [day for (day,) in found] == days
    assert 365 <= (days[-1] - days[0]).days <= 550


@pytest.mark.parametrize("style", UK)
def test_outcomes_are_those_of_the_file(warehouse: duckdb.DuckDBPyConnection, settings: Settings, style: str) -> None:
    take_in(warehouse, settings, style)
    column = {"nhs_ats_style": "Application Outcome", "esr_codes_style": "Result"}[style]
    words = {"Unsuccessful": "rejected", "Rejected": "rejected", "Hired": None, "Appointed": None}
    words |= {"Withdrawn by applicant": "withdrew", "Withdrew": "withdrew", "In progress": "pending"}
    words |= {"Pending": "pending", "Not Eligible": "ineligible", "Ineligible - no right to work": "ineligible"}
    words |= {"Offer Declined": "declined", "Offer declined by applicant": "declined"}
    query = """select outcome, count(*) from core.applicant_stages
        where outcome is distinct from 'progressed' group by all"""
    assert dict(warehouse.sql(query).fetchall()) == Counter(words[label] for label in read(style)[column])


US_WORDS = {
    **{"Hispanic": "Hispanic or Latino", "Asian": "Asian", "White": "White", "Two": "Two or More Races"},
    **{"American": "American Indian or Alaska Native", "Black": "Black or African American", "Decline": "Unknown"},
    "Native": "Native Hawaiian or Other Pacific Islander",
}
US_STAGES = {
    **{"Application": "applied", "Phone": "screened", "Interview": "interviewed", "Offer": "offered"},
    "Hired": "hired",
}


def us_group(label: str) -> str:
    return US_WORDS[label.replace("_", " ").title().split()[0]]


def test_flow_log_counts_are_those_of_its_dispositions(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    take_in(warehouse, settings, "us_applicant_flow_style")
    order = list(US_STAGES.values())
    expected = Counter(
        (us_group(row["Race/Ethnicity"]), stage)
        for row in read("us_applicant_flow_style").iter_rows(named=True)
        for stage in order[: order.index(US_STAGES[row["Disposition"].replace(":", "").split()[0]]) + 1]
    )
    assert counted(warehouse) == expected


def test_enum_counts_are_those_of_its_stages(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    take_in(warehouse, settings, "eeoc_enum_style")
    expected = Counter(
        (us_group(row["eeoc.race"]), US_STAGES[row["stage.name"].title().split("_")[0]])
        for row in read("eeoc_enum_style").iter_rows(named=True)
    )
    assert counted(warehouse) == expected


@pytest.mark.parametrize(("style", "column"), US.items())
def test_us_groups_are_their_own_and_never_white_or_bme(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, style: str, column: str
) -> None:
    take_in(warehouse, settings, style)
    query = "select distinct ethnicity_group, wres_group, ethnicity_category from core.applicant_stages order by all"
    assert warehouse.sql(query).fetchall() == [(group, None, None) for group in sorted(US_WORDS.values())]
    assert {us_group(label) for label in read(style)[column]} == set(US_WORDS.values())


def test_american_dates_are_read_the_american_way(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    take_in(warehouse, settings, "us_applicant_flow_style")
    found = warehouse.sql(
        "select applied_on from core.applicant_stages where stage = 'applied' order by all"
    ).fetchall()
    days = sorted(read("us_applicant_flow_style")["Application Date"].str.to_date("%m/%d/%Y"))
    assert [day for (day,) in found] == days


@pytest.mark.parametrize("style", US)
def test_people_who_applied_twice_are_known_as_one(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, style: str
) -> None:
    take_in(warehouse, settings, style)
    column = {"us_applicant_flow_style": "Applicant ID", "eeoc_enum_style": "application.candidate_id"}[style]
    people = warehouse.sql("select count(distinct candidate_id) from core.applicant_stages").fetchone()
    assert people == (read(style)[column].n_unique(),)
    assert people < (300,)


def keeping(settings: Settings, *details: str) -> Settings:
    return settings.model_copy(update={"intake": settings.intake.model_copy(update={"details": details})})


def flow_log_without(folder: Path, column: str) -> Path:
    path = folder / "export.csv"
    read("us_applicant_flow_style").drop(column).write_csv(path)
    return path


def test_a_detail_that_policy_does_not_keep_is_not_asked_for(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, tmp_path: Path
) -> None:
    assert "sex" not in settings.intake.details
    take_in(warehouse, settings, "us_applicant_flow_style", flow_log_without(tmp_path, "Gender"))
    without = counted(warehouse)
    warehouse.execute("delete from core.applications")
    extract = take_in(warehouse, settings, "us_applicant_flow_style")
    assert counted(warehouse) == without
    assert extract["columns_ignored"] == ["Gender"]


def test_a_detail_that_policy_keeps_is_asked_for_by_name(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, tmp_path: Path
) -> None:
    policy = keeping(settings, "staff_group", "sex")
    path = flow_log_without(tmp_path, "Gender")
    with pytest.raises(InputRefused, match="which also needs Gender"):
        take_in(warehouse, policy, "us_applicant_flow_style", path)
    mapping = load_mapping("us_applicant_flow_style")
    load = Load("e" * 16, "Trust", "run", b"k" * 32, date(2026, 1, 1), policy)
    with pytest.raises(InputRefused) as refusal:
        load_extract(warehouse, open_source(warehouse, path), mapping, load)
    said = refusal.value.problems[0]
    assert said.what == ('there is no column "Gender", which the mapping us_applicant_flow_style names as columns.sex')
    assert said.remedy == "remove columns.sex from the mapping, or sex from intake.details in the settings"


def test_a_detail_that_policy_does_not_keep_is_not_even_looked_at(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, tmp_path: Path
) -> None:
    """What it holds would refuse the file."""
    path = tmp_path / "export.csv"
    whole = read("us_applicant_flow_style")
    whole.with_columns(Gender=pl.format("{}@example.org", "Applicant ID")).write_csv(path)
    take_in(warehouse, settings, "us_applicant_flow_style", path)
    assert warehouse.sql("select count(sex) from core.applications").fetchone() == (0,)
    with pytest.raises(InputRefused, match="e-mail"):
        take_in(warehouse, keeping(settings, "sex", "staff_group"), "us_applicant_flow_style", path)


def test_the_standard_layout_asks_only_for_what_is_needed(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, tmp_path: Path
) -> None:
    """A file without department, staff group and source was refused; the details that are there are read."""
    path = tmp_path / "export.csv"
    stages = "applied_on,shortlisted_on,interviewed_on,offered_on,appointed_on"
    path.write_text(
        f"application_id,vacancy_id,ethnicity,pay_band,candidate_id,outcome,{stages}\n"
        "A1,V1,Asian: Indian,Band 5,P1,Rejected,2023-04-02,,,,\n"
        "A2,V1,White: Irish,Band 6,P1,Withdrawn,2023-04-02,2023-04-12,,,\n",
        encoding="utf-8",
    )
    extract = take_in(warehouse, settings, "standard_wide", path)
    assert (extract["rows_accepted"], extract["columns_ignored"]) == (2, [])
    query = "select pay_band, department, count(candidate_id) from core.applications group by all order by all"
    assert warehouse.sql(query).fetchall() == [("Band 5", None, 1), ("Band 6", None, 1)]

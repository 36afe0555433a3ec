import tomllib
from importlib.resources import files

import pytest

from assets.ingest.source_mappings import BUNDLED, load_mapping
from equity_audit.errors import UsageError
from equity_audit.intake.labels import match_ethnicities, match_words, unmatched_ethnicities, unmatched_words
from equity_audit.intake.mapping_file import mapping_sha256, parse_mapping
from equity_audit.toml_text import line_of

TEXT = (files("assets") / "mappings" / "standard_wide.toml").read_text(encoding="utf-8")
LONG = (files("assets") / "mappings" / "standard_long.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_mappings_are_valid(name: str) -> None:
    assert load_mapping(name).source.name == name


@pytest.mark.parametrize(
    ("old", "new", "key", "word"),
    [
        ('shape = "wide"', 'shape = "tall"', "source.shape", "wide"),
        ('"ons_2021"', '"ons_1991"', "source.ethnicity_classification", "ons_2021"),
        ('name = "standard_wide"', 'nam = "x"', "source.nam", "not permitted"),
        ('ethnicity = "ethnicity"', "", "columns.ethnicity", "must name a column"),
        ('appointed = "appointed_on"', "", "stage_dates", "[stage_dates]"),
        ('"Rejected" = "rejected"', '"Rejected" = "refused"', "outcomes", "refused"),
        ('stages = ["applied",', 'stages = ["applied", "applied",', "source.stages", "different"),
    ],
)
def test_a_wrong_mapping_names_the_key(old: str, new: str, key: str, word: str) -> None:
    assert old in TEXT
    with pytest.raises(UsageError) as caught:
        parse_mapping(TEXT.replace(old, new), "mine.toml")
    hits = [problem for problem in caught.value.problems if problem.where.endswith(f"key {key}")]
    assert hits, caught.value
    assert word in hits[0].what


def test_a_long_mapping_needs_its_stage_columns_and_known_stages() -> None:
    with pytest.raises(UsageError, match=r"columns\.stage"):
        parse_mapping(LONG.replace('stage = "stage"\n', ""), "mine.toml")
    with pytest.raises(UsageError, match="hired"):
        parse_mapping(LONG + '\n[stage_labels]\n"Hired" = "hired"\n', "mine.toml")


def test_broken_toml_names_the_line() -> None:
    with pytest.raises(UsageError, match="line 2"):
        parse_mapping("[source]\nname name", "mine.toml")


def test_the_hash_is_of_the_meaning_not_of_the_layout() -> None:
    same = parse_mapping("# a comment\n" + TEXT, "a.toml")
    other = parse_mapping(TEXT.replace('"Withdrawn" = "withdrew"', '"Withdrawn" = "rejected"'), "b.toml")
    assert mapping_sha256(same) == mapping_sha256(load_mapping("standard_wide")) != mapping_sha256(other)
    assert tomllib.loads(TEXT)["source"]["name"] == same.source.name


def test_the_mappings_own_labels_come_before_the_vocabulary() -> None:
    mapping = parse_mapping(TEXT + '\n[ethnicity_labels]\n"Desi" = "Asian"\n', "mine.toml")
    matched, unmatched = match_ethnicities(["DESI", "Martian"], mapping)
    assert matched["DESI"].group == "Asian"
    assert unmatched == ["Martian"]


def test_a_blank_outcome_is_matched_only_where_the_mapping_says_so() -> None:
    assert match_words(["", "rejected"], {"Rejected": "rejected"}) == ({"rejected": "rejected"}, [""])
    assert match_words([""], {"": "pending"}) == ({"": "pending"}, [])


def test_refused_labels_are_named_with_the_nearest_known() -> None:
    problem = unmatched_ethnicities(["Asian: Indan", "BAME", "qqq"], "Ethnic Origin", load_mapping("standard_wide"), 20)
    assert '"Asian: Indan" (nearest known: Asian: Indian' in problem.what
    assert '"qqq" (no similar label is known)' in problem.what
    assert '"BAME" (covers several groups' in problem.what
    assert problem.where == "column Ethnic Origin"


@pytest.mark.parametrize(
    "values",
    [["jo.bloggs@example.org"], ["943 476 5919".replace(" ", "")], ["x" * 81], [f"name {i}" for i in range(21)]],
)
def test_values_that_may_be_personal_are_not_repeated(values: list[str]) -> None:
    for problem in (
        unmatched_ethnicities(values, "c", load_mapping("standard_wide"), 20),
        unmatched_words(values, "c", "outcomes", ["rejected"], 20),
    ):
        assert not any(value in str(problem) for value in values)
        assert "unknown values, not shown" in problem.what


def test_a_fault_names_the_line_on_which_it_stands() -> None:
    text = TEXT.replace('shape = "wide"', 'shape = "tall"').replace('ethnicity = "ethnicity"', "ethnicity = 1")
    lines = text.splitlines()
    with pytest.raises(UsageError) as caught:
        parse_mapping(text, "mine.toml")
    for written in ('shape = "tall"', "ethnicity = 1"):
        number = next(i for i, line in enumerate(lines, start=1) if line.startswith(written))
        assert f"mine.toml, line {number}, key" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("source",), 1),
        (("source", "name"), 2),
        (("source", "missing"), 1),
        (("outcomes", "Not shortlisted"), 5),
        (("statuses", "In post", "reached"), 7),
        (("columns", "dotted", "key"), 9),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_lines_of_keys(key: tuple[str, ...], line: int | None) -> None:
    text = """[source]
name = "x"
# name = "comment"
[outcomes]  # what they mean
"Not shortlisted" = "rejected"
[statuses]
"In post" = { reached = "appointed", outcome = "progressed" }
[columns]
dotted.key = "y"
"""
    assert line_of(text, key) == line


def test_keys_that_a_mapping_does_not_use_leave_its_hash_as_it_was() -> None:
    """Commitments of earlier editions name this hash, made before these keys existed."""
    text = (files("assets") / "mappings" / "nhs_ats_style.toml").read_text(encoding="utf-8")
    before = "e3a012479bcb814400f50f6e09d6634f2891b3387593059cb00bb0009a528d58"
    assert mapping_sha256(parse_mapping(text, "x.toml")) == before
    assert mapping_sha256(parse_mapping(text.replace("[columns]", 'yes = ["Ja"]\n[columns]'), "x.toml")) != before


def test_an_unfinished_proposal_says_what_is_missing_and_where() -> None:
    with pytest.raises(UsageError) as caught:
        parse_mapping('\nunfinished = ["source.period: the file does not give it"]\n' + TEXT, "mine.toml")
    [problem] = caught.value.problems
    assert problem.what == "the mapping is unfinished: source.period: the file does not give it"
    assert problem.where == "mine.toml, line 2, key unfinished"


@pytest.mark.parametrize(
    ("missing", "answer"),
    [
        ("source.date_format: every date can be read in two ways", 'date_format = "%d/%m/%Y"'),
        ("columns.vacancy_id: no column seems to hold it", ""),
        ("[outcomes] Rejected", ""),
    ],
)
def test_what_was_listed_as_missing_and_is_there_now_is_no_longer_missing(missing: str, answer: str) -> None:
    text = f'unfinished = ["{missing}"]\n' + TEXT.replace("[columns]", f"{answer}\n\n[columns]")
    assert parse_mapping(text, "mine.toml").outcomes["Rejected"] == "rejected"


@pytest.mark.parametrize(
    "missing",
    [
        # A proposal has stages, and doubts them.
        "source.stages: the numbers seem to count those who are at each stage now",
        "[outcomes] Rejected twice",
        "[statuses] values not shown because they may be personal: 8",
        "anything else",
    ],
)
def test_what_the_mapping_cannot_answer_stays_missing(missing: str) -> None:
    with pytest.raises(UsageError, match="is unfinished"):
        parse_mapping(f'unfinished = ["{missing}"]\n' + TEXT, "mine.toml")

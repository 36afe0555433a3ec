"""A source of another country, from its file to its pages: its own groups, its own reference, and no UK words."""

import csv
from pathlib import Path

from tests.pipelines.conftest import run

MAPPING = """
[source]
name = "a table"
shape = "counts"
ethnicity_classification = "nz_ethnicity_2005"
period = 2023-04-01
stages = ["applied", "shortlisted", "appointed"]

[columns]
ethnicity = "Group"

[stage_counts]
applied = "Applied"
shortlisted = "Shortlisted"
appointed = "Appointed"
"""
COUNTS = """Group,Applied,Shortlisted,Appointed
NZ European,900,450,200
Māori,400,120,40
Samoan,150,50,20
Tongan,100,40,15
Asian,300,140,60
Not stated,60,30,12
"""


def test_a_national_list_is_published_with_its_own_reference(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "table.csv"
    file.write_text(COUNTS, encoding="utf-8")
    file.with_name("table.csv.toml").write_text(MAPPING, encoding="utf-8")
    code, said = run(home, "run", file)
    # Two labels of one group are two rows of it, which nobody can tell from a repeat.
    assert code == 3, said
    assert "Samoan" in said
    file.with_name("table.csv.toml").write_text(
        MAPPING.replace("period =", "add_same_labels = true\nperiod ="), encoding="utf-8"
    )
    code, said = run(home, "run", file)
    assert code == 0, said
    edition = home / "published" / "this-organisation" / "2023-04-01"

    def rows(table: str) -> list[dict[str, str]]:
        return list(csv.DictReader((edition / "tables" / f"{table}.csv").read_text(encoding="utf-8").splitlines()))

    assert {row["reference_name"] for row in rows("disparities")} == {"European"}
    listed = {row["group_name"] for row in rows("stage_counts") if row["level"] == "group"}
    melaa = "Middle Eastern/Latin American/African"
    assert listed == {"European", "Māori", "Pacific Peoples", "Asian", melaa, "Other ethnicity", "Unknown"}
    page = (edition / "panel.html").read_text(encoding="utf-8")
    shown = page[page.index("<main") : page.index("<h2>How this was made")] if "<main" in page else page
    title = page[page.index("<h1") : page.index("</h1>")]
    assert "Māori" in title, title
    assert "than European applicants" in title, title
    assert "BME" not in shown
    assert "White applicants" not in page

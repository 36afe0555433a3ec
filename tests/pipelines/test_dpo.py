"""The pack for a Data Protection Officer: facts of the live home, and no record or key."""

import re
import stat
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from assets.warehouse.connection import open_warehouse
from assets.warehouse.holdings import folders
from assets.warehouse.keys import KEYS, read_key
from equity_audit.contracts import ACCEPTED_EXTRACTS, APPLICATIONS, CHECK_RESULTS, EXTRACTS
from tests.conftest import insert
from tests.pipelines.conftest import invoke

# Markup, a column's border and an emphasis: none may act in Markdown or on the page.
NAME = 'Trust <b>x</b> | *"one"* `two`'
PERSON = UUID(int=73_195_846_220)
LABEL = "Asian: Indian, as received"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with open_warehouse(tmp_path) as connection:
        extract = {"extract_id": "a" * 16}
        insert(connection, EXTRACTS, extract | {"file_name": "people.csv"})
        insert(connection, ACCEPTED_EXTRACTS, extract | {"extract_number": 1})
        for place, day in enumerate((date(2019, 4, 2), date(2023, 5, 6), date(2023, 5, 7))):
            person = {"application_id": UUID(int=PERSON.int + place), "ethnicity_code": LABEL, "applied_on": day}
            insert(connection, APPLICATIONS, extract | person | {"organisation": NAME})
        check = {"table_name": "out.disparities", "organisation": NAME, "partition_key": "2023-04-01"}
        insert(connection, CHECK_RESULTS, check | {"check_name": "ranges_hold", "passed": True})
        insert(connection, CHECK_RESULTS, check | {"check_name": "shares_add_up", "passed": False})
    return tmp_path


def pack(home: Path) -> tuple[str, str]:
    """The pack as Markdown and as a page."""
    code, said = invoke(home, "dpo")
    assert code == 0, said
    files = [home / "private" / f"data-protection.{kind}" for kind in ("md", "html")]
    assert all(str(file) in said for file in files)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    markdown, page = (file.read_text(encoding="utf-8") for file in files)
    return markdown, page


def test_it_says_what_is_held_and_for_how_long(home: Path) -> None:
    markdown, page = pack(home)
    assert "| 3 | 2 April 2019 | 7 May 2023 |" in markdown
    assert re.search(r"\| `core\.applications` \| one row per application of an extract.* \| 3 \|", markdown)
    assert "Records are kept until somebody removes them" in markdown
    assert "Nothing has been removed so far" in markdown
    assert "Nothing has been published yet" in markdown
    assert (
        "Checks on record in this home: 2; failed at their last run: `shares_add_up` on `out.disparities`" in markdown
    )
    for part in ("<td>2 April 2019</td>", "For you to complete", "<code>core.applications</code>"):
        assert part in page


def test_it_follows_the_settings_and_the_removals(home: Path) -> None:
    policy = "[retention]\nkeep_years = 2\n[disclosure]\nround_to = 10\nwithhold_below = 10\n"
    (home / "settings.toml").write_text(policy, encoding="utf-8")
    assert invoke(home, "purge", "--before", "2020-04-01")[0] == 0
    markdown, _ = pack(home)
    assert "once their reporting period is 2 years old" in markdown
    assert "| 2 | 6 May 2023 | 7 May 2023 |" in markdown
    assert "| 1 April 2020 | 1 |" in markdown
    assert "`disclosure.round_to` (changed from `5`) | `10` |" in markdown
    assert "`disclosure.protection_interval` | `3` |" in markdown


def test_it_quotes_no_record_and_no_key(home: Path) -> None:
    keys = [read_key(home, name).hex() for name in KEYS]
    for text in pack(home):
        for secret in (str(PERSON), PERSON.hex, LABEL, "people.csv", *keys):
            assert secret not in text


def test_a_name_is_a_name_and_no_markup(home: Path) -> None:
    markdown, page = pack(home)
    assert "<b>" not in page
    assert "Trust &lt;b&gt;x&lt;/b&gt; | *&quot;one&quot;* `two`" in page
    row = next(line for line in markdown.splitlines() if "Trust" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 5


def test_it_says_where_keys_are_and_which_folders_are_open(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUITY_AUDIT_WAREHOUSE_KEY", read_key(home, "warehouse").hex())
    (home / "secrets" / "warehouse.key").unlink()
    markdown, _ = pack(home)
    assert "| warehouse | environment variable EQUITY\\_AUDIT\\_WAREHOUSE\\_KEY |" in markdown
    assert "| pseudonym | secrets/pseudonym.key |" in markdown
    assert "| signing | none |" in markdown
    assert "Nobody but the owner of the home can open it" in markdown
    (home / "secrets").chmod(0o755)
    assert {folder.name: folder.permissions for folder in folders(home)}["secrets"] == "drwxr-xr-x"


def test_a_home_without_records_has_one_too(tmp_path: Path) -> None:
    markdown, _ = pack(tmp_path / "new")
    assert "No records of applications are held. Files loaded: 0." in markdown
    assert "failed at their last run: none" in markdown

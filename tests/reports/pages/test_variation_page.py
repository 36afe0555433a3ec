"""How departments vary, on the analyst's page: points where they belong, every department by name, nobody ranked."""

import re

import pytest

from assets.release.edition_files import edition_files
from reports.edition.record import Edition
from reports.pages.analyst.page import render_analyst
from reports.pages.variation import variation
from reports.release_check import unexpected
from tests.reports.conftest import make_edition, said_by

RUN = "00000000"
# Applied, shortlisted, appointed. Of BME applicants 240 of 1,000 are shortlisted, of White ones 600 of 2,000.
SIZES = {
    "Ward B": {"Black": (300, 20, 7), "White": (650, 195, 65)},
    "Clinic": {"Black": (200, 60, 20), "White": (400, 120, 40)},
    "Ward A": {"Black": (480, 157, 40), "White": (900, 270, 90)},
    "Archive": {"Black": (20, 3, 1), "White": (50, 15, 5)},
}


def split_by_department() -> Edition:
    whole = {
        group: tuple(sum(column) for column in zip(*(own[group] for own in SIZES.values()), strict=True))
        for group in ("Black", "White")
    }
    return make_edition(groups=whole, categories={}, departments=SIZES)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def departments() -> Edition:
    return split_by_department()


def test_every_department_stands_in_the_order_of_names(departments: Edition) -> None:
    shortlisted = said_by(variation, departments)[0]
    assert shortlisted["name"] == "Applied to shortlisted"
    assert [group["who"] for group in shortlisted["groups"]] == ["BME applicants", "White applicants"]
    for group in shortlisted["groups"]:
        assert [row["name"] for row in group["rows"]] == ["Archive", "Clinic", "Ward A", "Ward B"]
    bme = shortlisted["groups"][0]
    assert (bme["shown"], bme["all"]) == (3, 4)
    archive, _, _, ward = bme["rows"]
    assert archive["place"] == {"mark": "not shown"}
    # 20 of 300, where the organisation has 240 of 1,000 and 95% of such departments have 0.19 to 0.29.
    # 20 may be 18 or 22, so that only a range is shown.
    assert (ward["decided"], ward["rate"]) == ("300", {"mark": "range only"})
    assert re.fullmatch(r"between \d+% and \d+%", ward["shrunken"]["value"])


def test_a_plot_has_a_point_for_each_department_that_is_shown(departments: Edition) -> None:
    bme, white = said_by(variation, departments)[0]["groups"]
    assert len(re.findall(r"<circle|class=\"(?:beyond|alone)", bme["drawn"])) == 3
    # That of Ward B, with 20 of 300, and that of the Archive, with 15 of 50, are lines without a point.
    assert (bme["drawn"].count('class="alone"'), white["drawn"].count('class="alone"')) == (1, 1)
    assert len(re.findall(r"<circle", white["drawn"])) == 3
    # Rates of White applicants are 30% everywhere: every point lies on the target's line.
    (target,) = re.findall(r'class="target" d="M44 ([\d.]+)H', white["drawn"])
    assert set(re.findall(r'cy="([\d.]+)"', white["drawn"])) == {target}
    sizes = sorted(float(x) for x in re.findall(r'cx="([\d.]+)"', white["drawn"]))
    # From 0 at 44 to 900 at 400.
    assert sizes == pytest.approx([44 + 356 * n / 900 for n in (400, 650, 900)], abs=0.1)
    assert "Ward A 30%, within the limits" in white["drawn"]


def test_limits_are_drawn_where_they_are(departments: Edition) -> None:
    """Heights go with rates: distances from the target's line are as those of the limits from the target."""
    drawn = said_by(variation, departments)[0]["groups"][1]["drawn"]
    (target,) = map(float, re.findall(r'class="target" d="M44 ([\d.]+)H', drawn))
    row = next(
        row
        for row in departments.tables["variation"].to_dicts()
        if (row["step_order"], row["group_name"], row["breakdown_value"]) == (0, "White", "Ward A")
    )
    # Ward A is the largest department, so every limit ends there, at the right.
    heights = {
        pair: [float(path.rsplit(" ", 1)[1]) for path in re.findall(rf'class="{pair}" d="M([^"]*)"', drawn)]
        for pair in ("inner", "outer")
    }
    unit = (heights["inner"][0] - target) / (row["target_rate"] - row["inner_low"])
    for pair, (low, high) in heights.items():
        assert low - target == pytest.approx(unit * (row["target_rate"] - row[f"{pair}_low"]), abs=0.2)
        assert target - high == pytest.approx(unit * (row[f"{pair}_high"] - row["target_rate"]), abs=0.2)


def test_spread_is_said(departments: Edition) -> None:
    bme, white = said_by(variation, departments)[0]["groups"]
    assert "clearly more, so the limits are drawn wider to allow for it" in bme["spread"]
    assert white["spread"] == "Departments vary 0.00 times as much as expected by chance: not clearly more."
    only = SIZES["Ward A"]
    alone = make_edition(groups=only, categories={}, departments={"Ward A": only})
    assert (
        said_by(variation, alone)[0]["groups"][0]["spread"]
        == "Fewer than two departments are large enough to tell whether they vary more than expected by chance."
    )


def test_the_page_has_it_where_departments_are_published_only(departments: Edition, edition: Edition) -> None:
    page = render_analyst(departments)
    assert "How departments vary" in page
    assert "95% of departments would lie between the inner lines and 99.8% between the outer, dashed ones" in page
    assert "How departments vary" not in render_analyst(edition)


def test_the_release_check_knows_it_and_a_point_that_was_moved(departments: Edition) -> None:
    files = edition_files(departments, RUN)
    page = files["analyst.html"].decode()
    (x,) = re.findall(r'<circle class="within" cx="([\d.]+)"', page)[:1]
    files["analyst.html"] = page.replace(f'cx="{x}"', 'cx="333"', 1).encode()
    assert [(one.file, one.kind) for one in unexpected(files, departments, RUN)][:1] == [
        ("analyst.html", "not as the package writes it")
    ]

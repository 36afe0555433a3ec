"""The recipes of CONTRIBUTING.md name the files that their examples touch: a recipe that goes stale fails here."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("equity_audit", "assets", "expectations", "pipelines", "reports")
KINDS = {".py", ".sql", ".toml", ".j2"}
# How many production files a recipe may take (a published measure five, a breakdown four).
MOST = {"A breakdown": 4, "A measure": 5, "A source style": 2, "A report section": 3, "A population": 10}
RECIPES = re.findall(
    r"^### (.+?)\n\n.*?Example: `(\w+)`.*?\n\n(- .*?)\n\n",
    (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


def mentioning(word: str) -> set[str]:
    """Production files that speak of a word, or are named after it."""
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in KINDS)
    return {
        str(path.relative_to(ROOT))
        for path in files
        if re.search(rf"\b{word}\b", path.read_text(encoding="utf-8")) or path.stem == word
    }


def test_every_recipe_is_held_to_its_size() -> None:
    assert {name for name, *_ in RECIPES} <= set(MOST)
    assert len(RECIPES) >= 4


@pytest.mark.parametrize(("name", "example", "steps"), RECIPES, ids=[name for name, *_ in RECIPES])
def test_a_recipe_names_the_files_that_its_example_touches(name: str, example: str, steps: str) -> None:
    named = set(re.findall(r"^- `([^`]+)`", steps, re.MULTILINE))
    assert len(named) <= MOST[name]
    assert mentioning(example) == named

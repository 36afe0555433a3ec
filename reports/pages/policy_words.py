"""The policy that an edition was made under, in words: each setting's value, and what it means."""

from collections.abc import Mapping
from typing import Any

from equity_audit.setting_reasons import setting_reasons
from equity_audit.wording import sentence

_SECTIONS = {
    "period": "Reporting periods",
    "comparison": "Comparisons",
    "breakdowns": "Splits",
    "disclosure": "Protection of people",
    "intake": "Loading files",
    "new_york_city": "New York City's table",
    "retention": "Keeping records",
}


def settings_in_words(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every setting by section, with its value in words and its meaning; without the organisation's name."""
    reasons = setting_reasons()
    return [
        {
            "title": _SECTIONS.get(section, sentence(section)),
            "rows": [
                {
                    "key": f"{section}.{key}",
                    "name": sentence(key.replace("_", " ")),
                    "value": _in_words(value),
                    "meaning": reasons.get((section, key), ""),
                }
                for key, value in values.items()
            ],
        }
        for section, values in settings.items()
        # The page shows it already.
        if section != "organisation"
    ]


def _in_words(value: Any) -> str:
    """Write a setting's value: lists with commas, a list within a list as a range, true and false as in the file."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_in_words(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return (
            ", ".join(
                " to ".join(map(str, inner)) if isinstance(inner, (list, tuple)) else _in_words(inner)
                for inner in value
            )
            or "none"
        )
    return str(value).lower() if isinstance(value, bool) else str(value)

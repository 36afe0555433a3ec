"""SQL steps from a file to core.applications that all shapes of export share.

The steps run in order in one transaction: rows are read, their labels matched, and invalid rows removed. A file with a
row for each application streams straight into core.applications and its few invalid rows are deleted again, which is
several times faster than staging all rows first.
Identifiers of the export are quoted only here; its values are never part of a statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from equity_audit.details import TEXT_DETAILS
from equity_audit.intake.mapping import Mapping
from equity_audit.intake.pseudonyms import pseudonym_sql
from equity_audit.vocabulary import race_named

# Stands for an unreadable date until its row is removed; null means that there is no date.
UNREADABLE = "date 'infinity'"


def quoted(identifier: str) -> str:
    """Return a column name of the export as an SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


# Separators of several answers about one person's ethnicity in one label.
ANSWERS_APART, HISPANIC_BESIDE = "; ", "Hispanic or Latino? "
# Separates the parts of a status that is in several columns, and what replaces a blank part.
STATUS_APART, STATUS_BLANK = " / ", "(blank)"
# The outcome label of an application without one that did not reach the last stage.
NOT_FURTHER = "did not go on"
# Outcomes that a column marks, the first that holds: systems close an application that was withdrawn as rejected.
_MARKS = ("withdrew", "declined", "ineligible", "rejected", "pending")
# The outcome label of a mark that is neither a date nor a yes or no. No mapping gives it a meaning.
_UNREADABLE_MARK = "(a mark that is neither a date nor yes or no)"

# A date with a time and a zone, in capitals: Z, UTC, GMT, BST or an offset; and one with any other zone.
_ISO_DAY = r"^\d{4}-\d\d-\d\d"
_ZONED = r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:[.,]\d+)?)?( ?(?:Z|UTC|GMT|BST|[+-]\d\d(?::?\d\d)?))(?:\[.*\])?$"
_OTHER_ZONE = r"[T ]\d\d:\d\d.*(?:[A-LN-Z]|[^AP]M|[A-Z/]{3,}.*|\])$"

YES = ("yes", "y", "true", "t", "1", "x")
NO = ("no", "n", "false", "f", "0")


@dataclass(frozen=True)
class Cells:
    """SQL expressions that read single cells of an export.

    `types`: the columns with DuckDB's types, all text except in Parquet. `serial_epoch`: the day from which a workbook
    counts dates stored as numbers. `time_zone`: a time with a zone counts by its date in this one; without it, such a
    time cannot be read. `yes` and `no`: the source's own words besides the usual ones.
    """

    types: dict[str, str]
    date_format: str
    blanks: tuple[str, ...]
    serial_epoch: date | None = None
    time_zone: str | None = None
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()

    def text(self, column: str) -> str:
        """Return a column as trimmed text; null if it is blank or one of the words for a blank."""
        cell = quoted(column) if self.types[column] == "VARCHAR" else f"{quoted(column)}::varchar"
        # Most cells need no trimming, and checking first takes a quarter of the time of trimming them all.
        trimmed = f"case when {cell} <= '!' or ends_with({cell}, ' ') then trim({cell}) else {cell} end"
        # Compared one by one: DuckDB turns a long IN into a join, which is slow and loses the order of the file.
        filled = " and ".join(f"{trimmed} <> {literal(word)}" for word in ("", *self.blanks))
        return f"case when {filled} then {trimmed} end"

    def label(self, column: str) -> str:
        """Return a column as it is: labels are trimmed later, when their few distinct values are matched."""
        return quoted(column) if self.types[column] == "VARCHAR" else f"{quoted(column)}::varchar"

    def flag(self, column: str) -> str:
        """Return a yes or no as a boolean: blank is no, and any other text is null."""
        word = f"lower({self.text(column)})"
        # The source's own words come first: it may write 0 for yes.
        own = {text.strip().lower() for text in (*self.yes, *self.no)}
        words = (
            [*(text.strip().lower() for text in given), *(text for text in usual if text not in own)]
            for given, usual in ((self.yes, YES), (self.no, NO))
        )
        yes, no = ("[" + ", ".join(map(literal, listed)) + "]" for listed in words)
        return (
            f"case when {word} is null or list_contains({no}, {word}) then false "
            f"when list_contains({yes}, {word}) then true end"
        )

    def date(self, column: str) -> str:
        """Return a column as a date; null if it is blank, UNREADABLE if it is not in the mapping's format."""
        if self.types[column] == "TIMESTAMP WITH TIME ZONE":
            return self._local_day(quoted(column))
        if self.types[column].startswith(("DATE", "TIMESTAMP")):
            return f"{quoted(column)}::date"
        cell, text = (
            quoted(column) if self.types[column] == "VARCHAR" else f"{quoted(column)}::varchar",
            self.text(column),
        )
        moment = self.moment(text)
        if self.date_format == "%Y-%m-%d":
            # The general parser is five times slower than the cast, and most files have ISO dates. The cast also reads
            # 2023-06-1, which may be the rest of 2023-06-10 at the end of a truncated file, hence the length. It also
            # ignores whatever follows the date, so zones are looked for first.
            plain = f"when length({cell}) = 10 then try_cast({cell} as date)"
            day = f"case when length({cell}) > 10 then {moment} {plain} end"
        elif "%z" in self.date_format:
            zoned = f"regexp_replace({text}, '(?i) ?(?:z|utc|gmt)$', '+00:00')"
            day = self._local_day(f"try_strptime({zoned}, {literal(self.date_format)})")
        else:
            day = f"try_strptime({text}, {literal(self.date_format)})::date"
        if self.serial_epoch:
            number = f"try_cast({text} as double)"
            serial = f"date '{self.serial_epoch}' + floor({number})::int"
            serial = f"case when {number} between 18000 and 80000 then {serial} end"
            # A cell with a date type comes as ISO text, whatever format the mapping gives for typed text.
            written = f"case when regexp_matches({text}, '{_ISO_DAY}') then {moment} end"
            day = f"coalesce({written}, {serial}, {day})"
        return (
            f"case when {cell} is not null then coalesce({day}, case when {text} is not null then {UNREADABLE} end) end"
        )

    def moment(self, text: str) -> str:
        """Return SQL for the date of an ISO date with a time, in the mapping's time zone if the time has a zone.

        Null if the zone cannot be read: names such as IST or EST are ambiguous and are not guessed.
        """
        canonical = f"regexp_replace(upper({text}), '{_ZONED}', '\\1 \\2:00\\3')"
        utc = f"regexp_replace(regexp_replace({canonical}, ' ?(Z|UTC|GMT)$', '+00'), ' ?BST$', '+01')"
        zoned = self._local_day(f"try_cast(replace({utc}, '00 +', '00+') as timestamptz)")
        # The usual format is read by the cast alone, which saves five checks of each cell.
        usual = self._local_day(f"try_cast({text} as timestamptz)")
        return (
            f"case when ends_with({text}, 'Z') and length({text}) = 20 then coalesce({usual}, {zoned}) "
            f"when regexp_matches(upper({text}), '{_ZONED}') then {zoned} "
            f"when not regexp_matches(upper({text}), '{_OTHER_ZONE}') then try_cast({text} as date) end"
        )

    def zoned(self, column: str) -> str:
        """Return SQL for whether a cell has a time with a zone; true for all cells of Parquet's own zoned type."""
        if self.types[column] == "TIMESTAMP WITH TIME ZONE":
            return f"{quoted(column)} is not null"
        if self.types[column] != "VARCHAR":
            return "false"
        text = self.text(column)
        by_format = "true" if "%z" in self.date_format else f"regexp_matches(upper({text}), '{_ZONED}')"
        return f"coalesce(length({quoted(column)}) > 10 and {by_format}, false)"

    def _local_day(self, moment: str) -> str:
        return f"({moment} at time zone {literal(self.time_zone)})::date" if self.time_zone else "null::date"


def skipped(day: str) -> str:
    """Return SQL for whether a line is blank or a total: it counts as ignored, and its labels are not read.

    A line with a date of its own is an application even if everything else is blank: it breaks a rule and is listed.
    """
    return (
        "(coalesce(lower(application_key) in ('total', 'totals', 'grand total'), false) or (vacancy_key is null "
        "and coalesce(trim(ethnicity_code), '') = '' and coalesce(trim(outcome_label), '') = '' "
        f"and not coalesce(isfinite({day}), false)))"
    )


def ethnicity_sql(mapping: Mapping, cells: Cells) -> str:
    """Return SQL for the ethnicity label as received, or for one label that combines the answers of several columns.

    labels.py takes such a label apart again. A tick under the name of a race means that race.
    """
    columns = mapping.columns
    if not (columns.hispanic or columns.more_races):
        return cells.label(columns.ethnicity)
    yes, no = ("[" + ", ".join(map(literal, words)) + "]" for words in (YES, NO))
    parts = []
    for column in (columns.ethnicity, *columns.more_races):
        text = cells.text(column)
        if columns.more_races:
            ticked = f"list_contains({yes}, lower({text})) then {literal(race_named(column))}"
            text = f"case when {ticked} when not list_contains({no}, lower({text})) then {text} end"
        parts.append(text)
    if columns.hispanic:
        parts.append(f"{literal(HISPANIC_BESIDE)} || {cells.text(columns.hispanic)}")
    return f"nullif(concat_ws({literal(ANSWERS_APART)}, {', '.join(parts)}), '')"


def outcome_sql(mapping: Mapping, cells: Cells) -> str:
    """Return SQL for the outcome label as received, or for one label that combines several columns."""
    columns = mapping.columns
    if not columns.outcome:
        return marked_sql(mapping.outcome_columns, cells)
    return status_sql((columns.outcome, *columns.more_outcomes), cells, mapping.outcome_columns)


def marked_sql(marks: dict[str, str], cells: Cells) -> str:
    """Return SQL for the outcome whose column has a date or a yes; null if none has.

    marks: the column of each outcome. An outcome that was not the employer's decision comes before one that was.
    """
    cases = []
    for outcome in (outcome for outcome in _MARKS if outcome in marks):
        text, flag, day = (read(marks[outcome]) for read in (cells.text, cells.flag, cells.date))
        unread = f"({flag}) is null and coalesce(({day}) = {UNREADABLE}, true)"
        cases.append(
            f"when {text} is not null and {unread} then {literal(_UNREADABLE_MARK)} "
            f"when {text} is not null and ({flag}) is distinct from false then {literal(outcome)}"
        )
    return f"case {' '.join(cases)} end" if cases else "null::varchar"


def status_sql(columns: Sequence[str], cells: Cells, marks: dict[str, str] | None = None) -> str:
    """Return SQL for the label of an outcome in one column, or in several, the last of them what a column marks."""
    if len(columns) == 1 and not marks:
        return cells.label(columns[0])
    texts = [cells.text(column) for column in columns]
    if marks:
        texts.append(marked_sql(marks, cells))
    parts = f" || {literal(STATUS_APART)} || ".join(f"coalesce({text}, {literal(STATUS_BLANK)})" for text in texts)
    return f"case when coalesce({', '.join(texts)}) is not null then {parts} end"


def filled_sql(mapping: Mapping, cells: Cells) -> str:
    """Return SQL for whether a row has anything in the columns that are read, so that constants are about something."""
    texts = [cells.text(column) for column in mapping.needed_columns()]
    return f"coalesce({', '.join(texts)}) is not null"


def received_columns(mapping: Mapping, cells: Cells) -> list[str]:
    """Return the select list of ids, labels and details, as text; a typed null if the export has no such column."""
    columns = mapping.columns.model_dump()
    named = {
        "application_key": mapping.columns.application_id,
        "candidate_key": mapping.columns.candidate_id,
        "vacancy_key": mapping.columns.vacancy_id,
        **{name: columns[name] for name in TEXT_DETAILS},
    }
    texts = {name: cells.text(column) if column else "null::varchar" for name, column in named.items()}
    filled = filled_sql(mapping, cells)
    if mapping.columns.more_ids:
        # Null if any part is missing: the row breaks the rule for missing ids.
        parts = (cells.text(column) for column in (mapping.columns.application_id, *mapping.columns.more_ids))
        texts["application_key"] = f" || {literal(STATUS_APART)} || ".join(f"({part})" for part in parts)
    if mapping.source.number_rows:
        # The readers preserve the order of the file. Another file's rows are other applications.
        texts["application_key"] = f"case when {filled} then $extract_id || '-' || row_number() over () end"
    if vacancy := mapping.constants.vacancy_id:
        texts["vacancy_key"] = f"case when {filled} then {literal(vacancy)} end"
    flag = mapping.columns.ring_fenced
    return [
        *(f"{text} as {name}" for name, text in texts.items()),
        f"{ethnicity_sql(mapping, cells)} as ethnicity_code",
        f"{outcome_sql(mapping, cells)} as outcome_label",
        f"{cells.flag(flag) if flag else 'null::boolean'} as ring_fenced",
    ]


def pseudonym_columns() -> str:
    """Return the select list that replaces ids by pseudonyms. Nothing downstream sees the ids themselves."""
    return ", ".join(
        f"{pseudonym_sql(kind, f'{kind}_key')} as {kind}_id" for kind in ("application", "candidate", "vacancy")
    )

"""The last line of defence: a release's finished files contain exactly what they should, and nothing else.

Files are not searched for numbers. Every file must be identical, byte for byte, to what its maker makes of the shown
tables and the release's own record (the panel's page and the workbook are not made a second time for this: made_once);
so a number that was changed, added or left out is found wherever it is, in words, markup,
a chart or a part of the workbook, and a correct one is never reported. Then, independently of the code that made the
files: every cell of a CSV and of the workbook is the shown table's value, and every figure marked on a page
(`reports.figures.printable`) is a value of the column that it names. Last, the files are searched for identifiers.

This cannot detect an exact count in a shown table itself: the attack on the shown tables has to.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from reports.edition.manifest_hash import RECORD
from reports.edition.programme_review import ProgrammeEdition
from reports.edition.published_editions import Listed, ListedReview
from reports.edition.record import Edition
from reports.figures.printable import printed_in
from reports.pages.index.page import render_editions, render_organisations
from reports.pages.shell import Page
from reports.release_check.differences import differences
from reports.release_check.figures import figures_not_shown
from reports.release_check.finding import Finding
from reports.release_check.identifiers import identifiers, shaped
from reports.release_check.rebuilt import MADE_WITHOUT_FIGURES, rebuilt_edition, rebuilt_review, undeclared
from reports.release_check.values import texts_of, values_not_shown

__all__ = ["Finding", "unexpected", "unexpected_in_index", "unexpected_in_review"]

_Tables = Mapping[str, pl.DataFrame]


def unexpected(files: Mapping[str, bytes], edition: Edition, run_id: str = "") -> list[Finding]:
    """Return everything in an edition's finished files that should not be there; empty if all is well.

    files: all of them, by name relative to the edition's folder.
    """
    if outside := [Finding("edition", place, "not in the contract of a shown table") for place in undeclared(edition)]:
        return outside
    due = rebuilt_edition(files, edition, run_id)
    before = [edition.previous.tables] if edition.previous else []
    return [
        *_not_due(files, due, [edition.tables, *before]),
        *(
            finding
            for file, content in files.items()
            for finding in values_not_shown(file, content, edition.tables, edition)
        ),
        *_people(files, [*(due[file] for file in MADE_WITHOUT_FIGURES), *_labels(edition.tables)]),
    ]


def unexpected_in_review(
    files: Mapping[str, bytes],
    edition: ProgrammeEdition,
    revisions: tuple[int, int | None],
    packages: Mapping[str, str],
    run_id: str,
) -> list[Finding]:
    """Return the same for the files of a programme's review, which is made from published editions alone."""
    due = rebuilt_review(files, edition, revisions, packages, run_id)
    return [
        *_not_due(files, due, [edition.tables, *(used.tables for used in edition.editions)]),
        *(
            finding
            for file, content in files.items()
            for finding in values_not_shown(file, content, edition.tables, None)
        ),
        *_people(files, [due[RECORD], *_labels(edition.tables)]),
    ]


def unexpected_in_index(
    file: str, page: str, organisations: Mapping[str, Sequence[Listed]], reviews: Sequence[ListedReview] = ()
) -> list[Finding]:
    """Return the same for an index. file: <folder>/index.html, or index.html for all; reviews: those in its folder."""
    folder = file.partition("/")[0]
    listed = organisations.get(folder, ())
    due = render_editions(listed, reviews) if listed else render_organisations(organisations)
    editions = [edition for editions in organisations.values() for edition in editions]
    tables = [edition.published.tables for edition in editions if edition.published is not None]
    names = [*organisations]
    names += [text for edition in editions for text in (edition.organisation, edition.folder, *edition.files)]
    names += [text for review in reviews for text in (review.folder, review.programme)]
    files = {file: page.encode()}
    return [*_not_due(files, {file: due}, tables), *_people(files, names)]


def _not_due(
    files: Mapping[str, bytes], due: Mapping[str, str | bytes], editions: Sequence[_Tables]
) -> Iterator[Finding]:
    """Find extra, missing and differing files, and figures on pages that the editions do not have."""
    for file, content in files.items():
        if printed_in(texts_of(file, content)):
            yield Finding(file, "whole file", "a mark of a printable text was left in")
        if file not in due:
            yield Finding(file, "whole file", "not a file of a release")
        else:
            yield from differences(file, content, _bytes(due[file]))
    yield from (Finding(file, "whole file", "missing") for file in due if file not in files)
    for file, page in due.items():
        if isinstance(page, Page):
            yield from figures_not_shown(file, page.printed, editions)


def _people(files: Mapping[str, bytes], declared: Sequence[str | bytes]) -> Iterator[Finding]:
    """Find identifiers. declared: names of files, hashes, the run and labels, none of which is a person."""
    allowed = {shape for text in declared for shape in shaped(_bytes(text).decode())}
    for file, content in files.items():
        yield from identifiers(file, texts_of(file, content), allowed)


def _labels(tables: _Tables) -> Iterator[str]:
    """Yield texts of tables that have such a shape as a whole: a department's or file's name, not a part of it."""
    for rows in tables.values():
        for column in rows.select(pl.col(pl.String)).iter_columns():
            yield from (text for text in column.drop_nulls().unique() if shaped(text) == {text.casefold()})


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text

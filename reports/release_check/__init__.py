"""The last line of defence: a release's finished files are what was handed to them, exactly, and hold nothing else.

No file is searched for numbers. Every file is made again from shown tables and the release's own record, and has to be
the same to the letter; so a number that was changed, added or left out is found wherever it stands, in words, markup,
a chart or a part of the workbook, and one that is right can never be taken for a wrong one. Then, apart from what made
the files: every cell of a CSV and of the workbook is the shown table's value, and every figure that was marked on a
page (`reports.figures.printable`) is a value of the very column that it says it is of. Last, identifiers of people are
searched.

What this cannot see, and the attack on the shown tables has to: an exact count in a shown table itself.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

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


def unexpected(
    files: Mapping[str, bytes], edition: Edition, run_id: str = "", application_ids: Collection[str] = ()
) -> list[Finding]:
    """Everything in an edition's finished files that may not be there; nothing where all is well.

    files: all of them, by name relative to the edition's folder. application_ids: identifiers that must not occur.
    """
    if outside := [Finding("edition", place, "not in the contract of a shown table") for place in undeclared(edition)]:
        return outside
    due = rebuilt_edition(files, edition, run_id)
    before = [edition.previous.tables] if edition.previous else []
    return [
        *_not_due(files, due, [edition.tables, *before]),
        *(one for file, content in files.items() for one in values_not_shown(file, content, edition.tables, edition)),
        *_people(files, [*(due[file] for file in MADE_WITHOUT_FIGURES), *_labels(edition.tables)], application_ids),
    ]


def unexpected_in_review(
    files: Mapping[str, bytes],
    edition: ProgrammeEdition,
    revisions: tuple[int, int | None],
    packages: Mapping[str, str],
    run_id: str,
) -> list[Finding]:
    """The same of the files of a programme's review, which is made from published editions alone."""
    due = rebuilt_review(files, edition, revisions, packages, run_id)
    return [
        *_not_due(files, due, [edition.tables, *(one.tables for one in edition.editions)]),
        *(one for file, content in files.items() for one in values_not_shown(file, content, edition.tables, None)),
        *_people(files, [due[RECORD], *_labels(edition.tables)], ()),
    ]


def unexpected_in_index(
    file: str, page: str, organisations: Mapping[str, Sequence[Listed]], reviews: Sequence[ListedReview] = ()
) -> list[Finding]:
    """The same of an index. `file`: <folder>/index.html, or index.html for all organisations; reviews: its folder's."""
    folder = file.partition("/")[0]
    own = organisations.get(folder, ())
    due = render_editions(own, reviews) if own else render_organisations(organisations)
    editions = [one for found in organisations.values() for one in found]
    tables = [one.published.tables for one in editions if one.published is not None]
    names = [*organisations, *(text for one in editions for text in (one.organisation, one.folder, *one.files))]
    names += [text for one in reviews for text in (one.folder, one.programme)]
    files = {file: page.encode()}
    return [*_not_due(files, {file: due}, tables), *_people(files, names, ())]


def _not_due(
    files: Mapping[str, bytes], due: Mapping[str, str | bytes], editions: Sequence[_Tables]
) -> Iterator[Finding]:
    """Files that are too many, too few or not the same, and figures of pages that the editions have not."""
    for file, content in files.items():
        if printed_in(texts_of(file, content)):
            yield Finding(file, "whole file", "a mark of what may be printed was left on")
        if file not in due:
            yield Finding(file, "whole file", "a file that a release has not")
        else:
            yield from differences(file, content, _bytes(due[file]))
    yield from (Finding(file, "whole file", "missing") for file in due if file not in files)
    for file, page in due.items():
        if isinstance(page, Page):
            yield from figures_not_shown(file, page.printed, editions)


def _people(
    files: Mapping[str, bytes], declared: Sequence[str | bytes], application_ids: Collection[str]
) -> Iterator[Finding]:
    """Identifiers. declared: what names files, hashes and the run, and labels: none of them is a person."""
    allowed = {shape for text in declared for shape in shaped(_bytes(text).decode())}
    for file, content in files.items():
        yield from identifiers(file, texts_of(file, content), allowed, application_ids)


def _labels(tables: _Tables) -> Iterator[str]:
    """Texts of tables that are such a shape as a whole: what a department or a file is called, not what it mentions."""
    for rows in tables.values():
        for column in rows.select(pl.col(pl.String)).iter_columns():
            yield from (text for text in column.drop_nulls().unique() if shaped(text) == {text.casefold()})


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text

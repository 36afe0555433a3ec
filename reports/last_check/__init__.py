"""The last line of defence: every number in an edition's finished files must be one that the disclosed tables have.

Independent of how the files were made: they are parsed as a reader would, and what is found is compared with the
disclosed tables, the policy, the edition's own record, and the fixed words of the templates. Files of a kind that no
parser here knows fail, so a new format needs its parser first. Files about how the edition was made have no figure of a
group, so they are held to more: they must be what their code makes of an edition without figures, to the letter.

What a check of this kind cannot see, and the attack on the disclosed tables has to:
- an exact count in a disclosed table itself: the tables are what everything is measured by;
- an exact count, rate or share that equals an allowed number: a count that is a multiple of 5 and published elsewhere,
  a percentage that another group has too; zero is always allowed. A right number at a wrong place is seen in CSV files
  and in a chart's layout, not in words, cells and bars;
- a bare number in a heading cell or a chart where a pay band or department is called by that number;
- numbers in words ("sixty-one"), cut up by elements or spaces into allowed pieces, encoded, or drawn; and the number
  before "comparisons", "critical checks", "warnings" and "parts";
- what a browser makes of a malformed page where it reads it otherwise than Python's parser.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from reports.data_package import DESCRIPTOR, WORKBOOK
from reports.last_check.descriptor import hashes, strange_in_descriptor
from reports.last_check.finding import Finding
from reports.last_check.known import known, own, undeclared
from reports.last_check.made_again import MADE_AGAIN, again, strange_beside
from reports.last_check.own_record import record_texts, strange_in_record
from reports.last_check.pages import strange_on_page, without_own_code
from reports.last_check.people import identifiers, shaped
from reports.last_check.tables import strange_in_csv, strange_in_json
from reports.last_check.template import own_words
from reports.last_check.workbook import strange_in_workbook, texts_in_workbook
from reports.pages import PAGES
from reports.record import Edition
from reports.seal import RECORD


def strange_figures(
    files: Mapping[str, bytes], edition: Edition, run_id: str = "", application_ids: Collection[str] = ()
) -> list[Finding]:
    """Everything in the finished files that may not be there; nothing where all is well.

    files: content by name, relative to the edition's folder. run_id: the one identifier that is not the edition's.
    application_ids: identifiers that must not occur, however they look.
    """
    undisclosed = [
        Finding("edition", place, "not in the contract of a disclosed table") for place in undeclared(edition)
    ]
    if undisclosed:
        return undisclosed
    return list(_findings(files, own(edition), run_id, application_ids))


def _findings(
    files: Mapping[str, bytes], edition: Edition, run_id: str, application_ids: Collection[str]
) -> Iterator[Finding]:
    allowed, words = known(edition, (run_id,)), own_words(edition)
    for file, content in files.items():
        if file == WORKBOOK:
            yield from strange_in_workbook(file, content, edition)
            yield from identifiers(file, texts_in_workbook(content), allowed.texts, application_ids)
            continue
        try:
            text = content.decode()
        except UnicodeDecodeError:
            yield Finding(file, "whole file", "a kind of file that cannot be looked into")
            continue
        texts = allowed.texts
        match PurePosixPath(file).suffix:
            case ".html" | ".json" if file in MADE_AGAIN:
                due = again(file, files, edition, run_id)
                yield from strange_beside(file, text, due)
                texts = allowed.texts | shaped(due)
            case ".html":
                # Made again from the disclosed tables, for the layout of its charts and the names of its elements.
                drawn = PAGES[file](edition) if file in PAGES else ""
                yield from strange_on_page(file, text, drawn, allowed, words)
                text = without_own_code(text)
            case ".csv":
                yield from strange_in_csv(file, text, edition)
            case ".json" if file == DESCRIPTOR:
                yield from strange_in_descriptor(file, text, edition, files)
                texts = allowed.texts | hashes(files)
            case ".json" if file == RECORD:
                yield from strange_in_record(files, edition, run_id)
                texts = allowed.texts | record_texts(files, edition, run_id)
            case ".json":
                yield from strange_in_json(file, text, edition, allowed)
            case _:
                yield Finding(file, "whole file", "a kind of file that cannot be looked into")
        yield from identifiers(file, text, texts, application_ids)

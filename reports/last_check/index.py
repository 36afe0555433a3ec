"""A finished index against the published editions that it lists: every number must be one of theirs."""

import re
from collections.abc import Iterator, Mapping, Sequence

from reports.edition_list import Listed, ListedReview
from reports.index_page import render_editions, render_organisations
from reports.last_check.finding import Finding
from reports.last_check.known import Known, phrase_pattern, plain, written_forms
from reports.last_check.pages import strange_on_page
from reports.last_check.template import own_words
from reports.organisations import limit_levels, side_by_side_of


def strange_in_index(
    file: str, page: str, organisations: Mapping[str, Sequence[Listed]], reviews: Sequence[ListedReview] = ()
) -> Iterator[Finding]:
    """What an index has that it may not. `file`: <folder>/index.html, or index.html for all organisations.

    reviews: those of the organisation whose index it is.

    The names of elements and the lines of drawings must be as in the page made again; words and cells are looked into.
    """
    folder = file.partition("/")[0]
    if folder in organisations:
        editions, again = organisations[folder], render_editions(organisations[folder], reviews)
    else:
        editions = [one for found in organisations.values() for one in found]
        again = render_organisations(organisations)
    yield from strange_on_page(file, page, again, _known(editions, organisations, reviews), own_words(None))


def _known(
    editions: Sequence[Listed], organisations: Mapping[str, Sequence[Listed]], reviews: Sequence[ListedReview]
) -> Known:
    """Published ratios as they may be written, rates of organisations side by side, and what names an edition."""
    columns = ("impact_ratio", "impact_ratio_low", "impact_ratio_high")
    rows = [row for one in editions for row in one.ratios().values()]
    forms = written_forms({row[name] for row in rows for name in columns if row[name] is not None})
    compared = side_by_side_of(organisations)
    if compared is not None:
        counted = ("progressed", "decided")
        columns = [c for c in compared.rows.columns if c in counted or compared.rows[c].dtype.is_float()]
        forms |= written_forms({value for c in columns for value in compared.rows[c].drop_nulls().to_list()})
    texts = {text for one in editions for text in _texts(one)}
    texts |= set(limit_levels(compared))
    texts |= {text for name in organisations for text in (name, f"{name}/index.html")}
    texts |= {f"{len(found)} edition" for found in organisations.values()}
    texts |= {f"{len(found)} editions" for found in organisations.values()}
    texts |= {text for one in reviews for text in (f"{one.folder}/programme.html", one.programme)}
    texts = {plain(text) for text in texts}
    return Known(frozenset(), frozenset(), forms, frozenset(), frozenset(texts), phrase_pattern(texts))


def _texts(one: Listed) -> Iterator[str]:
    yield from (one.organisation, one.period_label, one.folder, one.published_on)
    yield from (f"{one.folder}/{file}" for file in one.files)
    if one.published is not None:
        yield f"revision {one.published.revision}"
    yield f"revision {one.replaces}"
    yield from (stage for step in one.ratios() for stage in step if re.search(r"\d", stage))

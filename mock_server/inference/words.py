"""The names that documents use for pages, totals, keys, filters and the rest, as tables; and how names are compared."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping


@functools.lru_cache(maxsize=65536)
def normalize(name: str) -> str:
    """A name for comparison: `per_page`, `perPage` and `Per-Page` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@functools.lru_cache(maxsize=65536)
def split_words(name: str) -> tuple[str, ...]:
    """The words of a name, lower case: `createdAt`, `created_at` and `CREATED-AT` have two."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return tuple(re.findall(r"[a-z]+|[0-9]+", spaced.lower()))


_PLURALS = (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("uses", "us"), ("ses", "se"))
_SAME = {
    "people": "person",
    "children": "child",
    "data": "data",
    "news": "news",
    "series": "series",
    "status": "status",
}


@functools.lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """The singular of a normalized word, as far as endings tell: `companies`, `company`."""
    if word in _SAME:
        return _SAME[word]
    for ending, instead in (*_PLURALS, ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1 and not (ending == "s" and word.endswith("ss")):
            return word[: -len(ending)] + instead
    return word


def is_same_word(one: str, other: str) -> bool:
    """Whether two names are one word, in any case and number."""
    return singular(normalize(one)) == singular(normalize(other))


def name_set(names: str) -> frozenset[str]:
    """A table of names, written as one text."""
    return frozenset(names.split())


def _invert(table: Mapping[str, str]) -> dict[str, str]:
    return {name: role for role, names in table.items() for name in names.split()}


ROLES = _invert(
    {
        "number": "page pagenumber pagenum pageno pageindex currentpage pagenr",
        "size": "limit perpage pagesize size count maxresults top pagelimit results rows take maxitems maxcount"
        " numresults recordsperpage itemsperpage resultsperpage maxpagesize maxkeys maxsize resultlimit hitsperpage"
        " rowsperpage pagelength numperpage max first maxrecords limitcount numberofresults num batchsize",
        "offset": "offset skip start startindex from pageoffset firstresult startat startrow startposition startrecord"
        " resultoffset startfrom recordoffset",
        "cursor": "cursor after startingafter next nexttoken pagetoken continuationtoken continue marker"
        " paginationtoken pagecursor scrollid nextcursor nextpagetoken continuation pagingtoken bookmark nextmarker"
        " token pagekey sinceid exclusivestartkey skiptoken afterid lastid cursormark afteruuid aftercursor",
        "before": "endingbefore before prev previous maxid beforeid prevcursor previouscursor prevtoken beforecursor"
        " beforeuuid",
    },
)
"""Normalized names of query parameters to their role in paging."""

AMBIGUOUS = name_set(
    "from start before after token next prev previous count first max top results rows take size num continue",
)
"""Of these, the ones that mean paging only beside a parameter that surely does."""

KEY_CURSORS = name_set("startingafter endingbefore sinceid maxid afterid beforeid lastid afteruuid beforeuuid")
"""Cursors that are by their name the key of a record."""

LOOSE_KEY_CURSORS = name_set("after before")
"""Cursors that are the key of a record where no answer tells a token or an address."""

TOTALS = name_set(
    "total totalcount totalresults totalitems totalrecords totalelements totalsize totalhits totalrows recordstotal"
    " totalentries numfound nbhits totalnumber totalitemcount totalmatches grandtotal fullcount odatacount totalresult"
    " totalnumberofresults totalnumberofitems recordcount totalnum matches",
)
"""Names of the number of all records."""

LOOSE_TOTALS = name_set("count itemcount resultcount")
"""Names of the number of all records, or of those on this page where another number is that of all."""

NUMBERS = {
    **dict.fromkeys(
        name_set("pages totalpages pagecount numpages lastpage totalpagecount pagetotal numberofpages"),
        "last",
    ),
    **dict.fromkeys(name_set("page pagenumber currentpage pageno pageindex number pagenum current"), "number"),
    **dict.fromkeys(
        name_set("perpage pagesize limit size itemsperpage maxresults pagelimit resultsperpage recordsperpage"),
        "size",
    ),
    **dict.fromkeys(name_set("offset skip start startindex startat"), "offset"),
    **dict.fromkeys(name_set("numberofelements returned returnedcount countreturned"), "count"),
    **dict.fromkeys(name_set("nextpage nextpagenumber"), "next_number"),
    **dict.fromkeys(name_set("prevpage previouspage previouspagenumber"), "prev_number"),
    **dict.fromkeys(name_set("nextoffset nextstart nextstartindex"), "next_offset"),
}
"""Normalized names of numbers that an answer tells of its page, beside the totals."""

BOOLEANS = name_set(
    "hasmore more hasnext hasnextpage hasmoreitems hasmoreresults moreresults moreitems morerecords morepages"
    " moreavailable moreresultsavailable morepagesavailable hasmorepages",
)
"""Normalized names of booleans that say whether more records follow."""

TEXTS = {
    **dict.fromkeys(name_set("next nextpage"), "next"),
    **dict.fromkeys(name_set("prev previous previouspage prevpage"), "prev"),
    **dict.fromkeys(name_set("first firstpage"), "first_url"),
    **dict.fromkeys(name_set("last lastpage"), "last_url"),
    "self": "url",
    **dict.fromkeys(
        name_set("nexturl nextlink nextpageurl nexthref odatanextlink nextpagelink nextpageuri nexturi nextresultsurl"),
        "next_url",
    ),
    **dict.fromkeys(
        name_set("prevurl previousurl prevlink prevpageurl previouspageurl previouslink prevuri"),
        "prev_url",
    ),
    **dict.fromkeys(name_set("firsturl firstpageurl firsthref firstlink firstpageuri firsturi"), "first_url"),
    **dict.fromkeys(name_set("lasturl lastpageurl lasthref lastlink lastpageuri lasturi"), "last_url"),
    **dict.fromkeys(
        name_set(
            "nexttoken nextpagetoken nextcursor cursor endcursor continuationtoken nextmarker after paginationtoken"
            " nextcontinuationtoken nextpagecursor nextpagekey scrollid bookmark nextcursormark startingafter pagetoken"
            " skiptoken lastevaluatedkey cursornext nextoffsettoken",
        ),
        "next_token",
    ),
    **dict.fromkeys(name_set("prevtoken prevcursor previouscursor previouspagetoken startcursor before"), "prev_token"),
    **dict.fromkeys(name_set("firstid"), "first_key"),
    **dict.fromkeys(name_set("lastid"), "last_key"),
}
"""Normalized names of texts that an answer tells of its page; `next` and `prev` are decided by what they hold."""

PAGE_PLACES = name_set(
    "meta metadata pagination paging pageinfo page pages links cursor cursors paginationinfo responsemetadata pager"
    " resultinfo pagemetadata info header data result results response paginationmetadata pagingmetadata next prev"
    " previous first last self pagingdata paginationdata listmetadata",
)
"""Normalized names of objects in which an answer tells of its page."""

LINK_PLACES = name_set("next prev previous first last self")
"""Of these, the ones that are links themselves: `{"next": {"href": …}}`."""

ENVELOPES = name_set(
    "data items results records values content list entries rows value result objects resources elements docs documents"
    " hits collection response payload member members embedded nodes edges",
)
"""Normalized names of the array that holds the records, or of what it stands in."""

NO_RECORDS = name_set("errors warnings links messages error link included facets aggregations")
"""Arrays beside the records that are none."""

VERSION_WORDS = re.compile(
    r"^(v\d+([._]\d+)*(alpha\d*|beta\d*)?|api|rest|\d+([.-]\d+)*|latest|beta|json|services?)$",
    re.I,
)
"""What stands in front of paths and names nothing."""

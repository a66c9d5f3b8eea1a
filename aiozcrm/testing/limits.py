"""How much a fake Zoho allows, of tokens and of everything else."""

from __future__ import annotations

import attrs

__all__ = ["Limits", "TokenLimits"]


@attrs.frozen(kw_only=True)
class TokenLimits:
    """How much there is of tokens.

    Attributes:
        lifetime: How many seconds an access token lives.
        code_lifetime: How many seconds a grant code lives.
        made: How many access tokens are made within *window* for each refresh token, and how
            many codes exchanged.
        window: How many seconds that looks back, and how many quiet seconds after the latest
            rejected request end a block.
        live: How many access tokens of a refresh token live at once; one more ends the oldest.
    """

    lifetime: float = 3600.0
    code_lifetime: float = 180.0
    made: int = 10
    window: float = 600.0
    live: int = 15


@attrs.frozen(kw_only=True)
class Limits:
    """How much an org may do.

    Attributes:
        concurrency: How many API calls may be in progress at once; None sets no limit. More are
            rejected with 429 at the door, before a fault is drawn.
        heavy: How many of them may be heavy: queries, writes of more than ten records, lists with
            ``cvid`` or ``sort_by``, conversions, mails, composite calls. Zoho allows 10; None
            sets no limit.
        polls: How many times a job is asked for before it is done.
        job_seconds: How many seconds a bulk job, a backup or an export takes besides.
        bulk_rows: How many rows the file of a bulk read has at most.
        bulk_written: How many rows the file of a bulk write may have.
        bulk_downloads: How many files of bulk reads can be downloaded in a minute.
        pages: How many records are reached by the number of a page, and by a search.
        page_tokens: How many are reached by page tokens.
        page_token_lifetime: How many seconds a page token lives.
        search_lag: How many seconds pass before a search finds what was written.
        credits: How many API calls are left today; None sets no limit. Once half of them are used,
            every answer tells what remains; at 0 every call is rejected with 429.
        unsubscribe_links: How many unsubscribe links there may be, the Default link counted, for
            the API to create another; `math.inf` sets no limit. None stands for 10, and for room
            for five more where there are many at first.
    """

    concurrency: int | None = None
    heavy: int | None = None
    polls: int = 1
    job_seconds: float = 0.0
    bulk_rows: int = 200_000
    bulk_written: int = 25_000
    bulk_downloads: int = 10
    pages: int = 2000
    page_tokens: int = 100_000
    page_token_lifetime: float = 86_400.0
    search_lag: float = 0.0
    credits: int | None = None
    unsubscribe_links: float | None = None

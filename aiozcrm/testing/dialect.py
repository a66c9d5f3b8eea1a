"""Where Zoho's own sources disagree or say nothing: which reading the fake follows."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal

import attrs

__all__ = ["Dialect"]


def _one_of(default: Hashable, *others: Hashable) -> Any:
    return attrs.field(default=default, validator=attrs.validators.in_((default, *others)))


@attrs.frozen(kw_only=True)
class Dialect:
    """Which of two readings a fake Zoho follows; the defaults are the better documented ones.

    Attributes:
        throttle_status: The HTTP status with which the token endpoint rejects one request too
            many; both have been seen.
        token_error_status: The HTTP status of the token endpoint's other errors.
        scope_details: Whether ``OAUTH_SCOPE_MISMATCH`` tells method and URL.
        unknown_record: The HTTP status of getting a record that is not there.
        variable_group_required: Whether getting one variable needs its group.
        inactive_as: What the status of an inactive user is called.
        channel_error_status: The HTTP status of a call about notification channels of which none
            is as it should be. Where some are, 202 stays, and 400 becomes 207.
        tag_deleted_as: What the answer to the deletion of a tag has under its key.
        ranges: Whether a download can be taken up in the middle: with ``ETag``, ``If-Range`` and
            ``Range``. Nothing is documented.
        flat_answers: Whether answers to updates of roles, and to deletions of roles and profiles,
            are the result alone, without the key of the family.
        bulk_id: What the file of a bulk read calls the column of ids.
        bulk_id_last: Whether that column is the last one, and not the first.
        bulk_line_end: What ends the lines of that file: ``lf`` or ``crlf``.
        bulk_bom: Whether it begins with a mark of the byte order.
        bulk_separator: What stands between the values of a multi-select in it.
        bulk_results: Whether the results of a bulk write come in the order of its rows, or
            ``reversed``.
        unset_as: How the unset texts of unsubscribe links are shown. The Default link has empty
            strings either way.
        extra_keys: Whether unsubscribe links have the keys ``landing_url``,
            ``location_url_type`` and ``action_on_unsubscribe``, which only some sources name.
        update_status: The HTTP status of an update of an unsubscribe link.
        delete_status: The HTTP status of a deletion of an unsubscribe link.
        mandatory_status: The HTTP status of a creation of an unsubscribe link that lacks a
            mandatory field.
        dependee: Which field ``DEPENDENT_FIELD_MISSING`` calls the dependee: the ``missing`` one,
            or the one that is the ``cause`` of its being needed.
        wrapper_missing: Where the error of a body without its one key stands: ``wrapped`` in
            that key, or at the ``top``.
        body_id_required: Whether an update by the id in the path wants the id in the body too.
        limit_first: Whether a creation beyond the limit, with a name that is taken, is rejected
            for the limit. Nothing is documented.
        keep_links_in_use: Whether a link in use is not deleted but answered with
            ``ALREADY_USED``. Nothing is documented.
    """

    throttle_status: Literal[200, 400] = _one_of(200, 400)
    token_error_status: Literal[200, 400] = _one_of(200, 400)
    scope_details: bool = False
    unknown_record: Literal[204, 400] = _one_of(204, 400)
    variable_group_required: bool = False
    inactive_as: Literal["disabled", "inactive"] = _one_of("disabled", "inactive")
    channel_error_status: Literal[202, 400] = _one_of(202, 400)
    tag_deleted_as: Literal["object", "array"] = _one_of("object", "array")
    ranges: bool = True
    flat_answers: bool = True
    bulk_id: Literal["Id", "id"] = _one_of("Id", "id")
    bulk_id_last: bool = False
    bulk_line_end: Literal["lf", "crlf"] = _one_of("lf", "crlf")
    bulk_bom: bool = False
    bulk_separator: Literal[";", ","] = _one_of(";", ",")
    bulk_results: Literal["in_order", "reversed"] = _one_of("in_order", "reversed")
    unset_as: Literal["null", "empty"] = _one_of("null", "empty")
    extra_keys: bool = False
    update_status: Literal[200, 201] = _one_of(200, 201)
    delete_status: Literal[200, 201] = _one_of(200, 201)
    mandatory_status: Literal[400, 403] = _one_of(400, 403)
    dependee: Literal["missing", "cause"] = _one_of("missing", "cause")
    wrapper_missing: Literal["wrapped", "top"] = _one_of("wrapped", "top")
    body_id_required: bool = False
    limit_first: bool = False
    keep_links_in_use: bool = False

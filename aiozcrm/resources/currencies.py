"""Currencies."""

from __future__ import annotations

from typing import Any, ClassVar, NotRequired, TypedDict

from aiozcrm.resources._behaviours import Changing, Creating, Enabling, Getting, Listing, Updating

__all__ = ["BaseCurrency", "Currencies", "Currency", "CurrencyDraft"]


class Currency(TypedDict):
    """A currency that the org calculates with. Rates are text, with all their digits."""

    id: str
    name: str
    iso_code: str
    exchange_rate: str
    symbol: str
    is_base: bool
    is_active: bool
    prefix_symbol: NotRequired[bool]
    format: NotRequired[dict[str, Any]]
    created_time: NotRequired[str]
    modified_time: NotRequired[str]
    created_by: NotRequired[dict[str, str]]
    modified_by: NotRequired[dict[str, str]]


class CurrencyDraft(TypedDict, total=False):
    """What can be set on a currency; an update in bulk needs the ``id``, too.

    Name and ISO code cannot be changed later.
    """

    id: str
    name: str
    iso_code: str
    exchange_rate: str
    symbol: str
    prefix_symbol: bool
    is_active: bool
    format: dict[str, Any]


class BaseCurrency(Enabling[CurrencyDraft], Changing[CurrencyDraft]):
    """The currency that all others are measured in.

    - create: https://www.zoho.com/crm/developer/docs/api/v7/enable-multi-currency.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-currencies.html

    ``create`` lets the org use more than one currency, which cannot be undone. Zoho has no call
    that reads it alone: look for ``is_base`` in the list of currencies.
    Calls need the scope ``ZohoCRM.settings.currencies.ALL``, or the one of the operation.
    """

    path = "org/currencies/actions/enable"
    key = "base_currency"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.currencies.{operation}",)


class Currencies(
    Listing[Currency],
    Getting[Currency],
    Creating[CurrencyDraft],
    Updating[CurrencyDraft],
):
    """The currencies of the org, at most 10 of them active. Zoho cannot delete one.

    - list and get: https://www.zoho.com/crm/developer/docs/api/v7/get-currencies-data.html
    - create: https://www.zoho.com/crm/developer/docs/api/v7/add-currencies.html
    - update: https://www.zoho.com/crm/developer/docs/api/v7/update-currencies.html

    Calls need the scope ``ZohoCRM.settings.currencies.ALL``, or the one of the operation.
    """

    path = "org/currencies"
    key = "currencies"
    scopes: ClassVar[tuple[str, ...]] = ("ZohoCRM.settings.currencies.{operation}",)

    @property
    def base_currency(self) -> BaseCurrency:
        """The currency that all others are measured in."""
        return BaseCurrency(self._api)

"""COQL for a fake: any tables in, Zoho's answers out."""

from aiozcrm.testing._coql._engine import Engine
from aiozcrm.testing._coql._tables import Column, Org, Table

__all__ = ["Column", "Engine", "Org", "Table"]

"""COQL, Zoho's query language: values bound into a statement, and its pages.

Only as much is understood as that takes. What is wrong beyond it, Zoho says best.
https://www.zoho.com/crm/developer/docs/api/v7/Get-Records-through-COQL-Query.html
"""

from aiozcrm._coql._binding import bind
from aiozcrm._coql._statement import Place, Sent, Statement

__all__ = ["Place", "Sent", "Statement", "bind"]

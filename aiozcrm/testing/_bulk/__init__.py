"""Bulk jobs: files of rows that leave an org, and that come into it; backup and audit log."""

from aiozcrm.testing._bulk._audit_log import AuditLogExports
from aiozcrm.testing._bulk._backup import Backup
from aiozcrm.testing._bulk._reading import BulkRead
from aiozcrm.testing._bulk._writing import BulkWrite

__all__ = ["AuditLogExports", "Backup", "BulkRead", "BulkWrite"]

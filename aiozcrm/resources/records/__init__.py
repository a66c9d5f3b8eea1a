"""Records, and all that belongs to one."""

from aiozcrm.resources.records._queries import ListQuery, Record, WriteOptions
from aiozcrm.resources.records._records import Records

__all__ = ["ListQuery", "Record", "Records", "WriteOptions"]

"""Records, and all that belongs to one."""

from aiozcrm.resources.records._queries import ListQuery, Record, SearchQuery, WriteOptions
from aiozcrm.resources.records._records import Records

__all__ = ["ListQuery", "Record", "Records", "SearchQuery", "WriteOptions"]

"""Records, and all that belongs to one."""

from aiozcrm.resources.records._queries import ListQuery, Record, WriteOptions, every_record
from aiozcrm.resources.records._records import Records

__all__ = ["ListQuery", "Record", "Records", "WriteOptions", "every_record"]

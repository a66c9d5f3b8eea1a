"""Records: modules full of rows, and every call that reads and writes them."""

from aiozcrm.testing._records._family import ModuleRecords, Records

__all__ = ["ModuleRecords", "Records"]

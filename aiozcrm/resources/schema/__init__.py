"""Schemas: what the records of a module consist of."""

from aiozcrm.resources.schema._changes import SchemaChange
from aiozcrm.resources.schema._checking import Problem
from aiozcrm.resources.schema._reading import read_schema
from aiozcrm.resources.schema._schema import Reference, Schema

__all__ = ["Problem", "Reference", "Schema", "SchemaChange", "read_schema"]

"""What the parts of a composite call say of one another. See :meth:`aiozcrm.ZohoCRM.composite`."""

from aiozcrm._protocol import ref

__all__ = ["ref"]

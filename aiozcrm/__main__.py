"""``python -m aiozcrm`` is the command ``aiozcrm``."""

from aiozcrm.cli import main

if __name__ == "__main__":  # pragma: no cover  # tested in a process of its own
    main()

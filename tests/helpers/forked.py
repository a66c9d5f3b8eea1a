"""A process that is forked from one which has loaded everything, and so starts at once."""

import contextlib
import os
import sys
import traceback


def fork(work, environ):
    """Fork a process that does *work* with these variables alone; return its id.

    Its exit code is that of a ``SystemExit``, 1 after any other error, which it shows, or 0.
    """
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.environ.clear()
        os.environ.update(environ)
        work()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # noqa: BLE001  # nobody above would show it
        traceback.print_exc()
    finally:
        # A terminal may be gone.
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        os._exit(code)

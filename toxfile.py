"""Lets tox pass over environments whose programs are missing, as it does with missing Pythons."""

import os
import shutil

from tox.config.sets import EnvConfigSet
from tox.plugin import impl
from tox.tox_env.api import ToxEnv
from tox.tox_env.errors import Fail, Skip


@impl
def tox_add_env_config(env_conf: EnvConfigSet) -> None:
    """Let an environment say which programs it needs."""
    env_conf.add_config("needs", of_type=list[str], default=[], desc="programs on the PATH")


@impl
def tox_on_install(tox_env: ToxEnv) -> None:
    """Install nothing for tests that cannot run."""
    _check_programs(tox_env)


@impl
def tox_before_run_commands(tox_env: ToxEnv) -> None:
    """Run no tests that cannot pass."""
    _check_programs(tox_env)


def _check_programs(tox_env: ToxEnv) -> None:
    missing = [name for name in tox_env.conf["needs"] if shutil.which(name) is None]
    if missing:
        reason = f"{' and '.join(missing)} missing; CONTRIBUTING.md tells how to get it"
        raise Fail(reason) if os.environ.get("CI") else Skip(reason)

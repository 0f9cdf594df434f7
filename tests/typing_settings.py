"""What the type checker's Django plugin loads: the settings, in an environment that has all they ask for."""

import os

from tests.production import ENVIRONMENT

os.environ.update(ENVIRONMENT)

from wallet_site.settings import *  # noqa: F403

"""The production settings, with the collected static files in a folder that the tests choose."""

import os

from config.settings import *  # noqa: F403

STATIC_ROOT = os.environ["STATIC_ROOT"]

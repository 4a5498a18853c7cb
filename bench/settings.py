"""The product's settings with one more address: a view that does nothing, behind the same middleware."""

from trust.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"

"""Measurements against limits that the same machine reaches in the same run: ``make bench``."""

"""The pages of incidents: the list, one incident with its tabs, and what changes it."""

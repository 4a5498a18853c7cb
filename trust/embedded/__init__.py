"""Services that Trustdesk brings along when none are given: PostgreSQL and the process manager."""

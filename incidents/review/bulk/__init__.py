"""One action on everything that a stored query finds: counted and confirmed, done as a job, and taken back as one."""

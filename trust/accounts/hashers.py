from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id at 19 MiB and 2 passes, OWASP's floor: at Django's 100 MiB a few sign-ins exhaust a small machine."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

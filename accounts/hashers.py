"""How passwords are hashed: by Argon2, and quickly where a slow hash would protect nothing."""

from django.contrib.auth.hashers import Argon2PasswordHasher, get_hasher, make_password

QUICK = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


class Argon2(Argon2PasswordHasher):
    """Django's hasher, which leaves quick hashes as they are: replacing one at a sign-in would end the sessions that another
    sign-in has just begun."""

    def must_update(self, encoded: str) -> bool:
        decoded = self.decode(encoded)
        is_quick = all(decoded[name] == value for name, value in QUICK.items())
        return not is_quick and super().must_update(encoded)


class QuickArgon2(Argon2):
    """The same with the least work Argon2 takes."""

    time_cost, memory_cost, parallelism = QUICK.values()


def quick_hash(password: str) -> str:
    """The hash of a password that everybody may know, or that nobody can guess: 120 random bits."""
    if not isinstance(get_hasher(), Argon2):
        return make_password(password)
    hasher = QuickArgon2()
    return hasher.encode(password, hasher.salt())

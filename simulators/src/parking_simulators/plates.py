"""Licence plates: a permutation of all Vietnamese ones, so that none returns before every other one was used."""

from hashlib import blake2b

_LETTERS = "ABCDEFGHKLMNPSTUVXYZ"
_FIRST_PROVINCE, _PROVINCES, _SERIALS = 11, 89, 100_000
SPACE = _PROVINCES * len(_LETTERS) * _SERIALS
"""Number of plates of the form 51A-123.45."""

_HALF_BITS = 14
_HALF_MASK = (1 << _HALF_BITS) - 1


def plate(seed: int, number: int) -> str:
    """Give the plate of the car with this number; cars whose numbers differ by less than SPACE differ in plate."""
    place = _shuffled(seed, number % SPACE)
    while place >= SPACE:  # the permutation is of 2**28 places: walk on until one of ours comes
        place = _shuffled(seed, place)
    rest, serial = divmod(place, _SERIALS)
    province, letter = divmod(rest, len(_LETTERS))
    return f"{_FIRST_PROVINCE + province}{_LETTERS[letter]}-{serial // 100:03}.{serial % 100:02}"


def _shuffled(seed: int, place: int) -> int:
    """Permute 28-bit numbers: a Feistel network of four rounds, keyed by the seed."""
    left, right = place >> _HALF_BITS, place & _HALF_MASK
    key = seed.to_bytes(8, "little")
    for turn in range(4):
        mixed = blake2b(bytes((turn, right & 255, right >> 8)), digest_size=2, key=key, person=b"plate").digest()
        left, right = right, left ^ (int.from_bytes(mixed, "little") & _HALF_MASK)
    return left << _HALF_BITS | right

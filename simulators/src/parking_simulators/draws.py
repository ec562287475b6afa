"""Random numbers as a pure function of what they are drawn for: the same question gets the same answer, always."""

import struct
from hashlib import blake2b


def draws(seed: int, purpose: bytes, *identity: int) -> tuple[float, float, float, float]:
    """Draw four independent numbers in [0, 1); ``purpose`` (up to 16 bytes) keeps different uses apart."""
    named = struct.pack(f"<{len(identity)}q", *identity)
    digest = blake2b(named, digest_size=32, key=seed.to_bytes(8, "little"), person=purpose).digest()
    a, b, c, d = struct.unpack("<4Q", digest)
    return (a >> 11) / 2**53, (b >> 11) / 2**53, (c >> 11) / 2**53, (d >> 11) / 2**53

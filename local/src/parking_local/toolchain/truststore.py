"""Lets Java trust the certificate authorities that Python trusts.

Behind a company's proxy people set SSL_CERT_FILE for pip and uv; a Java from a wheel knows nothing of it.
"""

import hashlib
import ssl
import struct
from pathlib import Path

_MAGIC, _VERSION, _CERTIFICATE = 0xFEEDFEED, 2, 2
_PASSWORD = "changeit"  # noqa: S105 - Java's public default; it guards against accidents only
_SALT = b"Mighty Aphrodite"


def write_trust_store(path: Path) -> bool:
    """Write Python's authorities to ``path`` in Java's JKS format; False when Python names none."""
    authorities = ssl.create_default_context().get_ca_certs(binary_form=True)
    if authorities:
        path.write_bytes(_jks(authorities))
    return bool(authorities)


def _jks(certificates: list[bytes]) -> bytes:
    """Give the bytes of a JKS key store that holds ``certificates`` (DER)."""
    body = struct.pack(">III", _MAGIC, _VERSION, len(certificates))
    for number, certificate in enumerate(certificates):
        body += struct.pack(">I", _CERTIFICATE) + _text(str(number)) + struct.pack(">Q", 0)
        body += _text("X.509") + struct.pack(">I", len(certificate)) + certificate
    return body + hashlib.sha1(_PASSWORD.encode("utf-16-be") + _SALT + body, usedforsecurity=False).digest()


def _text(value: str) -> bytes:
    return struct.pack(">H", len(value)) + value.encode()

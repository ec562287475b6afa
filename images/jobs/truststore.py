"""Gives Java the authorities that the base image trusts: ``python truststore.py CERTIFICATES.pem CACERTS``.

Debian's package does it with Java's keytool, which writes down when; this is the same file at any time.
"""

import hashlib
import ssl
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

_MAGIC, _VERSION, _TRUSTED = 0xFEEDFEED, 2, 2
_PASSWORD = "changeit".encode("utf-16-be")  # known to everybody: it protects from damage, not from people
_END = "-----END CERTIFICATE-----"


def jks(certificates: list[bytes]) -> bytes:
    """Give a Java key store of these certificates (DER)."""
    entries = b"".join(_entry(certificate) for certificate in certificates)
    store = struct.pack(">III", _MAGIC, _VERSION, len(certificates)) + entries
    return store + hashlib.sha1(_PASSWORD + b"Mighty Aphrodite" + store).digest()  # noqa: S324 - the format says so


def _entry(certificate: bytes) -> bytes:
    alias = hashlib.sha256(certificate).hexdigest()
    head = struct.pack(">I", _TRUSTED) + _text(alias) + struct.pack(">Q", 0) + _text("X.509")
    return head + struct.pack(">I", len(certificate)) + certificate


def _text(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def _certificates(pem: str) -> Iterator[bytes]:
    for part in pem.split(_END)[:-1]:
        yield ssl.PEM_cert_to_DER_cert(part[part.index("-----BEGIN") :] + _END)


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(jks(sorted(set(_certificates(Path(sys.argv[1]).read_text())))))

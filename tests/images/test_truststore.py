"""The authorities that Java trusts in our images."""

import datetime as dt
import hashlib
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from images.jobs.truststore import jks
from parking_local.toolchain.java import java_home


def _authority(name: str) -> bytes:
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    blank = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    dated = blank.not_valid_before(now).not_valid_after(now + dt.timedelta(days=9_000))
    return dated.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_the_same_authorities_give_the_same_file() -> None:
    authorities = [_authority("one"), _authority("other")]
    assert jks(authorities) == jks(authorities) != jks(authorities[:1])


def test_java_reads_it(tmp_path: Path) -> None:
    store, authorities = tmp_path / "cacerts", [_authority("one"), _authority("other")]
    store.write_bytes(jks(authorities))
    tool = [str(java_home() / "bin" / "keytool"), "-list", "-keystore", str(store), "-storepass", "changeit"]
    listed = subprocess.run(tool, capture_output=True, text=True, check=True).stdout
    assert "contains 2 entries" in listed
    for authority in authorities:
        told = hashlib.sha256(authority).hexdigest().upper()
        assert ":".join(told[n : n + 2] for n in range(0, 64, 2)) in listed

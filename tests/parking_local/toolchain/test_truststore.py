"""The trust store that Java reads holds what Python trusts."""

import ssl
import subprocess
from pathlib import Path

import pytest

from parking_local.toolchain.java import java_home
from parking_local.toolchain.truststore import write_trust_store


def test_java_reads_every_authority(tmp_path: Path) -> None:
    authorities = ssl.create_default_context().get_ca_certs(binary_form=True)
    keytool = java_home() / "bin" / "keytool"
    if not authorities or not keytool.exists():
        pytest.skip("needs authorities and keytool")
    assert write_trust_store(tmp_path / "trusted.jks")
    listing = [str(keytool), "-list", "-keystore", str(tmp_path / "trusted.jks"), "-storepass", "changeit"]
    told = subprocess.run(listing, capture_output=True, text=True, check=True).stdout
    assert told.count("trustedCertEntry") == len(authorities)

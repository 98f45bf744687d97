"""What clients are told to trust: files for those that trust one file alone, and the variables that name them."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from mock_server.errors import UsageError
from mock_server.server.authority import Authority, find_public_file, put_file

BUNDLE_FILE, JAVA_FILE = "bundle.pem", "truststore.p12"
JAVA_PASSWORD = "changeit"
"""Java's own for what is no secret: the file holds certificates alone."""

DIRECT = ("localhost", "127.0.0.1", "::1")
SYSTEM_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep the authorities that they trust, in one file."""

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\s*", re.DOTALL)


def make_proxy_variables(url: str, folder: Path, authority: Authority) -> dict[str, str]:
    """The variables by which clients use a proxy and trust its certificates; the files that they name are written.

    Raises: UsageError where the URL is none of a proxy.
    """
    proxied = _read_proxy(url)
    bundle, java = folder / BUNDLE_FILE, folder / JAVA_FILE
    trusted = [*_find_system_certificates(bundle), authority.certificate]
    put_file(bundle, b"".join(trusted), 0o644)
    direct = ",".join(DIRECT)
    variables = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), url)
    variables |= {"NO_PROXY": direct, "no_proxy": direct}
    variables |= dict.fromkeys(("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), str(bundle))
    variables |= {"NODE_EXTRA_CA_CERTS": str(find_public_file(folder)), "NODE_USE_ENV_PROXY": "1"}
    put_file(java, _render_for_java(trusted), 0o644)
    return {**variables, "JAVA_TOOL_OPTIONS": _render_java_options(*proxied, java)}


def _read_proxy(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname and parts.port and parts.path in ("", "/"):
            return parts.hostname, parts.port
    except ValueError:
        pass
    raise UsageError(f"{url} is no proxy's URL; it looks like http://127.0.0.1:8081.")


def _find_system_certificates(own: Path) -> Iterator[bytes]:
    """What this system trusts already, for a client that is given a file trusts nothing else."""
    named = (os.environ.get("SSL_CERT_FILE", ""), ssl.get_default_verify_paths().cafile or "", *SYSTEM_FILES)
    files = (Path(name) for name in named if name and Path(name) != own)
    path = next((path for path in files if path.is_file()), None)
    if path:
        yield from (found[0] for found in _CERTIFICATE.finditer(path.read_bytes()))
        return
    for certificate in ssl.create_default_context().get_ca_certs(binary_form=True):
        yield ssl.DER_cert_to_PEM_cert(certificate).encode()


def _render_for_java(trusted: list[bytes]) -> bytes:
    """A trust store; Java adds none of its own."""
    import warnings

    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    listed: list[pkcs12.PKCS12Certificate] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some authorities of systems are older than the rules for them
        for number, pem in enumerate(trusted):
            try:
                listed.append(pkcs12.PKCS12Certificate(x509.load_pem_x509_certificate(pem), b"%d" % number))
            except ValueError:
                continue
        return pkcs12.serialize_java_truststore(listed, BestAvailableEncryption(JAVA_PASSWORD.encode()))


def _render_java_options(host: str, port: int, store: Path) -> str:
    """Java's properties; its own variable splits at spaces, unless they are quoted."""
    properties = {
        "http.proxyHost": host,
        "http.proxyPort": str(port),
        "https.proxyHost": host,
        "https.proxyPort": str(port),
        "http.nonProxyHosts": "localhost|127.*|[::1]",
        "javax.net.ssl.trustStore": str(store),
        "javax.net.ssl.trustStorePassword": JAVA_PASSWORD,
        "javax.net.ssl.trustStoreType": "PKCS12",
    }
    return " ".join(_quote(f"-D{name}={value}") for name, value in properties.items())


def _quote(word: str) -> str:
    return f"'{word}'" if " " in word else word

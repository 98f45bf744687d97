"""The local authority that signs the server's certificates: made once, kept in the user's folder, never installed.

Several servers may start at once: what is made is written beside its place under a lock, and moved there whole.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mock_server.errors import UsageError, missing_extra

if TYPE_CHECKING:
    import trustme

LIFE = timedelta(days=3 * 365)
RENEWED_BEFORE = timedelta(days=60)
"""How long before its end an authority is followed by another one: whoever trusts it has to be told of that one."""

LEAF_LIFE = timedelta(days=397)
"""How long a certificate lasts: some clients refuse those that last longer."""

BEFORE = timedelta(days=7)
"""From when a certificate is good: clocks of other machines may be behind."""

MAX_COMMON_NAME = 64
"""The most characters that the field may have; names are found in another one anyway."""

OWN_FILE, PUBLIC_FILE, LOCK_FILE = "authority.pem", "ca.pem", "authority.lock"
LOCK_SECONDS = 20.0


class Authority(NamedTuple):
    """What signs certificates, and its own one as PEM."""

    signer: trustme.CA
    certificate: bytes

    def certify(self, context: ssl.SSLContext, *names: str) -> None:
        """Give a context of TLS a new certificate for these names and addresses."""
        now = datetime.now(UTC)
        made = self.signer.issue_cert(
            *names,
            common_name=names[0] if len(names[0]) <= MAX_COMMON_NAME else None,
            organization_name="Understudy",
            organization_unit_name="A mock server, not the real one",
            not_before=now - BEFORE,
            not_after=now + LEAF_LIFE,
        )
        made.configure_cert(context)


def find_authority_folder() -> Path:
    """Where this user's authority is kept."""
    from platformdirs import user_data_path

    return user_data_path("understudy", appauthor=False) / "authority"


def find_public_file(folder: Path) -> Path:
    """The certificate of the authority alone, as clients are told to trust it."""
    return folder / PUBLIC_FILE


def get_authority(folder: Path, now: datetime | None = None) -> Authority:
    """The authority that is kept in a folder; a new one where there is none, or where its time is nearly over.

    Raises:
        UsageError: trustme is missing, the folder cannot be used, or the file in it cannot be read.
    """
    import_trustme()
    now = now or datetime.now(UTC)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _find_kept(folder, now) or _make(folder, now)
    except OSError as error:
        raise UsageError(
            f"The authority of --tls and --proxy cannot be kept in {folder}: {error.strerror or error}.",
        ) from None


def import_trustme() -> None:
    """See that what makes certificates is there. Raises: UsageError that says how it is installed."""
    try:
        import trustme  # noqa: F401
    except ModuleNotFoundError:
        raise missing_extra("serve --tls, --proxy", "tls") from None


def _find_kept(folder: Path, now: datetime) -> Authority | None:
    """The authority of a folder, or None where there is none or it ends soon."""
    import trustme
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    path = folder / OWN_FILE
    try:
        kept = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        certificate, key = x509.load_pem_x509_certificate(kept), load_pem_private_key(kept, None)
        is_pair = key.public_key() == certificate.public_key()
    except (ValueError, TypeError):
        is_pair = False
    if not is_pair:
        raise UsageError(f"{path} is no authority that can be read; delete it, and a new one is made.")
    if certificate.not_valid_after_utc - now < RENEWED_BEFORE:
        return None
    authority = _as_authority(trustme.CA.from_pem(kept, kept))
    _publish(folder, authority)
    return authority


def _make(folder: Path, now: datetime) -> Authority:
    """A new authority, unless another server has made one meanwhile."""
    from filelock import FileLock

    with FileLock(folder / LOCK_FILE, timeout=LOCK_SECONDS):
        authority = _find_kept(folder, now)
        if authority is None:
            authority = make_authority(now)
            put_file(folder / OWN_FILE, authority.signer.private_key_pem.bytes() + authority.certificate, 0o600)
            _publish(folder, authority)
        return authority


def _publish(folder: Path, authority: Authority) -> None:
    """See that the certificate that clients are told of is this authority's."""
    path, certificate = find_public_file(folder), authority.certificate
    if not path.exists() or path.read_bytes() != certificate:
        put_file(path, certificate, 0o644)


def make_authority(now: datetime) -> Authority:
    """An authority of some years: what trustme makes lasts for centuries, and who trusts it may forget it."""
    import trustme
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

    unit = f"Local authority of a mock server, made on {now:%Y-%m-%d}"
    made = trustme.CA(path_length=0, organization_name="Understudy", organization_unit_name=unit)
    endless = x509.load_pem_x509_certificate(made.cert_pem.bytes())
    builder = x509.CertificateBuilder(endless.issuer, endless.subject, endless.public_key(), endless.serial_number)
    builder = builder.not_valid_before(now - BEFORE).not_valid_after(now + LIFE)
    for extension in endless.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    key = made.private_key_pem.bytes()
    signed = builder.sign(load_pem_private_key(key, None), hashes.SHA256())  # type: ignore[arg-type]
    return _as_authority(trustme.CA.from_pem(signed.public_bytes(Encoding.PEM), key))


def _as_authority(signer: trustme.CA) -> Authority:
    return Authority(signer, signer.cert_pem.bytes())


def put_file(path: Path, data: bytes, mode: int) -> None:
    """Write a file as a whole: who reads it meanwhile has the one before, or none."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as written:
        written.write(data)
        written.flush()
        os.fsync(written.fileno())
    part = Path(written.name)
    part.chmod(mode)
    part.replace(path)

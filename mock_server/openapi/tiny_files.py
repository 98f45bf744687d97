"""The smallest files of media types that no value can be written in; each was written by hand from its format's
specification, and says nothing: a white point, an empty page, a moment of silence, no entries."""

from __future__ import annotations

from collections.abc import Mapping

_PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\xdac\xf8\x0f\x00\x01\x01\x01\x00\x1c\xb0\x8c\x99\x00\x00\x00\x00IEND\xaeB`\x82"
)
"""One grey sample of 255 (W3C PNG, third edition)."""

_JPEG = (
    b"\xff\xd8\xff\xdb\x00C\x00" + b"\x01" * 64 + b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
    b"\xff\xc4\x00\x14\x00\x01" + bytes(16) + b"\xff\xc4\x00\x14\x10\x01" + bytes(16) + b"\xff\xda\x00\x08"
    b"\x01\x01\x00\x00?\x00?\xff\xd9"
)
"""One block, baseline, grey, whose every coefficient is 0; each Huffman table has one code (ITU-T T.81)."""

_GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
"""GIF89a: two colours, one point."""

_BMP = (
    b"BM:\x00\x00\x00\x00\x00\x00\x006\x00\x00\x00(\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x18\x00"
    b"\x00\x00\x00\x00\x04\x00\x00\x00\x13\x0b\x00\x00\x13\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\x00"
)

_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'

_PDF = (
    b"%PDF-1.4\n"
    b"1 0 obj<</Type/Catalog/Pages 2 0 R>> endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>> endobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000053 00000 n \n0000000103 00000 n \n"
    b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n165\n%%EOF\n"
)
"""An empty page of an inch (ISO 32000-1, 7.5); the table of places counts the bytes above it."""

_ZIP = b"PK\x05\x06" + bytes(18)
"""The end of an empty directory (APPNOTE 4.3.16)."""

_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x03\x00" + bytes(8)
"""No bytes, compressed (RFC 1952)."""

_TAR = bytes(1024)
"""Two blocks of zeros, which end an archive (POSIX.1, pax)."""

_WAV = (
    b"RIFF&\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00@\x1f\x00\x00\x80>\x00\x00\x02\x00\x10\x00"
    b"data\x02\x00\x00\x00\x00\x00"
)
"""One silent sample at 8 kHz."""

_MP3 = b"\xff\xfb\x90\x00" + bytes(413)
"""One frame of MPEG-1 Layer III, 128 kbit/s at 44.1 kHz, whose side information says that nothing is in it."""

_MP4 = b"\x00\x00\x00\x14ftypisom\x00\x00\x02\x00isom\x00\x00\x00\x08mdat"
"""The brand and no media (ISO/IEC 14496-12)."""

TINY_FILES: Mapping[str, bytes] = {
    "image/png": _PNG,
    "image/jpeg": _JPEG,
    "image/jpg": _JPEG,
    "image/gif": _GIF,
    "image/bmp": _BMP,
    "image/x-bmp": _BMP,
    "image/x-ms-bmp": _BMP,
    "image/svg+xml": _SVG,
    "application/pdf": _PDF,
    "application/x-pdf": _PDF,
    "application/zip": _ZIP,
    "application/x-zip-compressed": _ZIP,
    "application/x-zip": _ZIP,
    "application/gzip": _GZIP,
    "application/x-gzip": _GZIP,
    "application/x-tar": _TAR,
    "application/tar": _TAR,
    "audio/wav": _WAV,
    "audio/x-wav": _WAV,
    "audio/wave": _WAV,
    "audio/mpeg": _MP3,
    "audio/mp3": _MP3,
    "video/mp4": _MP4,
    "audio/mp4": _MP4,
}
"""Media type to a file of it."""

"""Gzip and zstd, told by their first bytes and read as they are; damage is an OSError."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    import zstandard
    from _typeshed import WriteableBuffer

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
DAMAGED = "the compressed data ends early or is damaged here"
_PACKED_CHUNK = 512
"""Packed bytes taken at a time. What they unpack to is held at once: at most 16 MB of a bomb."""


def unpacked(file: BinaryIO) -> io.BufferedReader:
    """The bytes of an open file, or what they unpack to; closing it closes the file."""
    head = cast(io.BufferedReader, file).peek(4)[:4]
    if head.startswith(GZIP):
        return io.BufferedReader(_Gzip(file))
    if head.startswith(ZSTD):
        return io.BufferedReader(_Zstd(file), 1 << 16)
    return cast(io.BufferedReader, file)


class _Unpacked(io.RawIOBase):
    """A readable stream over a packed file."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self.file.close()
        super().close()


class _Gzip(_Unpacked):
    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._stream = gzip.GzipFile(fileobj=file, mode="rb")

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        try:
            return self._stream.readinto(buffer)
        except (EOFError, zlib.error) as error:
            raise OSError(DAMAGED) from error


class _Zstd(_Unpacked):
    """Frame after frame, so that a frame that was cut off is noticed."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._packed = b""
        self._ready = memoryview(b"")

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        while not self._ready:
            self._packed = self._packed or self.file.read(_PACKED_CHUNK)
            if not self._packed:
                if self._frame is not None:
                    raise OSError(DAMAGED)
                return 0
            self._unpack()
        target = memoryview(buffer).cast("B")
        count = min(len(target), len(self._ready))
        target[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _unpack(self) -> None:
        import zstandard

        frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
        try:
            self._ready = memoryview(frame.decompress(self._packed))
        except zstandard.ZstdError as error:
            raise OSError(DAMAGED) from error
        self._frame = None if frame.eof else frame
        self._packed = frame.unused_data if frame.eof else b""

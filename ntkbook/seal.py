"""A checksum at the end of a file, compared before anything else reads it.

A library that parses a damaged file may do more than fail: HDF5 can loop for ever. Bytes behind the end of its content
do not disturb it.
"""

import hashlib

_MARK = b"\nsha256 "
_LENGTH = len(_MARK) + 64


def sealed(content: bytes) -> bytes:
    """Content with the checksum of all its bytes behind it."""
    return content + _MARK + hashlib.sha256(content).hexdigest().encode()


def check_seal(content: bytes) -> None:
    """Refuse bytes that are not those that were sealed; files from before there were seals pass.

    Parameters
    ----------
    content : bytes
        Of the whole file.

    Raises
    ------
    ValueError
        If it ends in a checksum, whole or not, and not just in that of the bytes before it.
    """
    at = content.rfind(_MARK, max(0, len(content) - 2 * _LENGTH))
    if at >= 0 and content != sealed(content[:at]):
        raise ValueError("its bytes are not those that were written")


def unsealed(content: bytes) -> bytes:
    """What was sealed.

    Parameters
    ----------
    content : bytes
        Of the whole file.

    Returns
    -------
    bytes
        All before the checksum.

    Raises
    ------
    ValueError
        If there is no checksum at its end, or another one.
    """
    before, after = content[:-_LENGTH], content[-_LENGTH:]
    if sealed(before)[-_LENGTH:] != after:
        raise ValueError("its bytes are not those that were written")
    return before

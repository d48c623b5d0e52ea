"""What processes listen on, as the kernel knows it (/proc, so on Linux; elsewhere: nothing)."""

import ipaddress
import os
import socket
import struct
from collections.abc import Iterable
from pathlib import Path

_LISTEN = "0A"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def listening(pids: Iterable[int]) -> list[Address]:
    """Addresses of all listening TCP sockets of these processes and of all that they started."""
    inodes = {inode for pid in _with_descendants(pids) for inode in _sockets(pid)}
    return [address for inode, address in _bound() if inode in inodes]


def _with_descendants(pids: Iterable[int]) -> set[int]:
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
    found, waiting = set(), list(pids)
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting += [child for child, parent in parents.items() if parent == pid and child not in found]
    return found


def _sockets(pid: int) -> list[str]:
    links = []
    try:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                links.append(os.readlink(descriptor))
            except OSError:
                continue
    except OSError:
        pass
    return [link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:[")]


def _bound() -> list[tuple[str, Address]]:
    bound = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == _LISTEN:
                bound.append((fields[9], _address(fields[1].split(":")[0])))
    return bound


def _address(text: str) -> Address:
    """Words of 32 bits in the order of this machine."""
    words = struct.pack(f">{len(text) // 8}I", *struct.unpack(f"={len(text) // 8}I", bytes.fromhex(text)))
    family = socket.AF_INET if len(words) == 4 else socket.AF_INET6
    address = ipaddress.ip_address(socket.inet_ntop(family, words))
    return getattr(address, "ipv4_mapped", None) or address

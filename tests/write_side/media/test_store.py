"""The local store: whole files under the hash of their content."""

import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from write_side.media.hashes import hex_digest
from write_side.media.store import LocalStore


async def put(files: LocalStore, content: bytes) -> Path:
    with files.incoming() as incoming:
        incoming.write(content)
        await files.keep(incoming)
    return files.path(incoming.sha256)


async def test_a_file_lies_under_its_hash_and_only_its_group_reads_it(files: LocalStore) -> None:
    digest = sha256(b"hola").hexdigest()

    path = await put(files, b"hola")

    assert files.folder / digest[:2] / digest[2:4] / digest == path
    assert (b"hola", 0o640) == (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
    assert [] == list((files.folder / "incoming").iterdir())


async def test_an_equal_file_replaces_itself(files: LocalStore) -> None:
    assert await put(files, b"hola") == await put(files, b"hola")
    assert 1 == len([path for path in files.folder.rglob("*") if path.is_file()])


async def test_a_file_that_was_not_kept_leaves_nothing(files: LocalStore) -> None:
    with files.incoming() as incoming:
        incoming.write(b"hola")

    assert [] == [path for path in files.folder.rglob("*") if path.is_file()]


async def test_a_file_is_synced_before_it_has_its_name(
    files: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace
    await put(files, b"so that the folders are there")

    def synced(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def replaced(source: Path, target: Path) -> None:
        done.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    await put(files, b"so that the folders are there")

    assert ["file", "rename", "folder"] == done


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_what_is_no_hash_is_no_path(files: LocalStore, digest: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        files.path(digest)


async def test_what_killed_processes_left_goes_after_a_day(files: LocalStore) -> None:
    await put(files, b"hola")
    young, old = (files.folder / "incoming" / name for name in ("young", "old"))
    for path in (young, old):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))

    files.clear_leftovers()

    assert [young] == list((files.folder / "incoming").iterdir())


@pytest.mark.parametrize(
    ("written", "digest"),
    [
        ("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", "ba7816bf"),
        ("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0", "ba7816bf"),
        ("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", "ba7816bf"),
        (" ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n", "ba7816bf"),
        ("ba7816bf", None),
        ("<SHA256>", None),
        (None, None),
        (7, None),
    ],
)
def test_a_hash_is_read_in_base64_and_in_hex(written: object, digest: str | None) -> None:
    found = hex_digest(written)

    assert digest == (found and found[:8])
    assert found in (None, sha256(b"abc").hexdigest())

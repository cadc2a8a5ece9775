import struct

import pytest

from core.tracking.wandb import log_records

BLOCK = 32768


def written(records: list[bytes]) -> bytes:
    """A LevelDB log as W&B writes it: blocks of 32 KiB, a header of 7 bytes before each part of a record."""
    log = b":W&B\0\0\0"
    for record in records:
        part, is_first = record, True
        while True:
            room = BLOCK - len(log) % BLOCK
            if room < 7:
                log, room = log + bytes(room), BLOCK
            now, part = part[: room - 7], part[room - 7 :]
            kind = {(True, True): 1, (True, False): 2, (False, False): 3, (False, True): 4}[is_first, not part]
            log += struct.pack("<IHB", 0, len(now), kind) + now
            is_first = False
            if not part:
                break
    return log


RECORDS = [b"a", b"b" * 40_000, b"", b"c" * 100_000, b"d" * (BLOCK - 14 - 5), b"e"]


def test_records_come_back_over_blocks() -> None:
    assert list(log_records(written(RECORDS))) == RECORDS


@pytest.mark.parametrize("room", range(10))
def test_a_record_at_the_end_of_a_block_is_found(room: int) -> None:
    records = [b"x" * (BLOCK - 14 - room), b"next"]
    assert list(log_records(written(records))) == records


@pytest.mark.parametrize("n_lost", [1, 8, 30_000, 100_000])
def test_a_file_that_a_crash_cut_off_is_read_up_to_there(n_lost: int) -> None:
    found = list(log_records(written(RECORDS)[:-n_lost]))
    assert found == RECORDS[: len(found)]
    assert 2 <= len(found) < len(RECORDS)

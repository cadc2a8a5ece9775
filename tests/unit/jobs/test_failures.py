import errno

import pytest

from core.domain.message import msg
from core.errors import BadData, TrainingDiverged, WeightsUnavailable
from core.jobs.failures import failure_of, failure_of_exit


class OutOfMemoryError(RuntimeError):
    """Named as torch's own."""


CASES = [
    (MemoryError(), "out_of_memory"),
    (OutOfMemoryError("CUDA error"), "out_of_memory"),
    (
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried"),
        "out_of_memory",
    ),
    (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "out_of_memory"),
    (OSError(errno.ENOMEM, "Cannot allocate memory"), "out_of_memory"),
    (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
    (OSError(errno.EDQUOT, "Disk quota exceeded"), "disk_full"),
    (Exception("Error while serializing: I/O error: No space left on device (os error 28)"), "disk_full"),
    (BadData(msg("No rows.")), "bad_data"),
    (WeightsUnavailable(msg("No weights.")), "weights_unavailable"),
    (TrainingDiverged(msg("The loss is no number.")), "training_diverged"),
    (ValueError("x"), "bug"),
]


@pytest.mark.parametrize(("error", "code"), CASES, ids=lambda value: str(value)[:30])
def test_causes_are_told_in_words(error: Exception, code: str) -> None:
    failure = failure_of(error, "abc123")
    assert failure.code == code
    assert str(failure.message)


def test_people_are_told_what_to_do_next() -> None:
    hint = msg("Upload it again.")
    assert failure_of(BadData(msg("No rows."), hint=hint), "1").hint == hint
    assert "batch size" in str(failure_of(MemoryError(), "1").hint)
    assert "the work so far is kept" in str(failure_of(OSError(errno.ENOSPC, ""), "1").hint)
    assert "abc123" in str(failure_of(KeyError("x"), "abc123").message)


def test_the_cause_below_an_error_counts() -> None:
    with pytest.raises(ValueError) as caught:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as full:
            raise ValueError("could not save") from full
    assert failure_of(caught.value, "1").code == "disk_full"


def test_a_process_that_died_is_explained_by_what_is_known() -> None:
    assert failure_of_exit(-9, killed_for_memory=True).code == "out_of_memory"
    assert "SIGSEGV" in str(failure_of_exit(-11, killed_for_memory=False).message)
    assert failure_of_exit(1, killed_for_memory=False).code == "crashed"
    assert failure_of_exit(None, killed_for_memory=False).code == "crashed"

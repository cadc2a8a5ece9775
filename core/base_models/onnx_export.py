"""Write a torch module as an ONNX file that answers like the module, or not at all."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.files import written_aside

if TYPE_CHECKING:
    import torch

TOLERANCE = 1e-3  # largest difference to torch that is accepted, in logits or in coordinates of a unit vector
MAX_BATCH = 65_536
OPSET = 18


class ExportMismatch(Exception):
    """The written graph answers differently from the module: our bug, never published."""


def export_onnx(
    module: "torch.nn.Module", example_ids: "torch.Tensor", path: Path, *, output_name: str, max_length: int = 512
) -> None:
    """Write `module(input_ids, attention_mask) -> tensor` to `path`, in fp32, for any batch and length.

    `example_ids` has shape (batch, length), both at least 2: an axis of 1 would be taken for a constant. The file is
    checked against the module on other shapes, with padding, before it is put in place.

    Raises:
        ExportMismatch: an output differs by more than TOLERANCE.
    """
    import torch

    was_training = module.training
    module.eval()
    batch = torch.export.Dim("batch", min=1, max=MAX_BATCH)
    length = torch.export.Dim("length", min=1, max=max_length)
    names = ["input_ids", "attention_mask"]
    example = (example_ids, torch.ones_like(example_ids))
    try:
        with written_aside(path) as aside:
            with _quiet(), torch.no_grad():
                torch.onnx.export(
                    module,
                    example,
                    str(aside),
                    input_names=names,
                    output_names=[output_name],
                    opset_version=OPSET,
                    dynamo=True,
                    dynamic_shapes=tuple({0: batch, 1: length} for _ in names),
                    external_data=False,
                    verbose=False,
                )
            check_onnx(module, aside, example_ids, max_length)
    finally:
        module.train(was_training)


def check_onnx(module: "torch.nn.Module", path: Path, example_ids: "torch.Tensor", max_length: int = 512) -> None:
    """Compare the file's answers with the module's, on a single row and on several with padding.

    Raises:
        ExportMismatch: an output differs by more than TOLERANCE.
    """
    import numpy as np
    import torch

    from core.base_models.runtime import open_session

    session = open_session(path, n_threads=1)
    vocab = int(example_ids.max()) + 1
    rng = np.random.default_rng(0)
    for n_rows, n_tokens in ((1, 5), (3, min(17, max_length))):
        ids = rng.integers(0, vocab, (n_rows, n_tokens))
        mask = np.ones_like(ids)
        mask[-1, n_tokens // 2 + 1 :] = 0
        with torch.no_grad():
            expected = module(torch.from_numpy(ids), torch.from_numpy(mask)).float().numpy()
        (got,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
        difference = float(np.abs(got - expected).max()) if got.shape == expected.shape else float("inf")
        if not difference <= TOLERANCE:  # also true for NaN
            raise ExportMismatch(f"the ONNX file differs from torch by {difference:.2g} on {ids.shape}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter prints its progress and warns about its own internals."""
    previous = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), _stderr_aside():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)


def _stderr_aside() -> Any:
    return contextlib.redirect_stderr(io.StringIO())

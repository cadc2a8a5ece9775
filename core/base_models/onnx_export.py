"""Write a torch module as an ONNX file that answers like the module, or not at all."""

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.files import written_aside

if TYPE_CHECKING:
    import torch

TOLERANCE = 1e-3  # largest difference to torch that is accepted, in logits or in coordinates of a unit vector
MAX_BATCH = 65_536
OPSET = 18
NAMES = ["input_ids", "attention_mask"]
CHECKED_SHAPES = ((1, 1), (1, 5), (3, 17), (2, 160))  # the last is longer than the local attention of any family


class ExportMismatch(Exception):
    """The written graph answers differently from the module: our bug, never published."""


def export_onnx(
    module: "torch.nn.Module", example_ids: "torch.Tensor", path: Path, *, output_name: str, max_length: int = 512
) -> None:
    """Write `module(input_ids, attention_mask) -> tensor` to `path`, in fp32, for any batch and length.

    `example_ids` has shape (batch, length), both at least 2: an axis of 1 would be taken for a constant. The file is
    checked against the module on other shapes, with padding, before it is put in place. Tracing is tried first: it
    takes half a second where torch's newer exporter takes 5 to 40, which also nails the batch of decoders.

    Raises:
        ExportMismatch: an output differs by more than TOLERANCE.
    """
    was_training = module.training
    module.eval()
    try:
        with written_aside(path) as aside, _plain_attention(module):
            try:
                _write(_trace, module, example_ids, aside, output_name, max_length)
            except Exception:  # either the tracer did not understand the module, or its graph answered differently
                _write(_capture, module, example_ids, aside, output_name, max_length)
    finally:
        module.train(was_training)


_Writer = Callable[["torch.nn.Module", "tuple[torch.Tensor, torch.Tensor]", str, str, int], None]


def _write(
    writer: _Writer, module: "torch.nn.Module", example_ids: "torch.Tensor", path: Path, output_name: str, limit: int
) -> None:
    import torch

    example = (example_ids, torch.ones_like(example_ids))
    with _quiet(), torch.no_grad():
        writer(module, example, str(path), output_name, limit)
    check_onnx(module, path, example_ids, limit)


def _trace(
    module: "torch.nn.Module", example: "tuple[torch.Tensor, torch.Tensor]", path: str, output_name: str, limit: int
) -> None:
    """Record what the module does with the example; whatever it decides by shapes is decided once and for all."""
    import torch

    axes = {name: {0: "batch", 1: "length"} for name in NAMES} | {output_name: {0: "batch"}}
    torch.onnx.export(
        module,
        example,
        path,
        input_names=NAMES,
        output_names=[output_name],
        opset_version=OPSET,
        dynamo=False,
        dynamic_axes=axes,
    )


def _capture(
    module: "torch.nn.Module", example: "tuple[torch.Tensor, torch.Tensor]", path: str, output_name: str, limit: int
) -> None:
    """Torch's newer exporter, which reads the program."""
    import torch

    batch = torch.export.Dim("batch", min=1, max=MAX_BATCH)
    length = torch.export.Dim("length", min=1, max=limit)
    torch.onnx.export(
        module,
        example,
        path,
        input_names=NAMES,
        output_names=[output_name],
        opset_version=OPSET,
        dynamo=True,
        dynamic_shapes=tuple({0: batch, 1: length} for _ in NAMES),
        external_data=False,
        verbose=False,
    )


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
    for n_rows, n_tokens in CHECKED_SHAPES:
        n_tokens = min(n_tokens, max_length)
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
def _plain_attention(module: Any) -> Iterator[None]:
    """Attention step by step instead of torch's own operator: a smaller graph, 10% less CPU a row in onnxruntime."""
    backbone: Any = getattr(module, "backbone", None)
    if not hasattr(backbone, "set_attn_implementation"):
        yield
        return
    before = backbone.config._attn_implementation
    backbone.set_attn_implementation("eager")
    try:
        yield
    finally:
        backbone.set_attn_implementation(before)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporters print their progress and warn about their own internals."""
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

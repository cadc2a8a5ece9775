"""The trunk: what layers that do not learn give for every text, computed once and kept in a file for the whole run.

With the first k layers frozen their output never changes but for dropout. So it is written once, in fp32 and without
padding, and training begins at layer k + 1. What is learned is exactly what training would learn whose lower layers
use no dropout; answers are the same, as they use none anyway.

A token's id then is the number of its row in the file: `Trunk.examples` turns texts into such ids, and everything that
sorts, cuts, repeats or pads texts goes on as ever.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.domain.message import Message, msg
from core.domain.recipe import TrainingRecipe
from core.files import folder_aside, is_whole
from core.techniques import EXTRAS
from core.training.batches import TokenizedExamples, answer_passes, padded, windows_of
from core.training.packed import bert_of, embedded, packing_of, run_layers

FOLDER, ROWS, ABOUT = "trunk", "rows.f32", "about.json"
MAX_BYTES = 2 << 30  # about 90,000 short texts of a small model; above it the layers are computed in every pass
SHARE_OF_DISK = 0.5  # of what is free


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """`rows[i]` is what layer `n_layers` gives for token i of all texts end to end."""

    rows: torch.Tensor  #: (tokens, hidden), fp32, mapped from the file
    n_layers: int

    def examples(self, parts: Sequence[TokenizedExamples]) -> list[TokenizedExamples]:
        """`parts`, in the order in which they were written, with row numbers for token ids."""
        found, start = [], 0
        for part in parts:
            ids = np.arange(start, start + len(part.ids), dtype=np.int32)
            found.append(replace(part, ids=ids))
            start += len(part.ids)
        return found


def frozen_depth(backbone: Any) -> int:
    """How many of the lowest layers of a BERT do not learn, nor anything below them."""
    bert = bert_of(backbone)
    if any(p.requires_grad for p in bert.embeddings.parameters()):
        return 0
    layers = list(bert.encoder.layer)
    learns = (any(p.requires_grad for p in layer.parameters()) for layer in layers)
    return next((i for i, one in enumerate(learns) if one), len(layers))


def why_not(
    classifier: Any,
    recipe: TrainingRecipe,
    parts: Sequence[TokenizedExamples],
    work_dir: Path,
    device: torch.device,
) -> Message | None:
    """Why the frozen layers must be computed in every pass; None where they can be computed once."""
    extras = [EXTRAS[name] for name in recipe.extras]
    changing = next((extra for extra in extras if extra.rewrites or extra.shifts_words), None)
    if changing is not None:
        return msg(
            "“{extra}” changes the words in every step, so the layers left as they are run in every pass all the same.",
            extra=changing.name,
        )
    if device.type != "cpu" or not classifier.packs:
        return msg(
            "The layers left as they are run in every pass all the same: only on a processor, and for models like BERT, are they read once."
        )
    if not frozen_depth(classifier.backbone):
        return msg("The technique trains something in the layers left as they are, so they run in every pass.")
    n_bytes = n_bytes_of(classifier.backbone, parts)
    if n_bytes > min(MAX_BYTES, SHARE_OF_DISK * shutil.disk_usage(work_dir).free):
        return msg(
            "The layers left as they are run in every pass all the same: keeping what they give would take {megabytes} MB.",
            megabytes=n_bytes >> 20,
        )
    return None


def n_bytes_of(backbone: Any, parts: Sequence[TokenizedExamples]) -> int:
    return 4 * int(backbone.config.hidden_size) * sum(len(part.ids) for part in parts)


def compute_trunk(
    backbone: Any,
    parts: Sequence[TokenizedExamples],
    *,
    work_dir: Path,
    fingerprint: str,
    obey: Callable[[], None] = lambda: None,
) -> Trunk:
    """Run the frozen layers of an untrained fp32 `backbone` over all texts, or take what an earlier attempt left whole.

    `obey` is called between passes and may raise.
    """
    bert = bert_of(backbone)
    n_layers, hidden_size = frozen_depth(backbone), int(backbone.config.hidden_size)
    folder = work_dir / FOLDER
    about = {"fingerprint": fingerprint, "n_layers": n_layers, "hidden": hidden_size}
    shape = (sum(len(part.ids) for part in parts), hidden_size)
    if not (is_whole(folder) and json.loads((folder / ABOUT).read_text()) == about):
        with folder_aside(folder) as aside:
            rows = np.memmap(aside / ROWS, dtype=np.float32, mode="w+", shape=shape)
            _fill(rows, bert, n_layers, parts, obey)
            rows.flush()
            del rows
            (aside / ABOUT).write_text(json.dumps(about))
    mapped = np.memmap(folder / ROWS, dtype=np.float32, mode="c", shape=shape)  # torch wants what it could write to
    return Trunk(rows=torch.from_numpy(mapped), n_layers=n_layers)


def _fill(
    rows: np.memmap, bert: Any, n_layers: int, parts: Sequence[TokenizedExamples], obey: Callable[[], None]
) -> None:
    was_training = bert.training
    bert.eval()
    start = 0
    with torch.inference_mode():
        for part in parts:
            for chosen in answer_passes(part):
                obey()
                ids, mask = padded(part, chosen, 0)
                windows = windows_of(part, chosen)
                packing = packing_of(windows.lengths, mask.shape[1])
                hidden = embedded(bert, ids.reshape(-1)[packing.places], packing)
                hidden = run_layers(bert.encoder.layer[:n_layers], hidden, packing)
                begins = np.repeat(windows.starts, mask.shape[1])[packing.places.numpy()]
                rows[start + begins + packing.positions.numpy()] = hidden.numpy()
            start += len(part.ids)
    bert.train(was_training)

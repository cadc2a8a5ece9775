from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel

from core.base_models import onnx_export
from core.base_models.onnx_export import ExportMismatch, export_onnx
from core.base_models.runtime import open_session


class TinyClassifier(torch.nn.Module):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.model = AutoModel.from_pretrained(folder)
        self.head = torch.nn.Linear(16, 3)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(states[:, 0])


def test_classifier_answers_the_same_on_any_shape(
    tiny_bert: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    module = TinyClassifier(tiny_bert)
    capfd.readouterr()
    export_onnx(module, torch.randint(4, 20, (3, 7)), tmp_path / "c.onnx", output_name="logits", max_length=40)
    assert capfd.readouterr().out == ""
    assert [p.name for p in tmp_path.iterdir()] == ["c.onnx"]
    ids = np.random.default_rng(1).integers(4, 20, (5, 40))
    (got,) = open_session(tmp_path / "c.onnx").run(["logits"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    module.eval()
    with torch.no_grad():
        expected = module(torch.from_numpy(ids), torch.ones(5, 40, dtype=torch.int64)).numpy()
    assert np.abs(got - expected).max() < 1e-3


def test_graph_that_answers_differently_is_not_put_in_place(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_export, "TOLERANCE", -1.0)
    with pytest.raises(ExportMismatch):
        export_onnx(TinyClassifier(tiny_bert), torch.randint(4, 20, (2, 5)), tmp_path / "c.onnx", output_name="logits")
    assert not list(tmp_path.iterdir())

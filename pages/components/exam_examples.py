"""Texts of the exam to try a model with: any, those it is not sure about, and those it got wrong."""

from core.domain.model import ModelVersion
from core.domain.task import AnswerKind
from core.i18n import gettext as _
from pages.components.session import workspace

EXAMPLE_CHARS = 400  # an example that fills the box teaches nothing


def kinds_of_examples(model: ModelVersion) -> dict[str, str]:
    if model.answers is not AnswerKind.CATEGORY:
        return {"any": _("Surprise me"), "wrong": _("One it got wrong")}
    return {"any": _("Surprise me"), "unsure": _("One it is not sure about"), "wrong": _("One it got wrong")}


def first_example(model: ModelVersion) -> str:
    """The sample's example, or one of the person's own texts that the model finds hard."""
    name = workspace().dataset(model.dataset_id).sample
    for sample in workspace().samples():
        if sample.name == name:
            return sample.try_text
    for kind in ("unsure", "wrong", "any") if model.answers is AnswerKind.CATEGORY else ("wrong", "any"):
        if texts := exam_texts(model, kind):
            return texts[0]
    return ""


def exam_texts(model: ModelVersion, kind: str) -> list[str]:
    if model.answers is AnswerKind.NUMBER:
        numbers = workspace().exam_numbers(model.id)
        errors = (numbers["predicted"] - numbers["label"]).abs()
        found = numbers[errors >= errors.quantile(0.9)] if kind == "wrong" else numbers
        return [text for text in found["text"] if len(text) <= EXAMPLE_CHARS]
    if model.answers is AnswerKind.CATEGORIES:
        sets = workspace().exam_several(model.id)
        found = sets[sets["label"] != sets["predicted"]] if kind == "wrong" else sets
        return [text for text in found["text"] if len(text) <= EXAMPLE_CHARS]
    rows = workspace().exam_rows(model.id, wrong_only=kind == "wrong")
    if kind == "unsure":
        rows = rows[rows["probability"] < rows["predicted"].map(model.rule.threshold_of)]
    return [text for text in rows["text"] if len(text) <= EXAMPLE_CHARS]

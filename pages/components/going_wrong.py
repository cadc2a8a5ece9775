"""What goes wrong and what would make it better: the parts of the report below the mix-ups, in their order."""

from core.domain.model import ModelVersion
from pages.components.advice import show_advice
from pages.components.session import workspace
from pages.components.slices import show_slices
from pages.components.studies import show_study


def show_going_wrong(model: ModelVersion) -> None:
    show_advice(model)
    show_slices(model)
    show_study("label_mistakes", model)
    corrected = workspace().corrected_version(model.dataset_id)
    if corrected is not None:
        show_study("fixes_gain", model, {"dataset_id": corrected.id})
    show_study("learning_curve", model)
    show_study("robustness", model)
    show_study("fairness", model)
    show_study("fairness_wording", model)

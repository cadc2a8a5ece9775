"""Pages of a model that lost a file say so in words and go on with what they can show."""

from core.workspace import Workspace
from tests.pages.conftest import OpenPage
from tests.pages.model_seeds import publish_model


def test_every_page_stays_in_words(open_page: OpenPage, workspace: Workspace) -> None:
    model = publish_model(workspace)
    (workspace.settings.models_dir / str(model.id) / "model.json").unlink()
    told = {"report": {"model": str(model.id)}, "try": {"model": str(model.id), "text": "my money"}, "home": {}}
    for page, params in told.items():
        test = open_page(page, **params)
        assert not test.exception, page
        errors = [error.value.replace("\\", "") for error in test.error]
        assert all("missing or damaged" in error for error in errors), page
        assert len(errors) == (page in ("report", "try")), (page, errors)

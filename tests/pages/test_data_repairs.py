"""Findings are mended with one click, listed in words, and undone one by one."""

import io
import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.dataset import Severity
from core.domain.message import msg
from core.domain.repair import Fix
from core.workspace import Workspace
from tests.pages.conftest import OpenPage
from tests.pages.data_seeds import add_table, finding, merge, merge_fix, tickets, with_findings

pytestmark = pytest.mark.usefixtures("in_this_process")


def markdown_of(test: AppTest) -> str:
    return "\n".join(element.value for element in (*test.markdown, *test.caption, *test.subheader))


def test_a_fix_makes_a_new_version_and_says_what_it_did(open_page: OpenPage, workspace: Workspace) -> None:
    seed = add_table(workspace, tickets())
    dataset = with_findings(workspace, seed, finding("similar_labels", Severity.WARNING, merge_fix("payment")))
    test = open_page("data", dataset=dataset.id)
    assert test.warning[0].value.startswith("**Training can start.**")

    test.button(key=f"fix_{dataset.id}_similar_labels_merge_payment").click().run()

    assert not test.exception
    after = workspace.dataset(test.query_params["dataset"])
    assert after.operations == (merge("payment"),)
    assert after.label_counts["payment"] == 12
    assert "Done: Merge “Payment” into “payment”. 4 rows changed." in markdown_of(test)
    assert [toast.value for toast in test.toast]

    test.button(key="undo_last").click().run()
    assert test.query_params["dataset"] == seed.id
    assert workspace.datasets()[0].id == seed.id, "what a person went back to is the newest version"
    assert "Undone: Merge" in markdown_of(test)


def test_several_groups_of_names_are_merged_at_once(open_page: OpenPage, workspace: Workspace) -> None:
    fixes = [merge_fix(name) for name in ("payment", "delivery", "return")]
    dataset = with_findings(
        workspace, add_table(workspace, tickets()), finding("similar_labels", Severity.WARNING, *fixes)
    )
    test = open_page("data", dataset=dataset.id)
    button = test.button(key=f"fix_{dataset.id}_similar_labels_all")
    assert button.label == "Merge all 3 groups"
    button.click().run()
    assert len(workspace.dataset(test.query_params["dataset"]).operations) == 3
    test.button(key="undo_last").click().run()
    assert workspace.dataset(test.query_params["dataset"]).operations == ()


def test_a_repair_that_makes_no_sense_is_refused_where_it_was_asked_for(
    open_page: OpenPage, workspace: Workspace
) -> None:
    fix = Fix(key="odd", title=msg("Do it"), operation=merge("payment"))
    object.__setattr__(fix.operation, "params", {"labels": "no list"})
    dataset = with_findings(workspace, add_table(workspace, tickets()), finding("imbalance", Severity.WARNING, fix))
    test = open_page("data", dataset=dataset.id)
    test.button(key=f"fix_{dataset.id}_imbalance_odd").click().run()
    assert not test.exception
    assert test.error[0].value
    assert test.query_params["dataset"] == dataset.id
    assert not test.run().error, "it is shown once"


def test_findings_called_fine_are_put_away_and_come_back(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = with_findings(
        workspace,
        add_table(workspace, tickets()),
        finding("imbalance", Severity.WARNING, message="It is lopsided."),
        finding("too_few", Severity.BLOCKING, message="It is too small."),
    )
    test = open_page("data", dataset=dataset.id)
    assert "Training cannot start yet." in test.error[0].value
    keys = {button.key for button in test.button}
    assert f"fine_{dataset.id}_imbalance" in keys
    assert f"fine_{dataset.id}_too_few" not in keys, "what blocks is no matter of taste"

    test.button(key=f"fine_{dataset.id}_imbalance").click().run()
    assert test.query_params["fine"] == "imbalance"
    again = open_page("data", dataset=dataset.id, fine="imbalance")
    assert f"fine_{dataset.id}_imbalance" not in {button.key for button in again.button}
    again.button(key="again_imbalance").click().run()
    assert "fine" not in again.query_params


def test_every_repair_is_listed_in_words_with_undo(open_page: OpenPage, workspace: Workspace) -> None:
    seed = add_table(workspace, tickets())
    dataset = workspace.repair(seed.id, merge("payment"), merge("delivery"), merge("delivery"))
    test = open_page("data", dataset=dataset.id, view="repairs")
    words = markdown_of(test)
    assert "1\\. **Merge “Payment” into “payment”**" in words
    assert "4 rows changed." in words
    assert "It found nothing to change." in words, "a repair that found nothing is said so"

    test.button(key=f"undo_{dataset.id}_1").click().run()
    assert workspace.dataset(test.query_params["dataset"]).operations == (merge("delivery"), merge("delivery"))
    assert test.query_params["view"] == "repairs"

    test.button(key="undo_all").click().run()
    assert test.query_params["dataset"] == seed.id
    assert "No repairs yet" in test.info[0].value


def test_repairs_are_saved_and_done_again_on_another_table(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = workspace.repair(add_table(workspace, tickets()).id, merge("payment"))
    exported = json.dumps(workspace.export_operations(dataset.id)).encode()
    november = add_table(workspace, tickets(start=100), "november.csv")
    test = open_page("data", dataset=november.id, view="repairs")
    replay = next(uploader for uploader in test.file_uploader if uploader.label.startswith("A list of repairs"))
    replay.upload("repairs.json", exported)
    test.run()
    assert not test.exception
    mended = workspace.dataset(test.query_params["dataset"])
    assert mended.name == "november"
    assert "Payment" not in mended.label_counts


def test_a_file_that_is_no_list_of_repairs_is_refused(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = add_table(workspace, tickets())
    for content in (b"\x00\xff", b"[1, 2]", b'{"operations": [{"name": "no such repair", "params": {}}]}'):
        test = open_page("data", dataset=dataset.id, view="repairs")
        replay = next(uploader for uploader in test.file_uploader if uploader.label.startswith("A list of repairs"))
        replay.upload("repairs.json", content)
        test.run()
        assert not test.exception
        assert test.error[0].value.count("\n"), "a hint stands below the message"


def test_rows_of_another_file_are_added(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = add_table(workspace, tickets())
    test = open_page("data", dataset=dataset.id, view="repairs")
    more = next(uploader for uploader in test.file_uploader if uploader.label == "A file with more rows")
    more.upload("more.csv", tickets(start=8).encode())
    test.run()
    assert not test.exception
    after = workspace.dataset(test.query_params["dataset"])
    assert after.n_rows == 72
    words = markdown_of(test)
    assert "36 rows added." in words
    assert re.search(r"12 of them are copies", words)


def test_categories_are_merged_renamed_and_left_out_by_hand(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = add_table(workspace, tickets())
    test = open_page("data", dataset=dataset.id)
    test.session_state["change_categories"] = True
    test.run()
    test.multiselect(key=f"categories_chosen_{dataset.id}").set_value(["Payment", "payment"]).run()
    test.button(key="merge_categories").click().run()
    merged = workspace.dataset(test.query_params["dataset"])
    assert merged.label_counts["payment"] == 12

    test.session_state["change_categories"] = True
    test.run()
    test.multiselect(key=f"categories_chosen_{merged.id}").set_value(["Return", "return"]).run()
    test.button(key="drop_labels_categories").click().run()
    assert "return" not in workspace.dataset(test.query_params["dataset"]).label_counts


def test_each_table_is_listed_once_with_its_repairs(open_page: OpenPage, workspace: Workspace) -> None:
    seed = add_table(workspace, tickets())
    dataset = workspace.repair(seed.id, merge("payment"))
    for page in ("data", "home"):
        test = open_page(page)
        cards = [caption.value for caption in test.caption if "36 examples" in caption.value]
        assert len(cards) == 1
        assert "1 repair" in cards[0]
    assert open_page("train").selectbox[0].options == ["tickets · 36 examples · 1 repair"]
    assert open_page("train", dataset=seed.id).selectbox[0].options == ["tickets · 36 examples"]
    assert workspace.datasets()[0].id == dataset.id


def test_delete_says_what_goes_with_one_version_and_with_all(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = workspace.repair(add_table(workspace, tickets()).id, merge("payment"))
    for what, consequence in (("one", "Making its repairs again brings it back"), ("all", "This cannot be undone")):
        test = open_page("data", dataset=dataset.id)
        test.session_state[f"delete_what_{dataset.id}"] = what
        test.button(key="delete_dataset").click().run()
        assert consequence in markdown_of(test)


def test_versions_and_changes_speak_chinese_where_the_reader_does(open_page: OpenPage, workspace: Workspace) -> None:
    dataset = workspace.repair(add_table(workspace, tickets()).id, merge("payment"))
    for view in ("findings", "repairs"):
        test = open_page("data", lang="zh_CN", dataset=dataset.id, view=view)
        assert not test.exception
    assert io.BytesIO(json.dumps(workspace.export_operations(dataset.id)).encode()).read(1) == b"{"


def test_two_versions_are_compared_from_an_address(open_page: OpenPage, workspace: Workspace) -> None:
    seed = add_table(workspace, tickets())
    dataset = workspace.repair(seed.id, merge("payment"))
    test = open_page("data", dataset=dataset.id, view="repairs", compare=seed.id)
    assert not test.exception
    assert "4 rows changed their category" in [expander.label for expander in test.expander]
    counts = next(frame.value for frame in test.dataframe if "more" in frame.value)
    assert dict(zip(counts["label"], counts["more"], strict=True)) == {"Payment": -4, "payment": 4}
    assert "Repairs that only this version has" in markdown_of(test)


def test_last_months_repairs_are_offered_to_a_fresh_table(open_page: OpenPage, workspace: Workspace) -> None:
    workspace.repair(add_table(workspace, tickets()).id, merge("payment"), merge("return"))
    november = add_table(workspace, tickets(start=100), "november.csv")
    test = open_page("data", dataset=november.id)
    assert "“tickets” has the same columns and 2 repairs" in markdown_of(test)
    test.button(key="replay_offer").click().run()
    mended = workspace.dataset(test.query_params["dataset"])
    assert mended.operations == (merge("payment"), merge("return"))
    assert mended.upload == november.upload
    assert "replay_offer" not in {button.key for button in test.button}

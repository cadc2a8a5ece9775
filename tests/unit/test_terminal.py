"""The terminal is a contract: shapes on stdout, exit codes, nothing else on stdout, and it starts at once."""

import json
import os
import subprocess
import sys
import time
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.dataset import TableFormat, Upload
from core.domain.job import Job, JobFailure, JobKind, JobStatus, Stage
from core.domain.message import msg
from core.errors import UserError
from core.settings import PROJECT_DIR
from core.terminal import main as terminal
from core.terminal.answer import printable, table
from core.terminal.inputs import overrides, table_format
from core.terminal.parser import UsageError, build_parser
from core.terminal.records import job_json
from core.terminal.training import _result

CSV = "text,label\n" + "".join(
    f"please send my money back {i},refund\nwhere is parcel number {i},delivery\n" for i in range(30)
)


def run(home: Path, *argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "TUNEDESK_HOME": str(home), "LC_ALL": "C.UTF-8", **environment}
    return subprocess.run(
        [sys.executable, "-m", "core", *argv],
        cwd=PROJECT_DIR,
        env=settings,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_help_comes_at_once_and_loads_nothing_heavy():
    code = (
        "import sys, core.__main__; from core.terminal.parser import build_parser; build_parser(); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_DIR, capture_output=True, text=True
    ).stdout.split()
    assert not {"torch", "pandas", "numpy", "sqlalchemy", "streamlit"} & set(loaded)
    started = time.monotonic()
    done = run(Path("unused"), "--help")
    assert done.returncode == 0 and "train" in done.stdout
    assert time.monotonic() - started < 5  # 0.14 s on a free core


@pytest.mark.parametrize(
    "argv",
    [
        ["train", "--preset", "quick"],
        ["jobs", "show"],
        ["jobs", "show", "three"],
        ["predict", "1"],
        ["predict", "1", "--text", "a", "--file", "b.csv"],
        ["train", "--data", "a.csv", "--preset", "slow"],
        ["dance"],
        [],
    ],
)
def test_wrong_arguments_are_the_persons_error_and_json_all_the_same(argv, capsys):
    assert terminal.main([*argv, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["error"]["code"] == "usage" and "--help" in answer["error"]["hint"]


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (
            "data add a.csv --test b.csv --text t --label l --encoding gb18030 --delimiter ; --sheet S --json",
            "data_add",
        ),
        (
            "train --data a.csv --test b.csv --text t --label l --preset best --base-model m --seed 3 --set epochs=2",
            "train",
        ),
        ("train --dataset 0123 --no-wait --json", "train"),
        ("jobs --json", "jobs_list"),
        ("jobs list --json", "jobs_list"),
        ("jobs show 3 --json", "jobs_show"),
        ("jobs --json cancel 3", "jobs_cancel"),
        ("jobs stop 3", "jobs_stop"),
        ("jobs resume 3", "jobs_resume"),
        ("jobs delete 3", "jobs_delete"),
        ("models --json", "models_list"),
        ("models show 3 --json", "models_show"),
        ("models delete 3", "models_delete"),
        ("models policy 3 --mistakes 2 --own refund=0.9 --own other=never --save --json", "models_policy"),
        ("models policy 3 --reset", "models_policy"),
        ("goal show 0123 --json", "goal_show"),
        (
            "goal set 0123 --use suggest --messages 5000 --wrong-cost 20 --reading-cost open --worst a b --weight 5",
            "goal_set",
        ),
        ("evaluate 3 a.csv --text t --label l --json", "evaluate"),
        ("predict 3 --text hello --json", "predict"),
        ("predict 3 --file a.csv --out b.xlsx --column t --json", "predict"),
        ("worker", "worker"),
        ("doctor --json", "doctor"),
    ],
)
def test_every_promised_command_is_understood(argv, command):
    from core.terminal.commands import COMMANDS

    assert build_parser().parse_args(argv.split()).command == command
    assert command in COMMANDS


def test_settings_are_name_and_value_pairs():
    args = build_parser().parse_args(
        ["train", "--dataset", "x", "--seed", "7", "--set", "epochs=2", "--set", "device=cpu"]
    )
    assert overrides(args) == {"seed": 7, "epochs": "2", "device": "cpu"}
    args = build_parser().parse_args(["train", "--dataset", "x", "--set", "epochs"])
    with pytest.raises(Exception, match="“epochs” is no setting"):
        overrides(args)


@pytest.mark.parametrize(("told", "meant"), [(None, None), (";", ";"), ("tab", "\t"), ("\\t", "\t"), ("\t", "\t")])
def test_delimiter_can_be_named(told, meant):
    args = Namespace(encoding="gb18030", delimiter=told)
    csv, excel = (Upload(sha256="0", filename=name, n_bytes=1) for name in ("a.CSV", "a.xlsx"))
    assert table_format(args, csv) == TableFormat(encoding="gb18030", delimiter=meant)
    assert table_format(args, excel, sheet="S") == TableFormat(sheet="S")


def test_what_does_not_separate_cells_is_no_delimiter():
    with pytest.raises(UserError, match="does not separate"):
        table_format(Namespace(encoding=None, delimiter="xx"), Upload(sha256="0", filename="a.csv", n_bytes=1))


def test_options_cannot_be_abbreviated_so_that_new_ones_break_no_script():
    with pytest.raises(UsageError):
        build_parser().parse_args(["jobs", "list", "--js"])


def job(status: JobStatus, error: JobFailure | None = None) -> Job:
    return Job(
        id=3, kind=JobKind.TRAIN, payload={}, title="a.csv", status=status, wish="", stage=Stage.TRAINING, percent=41.5,
        seconds_left=(60.0, 90.0), queue_position=None, attempt=2, run_id=5, model_id=None, error=error,
        created_at=datetime(2026, 1, 1, tzinfo=UTC), started_at=None, finished_at=None, result={},
    )  # fmt: skip


def test_job_has_the_promised_shape():
    shown = job_json(job(JobStatus.FAILED, JobFailure(code="disk_full", message=msg("Full."), hint=msg("Make room."))))
    promised = {
        "job_id": 3,
        "kind": "train",
        "status": "failed",
        "stage": "training",
        "percent": 41.5,
        "seconds_left": [60.0, 90.0],
        "queue_position": None,
        "attempt": 2,
        "run_id": 5,
        "model_id": None,
        "error": {"code": "disk_full", "message": "Full.", "hint": "Make room."},
    }
    assert promised.items() <= shown.items()


@pytest.mark.parametrize(
    ("ended", "code", "exit_code"),
    [
        (job(JobStatus.FAILED, JobFailure(code="out_of_memory", message=msg("Too big."))), "out_of_memory", 1),
        (job(JobStatus.FAILED, JobFailure(code="bug", message=msg("Sorry."))), "bug", 2),
        (job(JobStatus.CANCELLED), "cancelled", 1),
    ],
)
def test_training_that_did_not_end_well_says_so_by_its_exit_code(ended, code, exit_code):
    answer = _result(ended, None)
    assert (answer.exit_code, answer.data["error"]["code"], answer.data["status"]) == (
        exit_code,
        code,
        ended.status.value,
    )


def test_table_lines_up_chinese_and_numbers():
    assert table(("类别", "rows"), [("退款", 7), ("x", 123)]).split("\n") == [
        "类别  rows",
        "----  ----",
        "退款     7",
        "x      123",
    ]


def test_control_characters_of_a_cell_do_not_reach_the_terminal():
    assert printable("a\x1b[2Jb\x9bc\nd\x00") == "a\ufffd[2Jb\ufffdc\nd\ufffd"


def test_missing_file_is_told_in_the_language_of_the_terminal(tmp_path):
    done = run(tmp_path, "data", "add", "nothing.csv")
    assert (done.returncode, done.stdout) == (1, "") and "There is no file nothing.csv." in done.stderr
    done = run(tmp_path, "data", "add", "nothing.csv", "--json", LC_ALL="zh_CN.UTF-8")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["message"] == "There is no file nothing.csv."


def test_workspace_that_cannot_be_opened_is_the_persons_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = run(tmp_path / "file" / "home", "models", "--json")
    assert done.returncode == 1
    assert "TUNEDESK_HOME" in json.loads(done.stdout)["error"]["hint"]


def test_our_bug_is_logged_with_its_number(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path))

    def broken(args, here):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(terminal, "_run", broken)
    assert terminal.main(["doctor", "--json"]) == 2
    printed = capsys.readouterr()
    error = json.loads(printed.out)["error"]
    (log,) = (tmp_path / "logs").iterdir()
    assert error["code"] == "bug" and log.stem in error["message"] and str(log) in error["hint"]
    assert "secret detail" in log.read_text() and "secret detail" not in printed.out + printed.err


def test_whatever_a_library_prints_stays_off_stdout(tmp_path, monkeypatch, capsys):
    from core.terminal.answer import Answer

    monkeypatch.setenv("TUNEDESK_HOME", str(tmp_path))

    def chatty(args, here):
        print("loading...")
        return Answer(data={"ok": True}, text="fine")

    monkeypatch.setattr(terminal, "_run", chatty)
    assert terminal.main(["doctor", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"ok": True} and "loading" in printed.err


def ask(home: Path, monkeypatch, capsys, *argv: str) -> tuple[int, dict]:
    """The same in this process: exit code and the JSON object."""
    monkeypatch.setenv("TUNEDESK_HOME", str(home))
    exit_code = terminal.main([*argv, "--json"])
    return exit_code, json.loads(capsys.readouterr().out)


def test_data_goes_in_is_listed_shown_and_deleted(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.csv").write_text(CSV + ",refund\n", encoding="gb18030")
    home = tmp_path / "home"
    done = run(home, "data", "add", str(tmp_path / "a.csv"), "--json")
    assert done.returncode == 0, done.stderr
    added = json.loads(done.stdout)
    assert (added["text"], added["label"], added["n_rows"], added["n_used"]) == ("text", "label", 61, 60)
    assert added["labels"] == {"refund": 30, "delivery": 30}
    blank = next(finding for finding in added["findings"] if finding["code"] == "blank_text")
    assert (blank["count"], blank["rows"], blank["file"]) == (1, [62], "practice")
    assert set(blank) == {"code", "severity", "count", "rows", "message", "advice", "file", "fixes"}
    dataset_id = added["dataset_id"]
    _code, listed = ask(home, monkeypatch, capsys, "data")
    assert [one["dataset_id"] for one in listed["datasets"]] == [dataset_id]
    assert terminal.main(["data", "show", dataset_id]) == 0
    assert "refund" in capsys.readouterr().out
    assert ask(home, monkeypatch, capsys, "data", "delete", dataset_id) == (
        0,
        {"dataset_id": dataset_id, "deleted": True},
    )
    exit_code, gone = ask(home, monkeypatch, capsys, "data", "show", dataset_id)
    assert (exit_code, gone["error"]["code"]) == (1, "not_found")


def test_empty_workspace_lists_nothing_and_knows_no_ids(tmp_path, monkeypatch, capsys):
    for noun in ("jobs", "runs", "models"):
        assert ask(tmp_path, monkeypatch, capsys, noun) == (0, {noun: []})
    for argv in (
        ["jobs", "show", "7"],
        ["jobs", "cancel", "7"],
        ["models", "show", "7"],
        ["predict", "7", "--text", "a"],
    ):
        exit_code, answer = ask(tmp_path, monkeypatch, capsys, *argv)
        assert (exit_code, answer["error"]["code"]) == (1, "not_found"), argv


def test_a_messy_table_is_repaired_from_the_terminal_and_next_month_too(tmp_path, monkeypatch, capsys):
    def do(*argv: str) -> dict:
        exit_code, answer = ask(tmp_path / "home", monkeypatch, capsys, "data", *argv)
        assert exit_code == 0, answer
        return answer

    messy = CSV + "".join(f"write to jo{i}@example.com about it,Refund \n" for i in range(3))
    may, june, listed, out = (tmp_path / name for name in ("may.csv", "june.csv", "ops.json", "may.xlsx"))
    may.write_text(messy)
    june.write_text(messy.replace("number 7", "number 70"))
    origin = do("add", str(may), "--text", "text", "--label", "label")["dataset_id"]
    fixes = {f["code"]: [fix["key"] for fix in f["fixes"]] for f in do("findings", origin)["findings"]}
    mended = [code for code, keys in fixes.items() if keys][:2]
    assert len(mended) == 2, fixes
    version = origin
    for code in mended:
        version = do("fix", version, code, "--choose", fixes[code][0])["dataset_id"]
    labeled = do("label", version, "--row", "2", "3", "--label", "delivery")
    assert [one["n"] for one in labeled["repairs"]] == [1, 2, 3]
    assert labeled["repairs"][2]["name"] == "set_label" and labeled["repairs"][2]["n_changed"] == 1
    undone = do("undo", labeled["dataset_id"], "2")
    assert [one["name"] for one in do("ops", undone["dataset_id"], "--out", str(listed))["repairs"]] == [
        labeled["repairs"][0]["name"],
        "set_label",
    ]
    assert do("export", undone["dataset_id"], "--out", str(out))["n_rows"] == undone["n_rows"] and out.is_file()
    assert len(do("versions", origin)["versions"]) == 5
    second = do("add", str(june))["dataset_id"]
    replayed = do("replay", second, str(listed))
    assert len(replayed["repairs"]) == 2 and replayed["left_out"] == []
    assert do("compare", second, replayed["dataset_id"])["label_changed"]["count"] >= 1
    longer = do("append", replayed["dataset_id"], str(may))
    assert longer["repairs"][-1]["n_added"] == 63
    assert do("delete", second, "--all-versions")["deleted"]
    assert terminal.main(["data", "ops", undone["dataset_id"]]) == 0
    assert "1 row changed" in capsys.readouterr().out
    listed.write_text("[]")
    exit_code, refused = ask(tmp_path / "home", monkeypatch, capsys, "data", "replay", origin, str(listed))
    assert (exit_code, refused["error"]["code"]) == (1, "bad_data")


def test_label_mistakes_are_decided_and_corrected_from_the_terminal(tmp_path, monkeypatch, capsys, in_this_process):
    (tmp_path / "a.csv").write_text(CSV)

    def do(*argv: str) -> dict:
        exit_code, answer = ask(tmp_path / "home", monkeypatch, capsys, *argv)
        assert exit_code == 0, answer
        return answer

    data = do("data", "add", str(tmp_path / "a.csv"))["dataset_id"]
    assert do("mistakes", "decide", data, "2", "--change", "delivery")["verdict"] == "change"
    do("mistakes", "decide", data, "3", "--leave-out")
    do("mistakes", "decide", data, "4", "--keep")
    assert do("mistakes", "undo", data)["row"] == 4
    listed = do("mistakes", "list", data)
    assert [one["row"] for one in listed["decisions"]] == [2, 3] and listed["n_corrections"] == 2
    made = do("mistakes", "apply", data)
    assert made["labels"] == {"refund": 29, "delivery": 30}
    exit_code, refused = ask(tmp_path / "home", monkeypatch, capsys, "mistakes", "decide", data, "2")
    assert (exit_code, refused["error"]["code"]) == (1, "usage")


def test_studies_are_listed_and_asked_for_from_the_terminal(tmp_path, monkeypatch, capsys):
    _code, listed = ask(tmp_path, monkeypatch, capsys, "study")
    assert {"learning_curve", "label_mistakes"} <= {one["name"] for one in listed["studies"]}
    for argv in (
        ["study", "show", "7", "learning_curve"],
        ["study", "start", "7", "learning_curve"],
        ["study", "list", "7"],
    ):
        exit_code, answer = ask(tmp_path, monkeypatch, capsys, *argv)
        assert (exit_code, answer["error"]["code"]) == (1, "not_found"), argv

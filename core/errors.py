"""Errors that are meant for people. Anything else that is raised is our bug and goes to the log."""

from core.domain.message import Message


class UserError(Exception):
    """Something the person can mend: what was found and where (`message`), and what to do next (`hint`).

    Build both with `msg(...)` so that a page can show them in the reader's language.
    """

    code = "user_error"  #: stable name for scripts; `--json` prints it

    def __init__(self, message: Message, *, hint: Message | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else str(self.message)


class UnreadableFile(UserError):
    """The bytes are no table: not text, empty, damaged, or over a limit."""

    code = "unreadable_file"


class BadData(UserError):
    """The table was read but cannot be learned from as it is."""

    code = "bad_data"


class NotFound(UserError):
    """No such dataset, job, run, model or column."""

    code = "not_found"


class DamagedModel(UserError):
    """Files of a published model are gone, cut short or damaged."""

    code = "damaged_model"


class WeightsUnavailable(UserError):
    """The base model's weights are missing, damaged, unsafe, or the hub cannot be reached."""

    code = "weights_unavailable"


class TrainingDiverged(UserError):
    """The loss became NaN or infinite."""

    code = "training_diverged"


class NotPossible(UserError):
    """The thing exists but is in a state that does not allow this act (cancel a finished job, say)."""

    code = "not_possible"

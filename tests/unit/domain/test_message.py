"""A stored sentence speaks whichever language is asked for later."""

import json

from core.domain.message import Message, msg, nmsg


def test_number_decides_the_form() -> None:
    assert str(nmsg("{n} row", "{n} rows", 1)) == "1 row"
    assert str(nmsg("{n} row", "{n} rows", 0)) == "0 rows"


def test_message_to_json_and_back() -> None:
    for message in (msg("plain"), msg("{who}", who="{n}"), nmsg("{n} row in {f}", "{n} rows in {f}", 3, f="a.csv")):
        assert Message.from_json(json.loads(json.dumps(message.to_json()))) == message


def test_braces_in_values_are_inert() -> None:
    assert str(msg("Column {name}", name="{0.__class__}")) == "Column {0.__class__}"

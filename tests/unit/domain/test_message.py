"""A stored sentence speaks whichever language is asked for later."""

import json

from core.domain.message import Message, msg, nmsg
from core.domain.plain import from_plain, to_plain
from core.i18n import say, speaking


def test_number_decides_the_form() -> None:
    assert str(nmsg("{n} row", "{n} rows", 1)) == "1 row"
    assert str(nmsg("{n} row", "{n} rows", 0)) == "0 rows"


def test_message_to_json_and_back() -> None:
    for message in (msg("plain"), msg("{who}", who="{n}"), nmsg("{n} row in {f}", "{n} rows in {f}", 3, f="a.csv")):
        assert Message.from_json(json.loads(json.dumps(message.to_json()))) == message


def test_braces_in_values_are_inert() -> None:
    assert str(msg("Column {name}", name="{0.__class__}")) == "Column {0.__class__}"


def test_a_message_within_a_message_is_said_in_the_same_language_and_stored_with_it() -> None:
    nested = msg("{choice} is worth a try", choice=nmsg("{n} pass", "{n} passes", 3))
    assert str(nested) == "3 passes is worth a try"
    assert Message.from_json(json.loads(json.dumps(nested.to_json()))) == nested
    assert from_plain(Message, json.loads(json.dumps(to_plain(nested)))) == nested
    with speaking("zh_CN"):
        assert say(msg("{a}/{b}", a=msg("Train again"), b=1)) == "再次训练/1"

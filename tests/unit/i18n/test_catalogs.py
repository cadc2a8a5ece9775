"""The catalogs and the code say the same: nothing missing, stale, fuzzy or with other placeholders."""

from pathlib import Path

import pytest

from core import i18n
from core.domain.message import msg, nmsg
from core.i18n import catalogs


@pytest.mark.parametrize("language", catalogs.TRANSLATED)
def test_every_text_of_the_code_is_translated_and_no_translation_is_stale(language: str) -> None:
    assert catalogs.problems(language) == []


def test_texts_inside_f_strings_are_found_and_texts_made_at_run_time_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogs, "PROJECT_DIR", tmp_path)
    monkeypatch.setattr(catalogs, "SOURCES", ("page.py",))
    (tmp_path / "page.py").write_text("""print(f"**{_('Settings')}**")""", "utf-8")
    assert [entry.id for entry in catalogs.extract() if entry.id] == ["Settings"]
    (tmp_path / "page.py").write_text("""msg(f"Hello {name}")""", "utf-8")
    with pytest.raises(catalogs.NotLiteral, match=r"page\.py:1: msg"):
        catalogs.extract()


def test_problems_names_missing_stale_fuzzy_and_differing_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "code"
    source.mkdir()
    (source / "page.py").write_text('_("Hello {name}"); ngettext("{n} row", "{n} rows", 2); _("New")', "utf-8")
    monkeypatch.setattr(catalogs, "PROJECT_DIR", tmp_path)
    monkeypatch.setattr(catalogs, "SOURCES", ("code",))
    monkeypatch.setattr(catalogs, "CATALOG_DIR", tmp_path)
    (tmp_path / "zh_CN.po").write_text(
        'msgid "Hello {name}"\nmsgstr "你好 {nmae}"\n\n'
        '#, fuzzy\nmsgid "{n} row"\nmsgid_plural "{n} rows"\nmsgstr[0] "{n} 行"\n\n'
        'msgid "Old"\nmsgstr "旧"\n',
        "utf-8",
    )
    assert sorted(line.split(":")[0] for line in catalogs.problems("zh_CN")) == [
        "fuzzy",
        "missing",
        "placeholders differ",
        "stale",
    ]


def test_update_keeps_translations_drops_stale_ones_and_fills_from_fragments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "code"
    source.mkdir()
    (source / "page.py").write_text('msg("Kept"); nmsg("{n} row", "{n} rows", 2)', "utf-8")
    monkeypatch.setattr(catalogs, "PROJECT_DIR", tmp_path)
    monkeypatch.setattr(catalogs, "SOURCES", ("code",))
    monkeypatch.setattr(catalogs, "CATALOG_DIR", tmp_path)
    (tmp_path / "zh_CN.po").write_text('msgid "Kept"\nmsgstr "保留"\n\nmsgid "Old"\nmsgstr "旧"\n', "utf-8")
    fragment = tmp_path / "fragment.po"
    fragment.write_text(
        'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "{n} row"\nmsgid_plural "{n} rows"\nmsgstr[0] "{n} 行"\nmsgstr[1] ""\n',
        "utf-8",
    )

    catalogs.update("zh_CN", [fragment])

    assert catalogs.problems("zh_CN") == []
    assert {entry.id: entry.string for entry in catalogs.load("zh_CN") if entry.id} == {
        "Kept": "保留",
        ("{n} row", "{n} rows"): ("{n} 行",),
    }
    before = (tmp_path / "zh_CN.po").read_bytes()
    catalogs.update("zh_CN")
    assert (tmp_path / "zh_CN.po").read_bytes() == before


def test_say_speaks_both_languages_and_counts() -> None:
    one, many = nmsg("{n} row", "{n} rows", 1), nmsg("{n} row", "{n} rows", 3)
    assert (i18n.say(one), i18n.say(many)) == ("1 row", "3 rows")
    with i18n.speaking("zh_CN"):
        assert i18n.say(many) == "3 行"
        assert i18n.say(msg("Report")) == "报告"


def test_a_language_told_to_the_context_wins_over_the_followed_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_ask", i18n._ask)
    i18n.follow(lambda: "zh_CN")
    assert i18n.language() == "zh_CN"
    with i18n.speaking("en"):
        assert i18n.language() == "en"


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-CN", "zh_CN"), ("zh-TW", "zh_CN"), ("de-DE", "en"), ("", "en"), (None, "en")]
)
def test_first_language_follows_the_browser(locale: str | None, language: str) -> None:
    assert i18n.best_language(locale) == language

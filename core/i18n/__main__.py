"""`python -m core.i18n check`, or `update [--from FOLDER]` to merge the code's texts into the catalogs."""

import argparse
import sys
from pathlib import Path

from core.i18n import catalogs


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.i18n", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("extract", help="print every marked text of the code")
    commands.add_parser("check", help="list what is missing, stale, fuzzy or has other placeholders")
    update = commands.add_parser("update", help="rewrite the catalogs from the code")
    update.add_argument("--from", dest="folder", type=Path, help="take translations from the .po files in this folder")
    options = parser.parse_args(arguments)
    if options.command == "extract":
        for entry in catalogs.extract():
            if entry.id:
                print(entry.id if isinstance(entry.id, str) else " | ".join(entry.id))
        return 0
    if options.command == "update":
        extra = sorted(options.folder.glob("*.po")) if options.folder else []
        for language in catalogs.TRANSLATED:
            catalogs.update(language, extra)
    found = [line for language in catalogs.TRANSLATED for line in catalogs.problems(language)]
    print("\n".join(found) or "Every text is translated.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""The workspace's verbs from a terminal: `python -m core`. One JSON object on stdout with `--json`, sentences without."""

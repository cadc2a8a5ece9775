"""Background work: a worker process, one child process a job, and what the two may assume of each other.

supervisor.py   keeps a worker alive (the server's lifespan, the terminal)
worker.py       claims jobs, starts their children, records what a dead child could not
child.py        one job in a process of its own
context.py      where a handler tells what it sees
failures.py     exceptions and exit codes in plain words
handlers/       one file a job kind
"""

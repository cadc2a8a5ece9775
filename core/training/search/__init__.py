"""The search for the best settings: what may be tried, how a trial is judged, and which one wins.

What holds: trial 1 is the recommended recipe and always runs to its end; the others are proposed from the trials that
are on record and the recipe's seed, so a search that was killed goes on with the very trial it was at and repeats none
that ended; the choice depends on finished trials only, and among equals the earlier one wins. How many trials fit into
the minutes is the clock's to say: two searches that finished the same trials choose the same settings.
"""

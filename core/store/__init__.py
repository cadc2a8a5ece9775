"""What is on record. One store a noun; every method is one short transaction and returns frozen records.

    store = Store.open(settings.database_path)
    store.datasets   add · get · list · delete
    store.jobs       enqueue · claim · get · list · set_wish · resume · delete, and what workers write:
                     progress · finish · fail · mark_cancelled · requeue ·
                     after_crash · running · wish
    store.runs       create · get · list · points · sparklines · rename · delete, and what workers write: record
    store.models     get · list · report · set_policy · delete, and what workers write: reserve · publish
    store.studies    get · list, and what workers write: publish
    store.goals      get · put
    store.decisions  put · list · take_back · forget
    store.start_training(dataset, recipe, name=...)   run and queued job in one transaction

Every write of a worker carries (job, attempt). When that attempt no longer owns the job the method raises `Fenced`, and
the worker's child must stop. Unknown ids raise `NotFound`. sqlalchemy is imported here and nowhere else.
"""

from core.store.fence import Fenced
from core.store.store import Store

__all__ = ["Fenced", "Store"]

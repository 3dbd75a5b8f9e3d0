"""How does a person learn that the database has no room, cannot be reached, or was busy with somebody else's work?

Nothing was done and nothing was saved, or it was done as a whole: the same form sent again is done once.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from chassis.database import is_away, is_conflict, is_full
from chassis.errors import Refusal
from chassis.language import Label

log = structlog.get_logger()


class NoRoom(Refusal):
    status, code = 503, "database_full"
    message = Label(
        "系统的磁盘已满,什么也没有保存。请通知系统管理员腾出空间,然后再提交一次。",
        "The system's disk is full and nothing was saved. Please tell the administrator to make room, then submit again.",
    )


class DatabaseAway(Refusal):
    status, code = 503, "database_away"
    message = Label(
        "数据库暂时无法访问。请稍后原样再提交一次:已经办成的不会重复办理。",
        "The database cannot be reached just now. Please submit the same again in a moment: nothing is done twice.",
    )


class Busy(Refusal):
    status, code = 503, "busy"
    message = Label(
        "同时有人在办理相关的单据,这次没有办成。请再提交一次。",
        "Somebody is working on the same documents, so nothing was done. Please submit again.",
    )


def refusal_of(error: BaseException) -> Refusal | None:
    """What to tell of an error of the database that is nobody's mistake; None of any other."""
    if is_full(error):
        return NoRoom()
    if is_away(error):
        return DatabaseAway()
    return Busy() if is_conflict(error) else None


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn such an error into its refusal."""
    try:
        yield
    except Refusal:
        raise
    except Exception as error:
        if (refusal := refusal_of(error)) is None:
            raise
        log.warning("the database is in trouble", code=refusal.code, error=repr(error))
        raise refusal from error

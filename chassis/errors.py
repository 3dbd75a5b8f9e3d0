"""How does the product say no? A refusal names what was wrong, with what, and the remedy, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from chassis.instants import FACTORY
from chassis.language import Label


class Refusal(Exception):
    """An expected no. Subclasses set `status`, a stable `code`, and message templates filled from the details.

    `field` names the form field the message belongs beside; every other exception is a bug and answers 500.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    message: ClassVar[Label] = Label("操作被拒绝。", "The action was refused.")
    field: ClassVar[str | None] = None

    def __init__(self, *, field: str | None = None, **details: Any) -> None:
        self.details = details
        self.at = field or self.field
        super().__init__(self.code, details)

    def __str__(self) -> str:
        return str(self.message).format_map({key: shown(value) for key, value in self.details.items()})

    @property
    def points(self) -> Sequence["Point"]:
        """What is wrong one by one, where a single field holds several mistakes; a page lists them."""
        return ()

    def problem(self) -> dict[str, Any]:
        """The body of an application/problem+json answer (RFC 9457)."""
        return {
            "type": f"/problems/{self.code}",
            "title": str(self.message)
            .partition("。")[0]
            .partition(". ")[0]
            .format_map({key: shown(value) for key, value in self.details.items()}),
            "status": self.status,
            "detail": str(self),
            "code": self.code,
            "field": self.at,
            "details": {key: shown(value) for key, value in self.details.items()},
        }


@dataclass(frozen=True, slots=True)
class Point:
    """One of several mistakes in one field's text: on which line and at which place of it, where that is known."""

    line: int | None
    place: str
    text: Label


def shown(value: Any) -> str:
    """A detail as a person reads it: lists joined, times on the factory's clock, numbers without needless zeros."""
    if isinstance(value, list | tuple | set | frozenset):
        return "、".join(str(item) for item in value) if value else "—"
    if isinstance(value, datetime):
        return f"{value.astimezone(FACTORY):%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


class NotSignedIn(Refusal):
    status, code = 401, "not_signed_in"
    message = Label("请先登录。", "Please sign in first.")


class WrongCredentials(Refusal):
    status, code, field = 401, "wrong_credentials", "password"
    message = Label("工号或密码不对。请重新输入。", "The employee id or password is wrong. Please try again.")


class TooManyAttempts(Refusal):
    status, code, field = 429, "too_many_attempts", "password"
    message = Label("登录尝试过多。请在一分钟后再试。", "Too many attempts to sign in. Please try again in a minute.")


class PostNotHeld(Refusal):
    status, code = 403, "post_not_held"
    message = Label(
        "{employee} 现在不任此操作所需的岗位({posts})。请由任该岗位的人办理。",
        "{employee} does not hold a post this needs now ({posts}). Please ask a holder to do it.",
    )


class NotTheirs(Refusal):
    status, code = 403, "not_theirs"
    message = Label(
        "{no} 的当事人不是 {employee}。此事只能由当事人本人办理。",
        "{no} does not concern {employee}. Only the person it concerns may see to this.",
    )


class NotFound(Refusal):
    status, code = 404, "not_found"
    message = Label("找不到{kind} {no}。请核对编号。", "There is no {kind} {no}. Please check the number.")


class WrongStatus(Refusal):
    code = "wrong_status"
    message = Label(
        "{no} 现在是“{status}”,不能变为“{target}”。请刷新后查看现状。",
        "{no} is {status} now and cannot become {target}. Please reload to see where it stands.",
    )


class SelfApproval(Refusal):
    status, code = 403, "self_approval"
    message = Label(
        "{employee} 是 {no} 的制单人,不能自己审批。请由另一位有权的人审批。",
        "{employee} made {no} and may not approve it. Please ask another person with the right.",
    )


class KeyReused(Refusal):
    status, code, field = 422, "idempotency_key_reused", "idempotency_key"
    message = Label(
        "幂等键 {key} 已用于另一项内容不同的操作。请换一个新键。",
        "Idempotency key {key} was used for something else. Please send a new key.",
    )


class StaleForm(Refusal):
    code, field = "changed_meanwhile", "version"
    message = Label(
        "{no} 在您打开之后已被他人修改。请重新载入,核对后再提交。",
        "Somebody changed {no} after you opened it. Please reload, check and submit again.",
    )


class InvalidInput(Refusal):
    """The form's own fields are wrong; `errors` lists each as field, value and remedy."""

    status, code = 422, "invalid_input"
    message = Label(
        "有 {count} 处填写不对,请改正后再提交。", "{count} fields need correcting before this can be submitted."
    )

    def __init__(self, errors: list[dict[str, str]]) -> None:
        self.errors = errors
        super().__init__(field=errors[0]["field"] if errors else None, count=len(errors))

    def problem(self) -> dict[str, Any]:
        return {**super().problem(), "errors": self.errors}

"""What does a service need to know about the place it runs in?"""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.channels import Channel
from chassis.unshown import KeepsSecrets


class ClockMode(StrEnum):
    """Production reads the database's clock; scenarios, tests and the demo step it by hand."""

    REAL = "real"
    STEPPED = "stepped"


class Settings(KeepsSecrets, BaseSettings):
    """Read from HANDOVER_* environment variables; README.md of deploy/ lists them for operators.

    What has `repr=False` is or holds a password: nothing shows it, no error either.
    """

    model_config = SettingsConfigDict(env_prefix="HANDOVER_", extra="ignore")

    service: str
    database_url: str = Field(repr=False)
    broker_url: str = Field(repr=False)
    bus_prefix: str = ""
    clock: ClockMode = ClockMode.REAL
    host: str = "127.0.0.1"
    port: int = 8000
    signing_key_file: Path | None = None
    trusted_keys_file: Path | None = None
    accounts_file: Path | None = None
    token_secret: str = Field(min_length=32, repr=False)
    service_urls: dict[str, str] = Field(default_factory=dict)
    time_zone: str = "Asia/Shanghai"
    jaeger_url: str | None = None
    otlp_endpoint: str | None = None
    pool_size: int = 8
    prefetch: int = 50
    resend_after_seconds: float = 3.0
    watermark_seconds: float = 1.0
    head_wait_seconds: float = 2.0
    retention_days: float = 400
    secure_cookies: bool = False
    risk_at: tuple[int, ...] = (50, 75)
    warn: tuple[Channel, ...] = ()

    @field_validator("risk_at")
    @classmethod
    def within_the_working_time(cls, shares: tuple[int, ...]) -> tuple[int, ...]:
        """At 0 everything would be at risk as it arrives, from 100 on nothing ever; raises ValueError."""
        for share in shares:
            if not 1 <= share <= 99:
                raise ValueError(
                    f"HANDOVER_RISK_AT: {share} is no share of a working time that is left to warn in; "
                    "give whole percents from 1 to 99, such as [50, 75]"
                )
        return shares

    @field_validator("warn")
    @classmethod
    def named_apart(cls, channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
        """What was sent is remembered by the messenger's name; raises ValueError where two have one."""
        names = [channel.name for channel in channels]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(
                f"HANDOVER_WARN: more than one messenger is named {', '.join(twice)}; give each its own name"
            )
        return channels

"""How fast is the whole company on this machine? `./handover bench` measures and reports; it never fails by time.

Seven services with a database server and a broker of their own, fsync on, real clock, real HTTP. Every figure is of one
run on one machine, the load generator on it as well.
"""

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from deploy.local.place import PROJECT
from deploy.local.system import System
from deploy.local.telling import wide_console
from tests.bench import evidence, ledger, orders, pipe
from tests.bench.machine import described, memory_mib, processor_time
from tests.bench.report import Figure, Report
from tests.support.bench_order import factory_today, prepare
from tests.support.company import Company, company_of, founding
from tests.support.system import private_system


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. More takes longer and scatters less."""

    warm_up: int = 16
    orders: int = 120
    concurrency: int = 12
    probes: int = 20
    pipe: int = 4000
    flood: int = 20_000


QUICK = Size(warm_up=2, orders=4, concurrency=4, probes=2, pipe=400, flood=600)


@contextlib.contextmanager
def started(figures: list[Figure]) -> Iterator[System]:
    began = time.monotonic()
    with private_system(clock="real", founding=founding()) as system:
        figures.append(Figure("start-up", "everything, from an empty folder", time.monotonic() - began, "s", 60, True))
        yield system


async def measure(system: System, size: Size, figures: list[Figure], say: Console) -> None:
    admin = system.broker_url("admin")
    say.print("the minimal durable pipe …")
    single = await pipe.events_per_second(system.postgres_url, admin, total=size.pipe // 10, batch=1)
    batched = await pipe.events_per_second(system.postgres_url, admin, total=size.pipe, batch=pipe.BATCH)
    figures += [
        Figure("durable pipe", "one event at a time", single, "events/s"),
        Figure("durable pipe", f"in batches of {pipe.BATCH}", batched, "events/s"),
    ]
    async with company_of(system, poll_s=0.05) as company:
        await prepare(company, factory_today())
        say.print("bench orders, as many as the machine takes …")
        await orders.at_once(company, size.warm_up, size.concurrency)
        await measure_throughput(system, company, size, figures, single)
        say.print("bench orders, one a second …")
        since = datetime.now(UTC)
        await orders.steadily(company, size.probes, 1.0)
        travelled = await orders.hops(system.database_urls, since)
    figures += [
        Figure("hop at 1 order/s", "p50 commit to worklist", orders.percentile(travelled, 0.5) * 1000, "ms"),
        Figure("hop at 1 order/s", "p99 commit to worklist", orders.percentile(travelled, 0.99) * 1000, "ms", 50, True),
    ]
    figures += [
        Figure("memory", service.name, memory_mib(service), "MiB", 120, True) for service in system.services.values()
    ]
    say.print("ledger and judge …")
    await measure_evidence(system, size, figures)


async def measure_throughput(
    system: System, company: Company, size: Size, figures: list[Figure], single: float
) -> None:
    delays: list[float] = []
    watching = asyncio.create_task(evidence.watch_verdicts(system.database_url("accountability"), delays))
    before, asked = await orders.counted(system.database_urls), company.requests
    with processor_time(system) as spent:
        seconds = await orders.at_once(company, size.orders, size.concurrency)
    counts = await orders.counted(system.database_urls) - before
    watching.cancel()
    group = f"{size.concurrency} orders at a time"
    delays.sort()
    figures += [
        Figure(group, "orders", size.orders / seconds, "orders/s", 5),
        Figure(group, "events", counts.events / seconds, "events/s"),
        Figure(group, "events against the pipe, one at a time", counts.events / seconds / single, "×"),
        Figure(group, "commands an order", counts.commands / size.orders, "commands"),
        Figure(group, "events an order", counts.events / size.orders, "events"),
        Figure(group, "HTTP requests an order", (company.requests - asked) / size.orders, "requests"),
        Figure(group, "p50 from an instant to its verdicts", orders.percentile(delays, 0.5), "s"),
        Figure(group, "p99 from an instant to its verdicts", orders.percentile(delays, 0.99), "s"),
    ]
    figures += [
        Figure("processor time an order", name, used / size.orders * 1000, "ms") for name, used in spent.seconds.items()
    ]
    figures.append(Figure("processor time an order", "cores busy", sum(spent.seconds.values()) / seconds, "cores"))


async def measure_evidence(system: System, size: Size, figures: list[Figure]) -> None:
    url, service = system.database_url("accountability"), system.services["accountability"]
    entries = await evidence.recorded(url)
    figures.append(Figure("evidence", "judge, the pure fold", evidence.judged_per_second(entries), "events/s", 20_000))
    service.stop()
    await evidence.flood(system.broker_url("admin"), "accountability", entries, size.flood)
    began = time.monotonic()
    service.start()
    await asyncio.to_thread(service.wait_ready)
    figures.append(Figure("start-up", "one service, again", time.monotonic() - began, "s"))
    taken = await evidence.intake_per_second(url, size.flood)
    figures.append(Figure("evidence", "ledger intake", taken, "events/s", 5_000))


def run(size: Size, console: Console) -> Report:
    report = Report(described(), [])
    with started(report.figures) as system:
        asyncio.run(measure(system, size, report.figures, console))
    order = list(dict.fromkeys(figure.group for figure in report.figures))
    report.figures.sort(key=lambda figure: order.index(figure.group))
    return report


def lengths(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(length) for length in text.split(",")))


def main() -> int:
    parser = argparse.ArgumentParser(prog="./handover bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few orders: shows that it works, measures little")
    parser.add_argument("--orders", type=int, default=Size().orders)
    parser.add_argument("--concurrency", type=int, default=Size().concurrency, help="orders under way at a time")
    parser.add_argument("--json", type=Path, default=PROJECT / ".handover" / "bench.json", help="where the figures go")
    parser.add_argument(
        "--ledger", action="store_true", help="measure Accountability alone, on ledgers of growing length"
    )
    parser.add_argument(
        "--events", type=lengths, default=ledger.LENGTHS, help="those lengths, as 10000,1000000,10000000"
    )
    options = parser.parse_args()
    console = wide_console()
    size = QUICK if options.quick else Size(orders=options.orders, concurrency=options.concurrency)
    report = ledger.run(options.events, console) if options.ledger else run(size, console)
    report.show(console)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    report.write(options.json)
    console.print(f"the same figures as JSON: {options.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""``python -m bench [--check] [NAME …]``: one line for each measurement. SCALE=small or full."""

import argparse
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from bench import world
from bench.registry import BENCHES, Result

# In this order they run: memory first, before anything else has grown.
MODULES = [
    "memory",
    "intake",
    "growth",
    "routing",
    "grouping",
    "claim",
    "rounds",
    "pages",
    "viewers",
    "impact",
    "backfill",
]
MODULES += ["actor_page", "strikes", "search", "policies", "comparing"]  # the last needs no database
LINE = "{:<22} {:>18} {:>18} {:>8} {:>8}  {}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure; default: everything")
    parser.add_argument("--check", action="store_true", help="exit 1 when a bar is missed")
    options = parser.parse_args()
    scale = os.environ.get("SCALE", "small")
    if scale not in {"small", "full"}:
        parser.error(f"SCALE is small or full, not {scale!r}")

    with tempfile.TemporaryDirectory(prefix="trustdesk-bench-") as folder:
        results = measure(Path(folder) / "data", options.names, scale=scale)
    return 1 if options.check and not all(result.is_met for result in results) else 0


def measure(data_dir: Path, names: list[str], *, scale: str) -> list[Result]:
    """Start one isolated instance, run the benches by name and print each line as it comes."""
    world.set_up_django(data_dir)
    for module in MODULES:
        import_module(f"bench.{module}")  # registers its benches; its models need Django set up
    if unknown := sorted(set(names) - set(BENCHES)):
        raise SystemExit(f"there is no bench {unknown[0]!r}; there are {', '.join(BENCHES)}")
    results: list[Result] = []
    print(LINE.format("name", "figure", "limit", "ratio", "bar", "verdict"), flush=True)
    with world.started(data_dir, scale=scale) as ground:
        for name in names or BENCHES:
            for result in BENCHES[name](ground):
                results.append(result)
                print(formatted(result), flush=True)
    return results


def formatted(result: Result) -> str:
    figure, limit = (f"{_short(value)} {result.unit}" for value in (result.figure, result.limit))
    verdict = "met" if result.is_met else "MISSED"
    note = f"  ({result.note})" if result.note else ""
    return LINE.format(result.name, figure, limit, f"{result.ratio:.2f}", str(result.bar), verdict + note)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())

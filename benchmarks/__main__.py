"""`python -m benchmarks [speed] [scale] [data] [documents] [steps] [journal] [state] [soak] [--quick]`."""

from __future__ import annotations

import click
from rich.console import Console

from benchmarks import data, documents, journal, scale, soak, speed, state, steps

PARTS = {
    "speed": speed.run,
    "scale": scale.run,
    "data": data.run,
    "documents": documents.run,
    "steps": steps.run,
    "journal": journal.run,
    "state": state.run,
    "soak": soak.run,
}


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--quick", is_flag=True, help="Short runs, to try it.")
def main(parts: tuple[str, ...], quick: bool) -> None:
    """Measure against Stoplight Prism and against ourselves at another size."""
    console = Console(width=110)
    for name in parts or tuple(name for name in PARTS if name != "soak"):
        console.rule(name)
        PARTS[name](console, quick)


if __name__ == "__main__":
    main()

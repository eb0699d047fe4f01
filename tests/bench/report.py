"""Making the report of crossings from rows that are there: `python -m tests.bench.report [ROWS]` (100,000 if left out)."""

import json
import sys
import time
from dataclasses import replace

from guard.paper.crossings import csv_of, rows_of
from guard.paper.pdf import draw
from tests.paper.world import paper, row


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rows = [replace(row(n), holder=f"Holder {n % 700}", from_network=f"network {n % 9}") for n in range(count)]
    begun = time.process_time()
    data = csv_of(rows)
    written = time.process_time()
    read = rows_of(data)
    parsed = time.process_time()
    _, found = paper(rows)
    before = time.process_time()
    pdf = draw(data, found)
    drawn = time.process_time()
    figures = {
        "rows": len(read),
        "CSV written, CPU s": round(written - begun, 2),
        "CSV read, CPU s": round(parsed - written, 2),
        "PDF drawn, CPU s": round(drawn - before, 2),
        "CSV, MB": round(len(data) / 1e6, 1),
        "PDF, MB": round(len(pdf) / 1e6, 1),
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()

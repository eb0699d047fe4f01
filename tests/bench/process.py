"""What a process costs, as the kernel counts it: memory, wake-ups, CPU time."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Cost:
    """Memory (MiB, shared pages by halves, thirds ...), private memory (MiB), wake-ups and CPU seconds of all threads so far."""

    pss: float
    private: float
    wakes: int
    cpu: float
    threads: int

    @classmethod
    def of(cls, process: int) -> Self:
        folder = Path(f"/proc/{process}")
        memory = {
            words[0]: int(words[1]) / 1024
            for line in (folder / "smaps_rollup").read_text().splitlines()[1:]
            if len(words := line.split()) == 3
        }
        wakes, threads = 0, list((folder / "task").iterdir())
        for thread in threads:
            for line in (thread / "status").read_text().splitlines():
                if "ctxt_switches" in line:
                    wakes += int(line.split()[1])
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        private = memory["Private_Clean:"] + memory["Private_Dirty:"]
        return cls(memory["Pss:"], private, wakes, cpu, len(threads))

"""A process that imports a folder of GDELT files, says what it is about to do, and may be struck down."""

import sys
import time

from goodoffices.workbench.feeds import import_events

STORE, FOLDER, SLOW = sys.argv[1], sys.argv[2], float(sys.argv[3])


def phase(name: str) -> None:
    print(name, flush=True)
    time.sleep(SLOW)  # so that the one who strikes can choose the phase


if __name__ == "__main__":
    import_events("gdelt", [FOLDER], STORE, small=10, phase=phase)
    print("done", flush=True)

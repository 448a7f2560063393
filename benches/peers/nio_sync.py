"""Reads the answer to a `/sync` in the file that is named, as a client does that is built on matrix-nio.

Says how many seconds it took, from the text to events of their types. Needs the package `matrix-nio`.
"""

import json
import sys
import time

from nio import SyncResponse


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        body = file.read()
    begin = time.perf_counter()
    response = SyncResponse.from_dict(json.loads(body))
    took = time.perf_counter() - begin
    assert isinstance(response, SyncResponse), response
    count = sum(len(room.timeline.events) for room in response.rooms.join.values())
    assert count > 9_000, count
    print(took)


main()

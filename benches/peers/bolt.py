"""An empty Bolt handler: signed requests go in, acknowledgements come out, nothing is stored.

Says how many requests a second it takes, without a network. Needs the package `slack_bolt`.
"""

import hashlib
import hmac
import json
import sys
import time

from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

SECRET = "secret"


def signed(number):
    event = {
        "type": "message",
        "channel": "C000000001",
        "user": "U000000001",
        "text": "Can somebody look at the import of Initech? It fails since Friday.",
        "ts": f"1767600000.{number:06}",
    }
    body = json.dumps({
        "token": "x",
        "team_id": "T1",
        "api_app_id": "A1",
        "type": "event_callback",
        "event_id": f"Ev{number}",
        "event_time": 1767600000,
        "event": event,
    })
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "content-type": ["application/json"],
        "x-slack-signature": [f"v0={digest}"],
        "x-slack-request-timestamp": [stamp],
    }
    return BoltRequest(body=body, headers=headers)


def main():
    count = int(sys.argv[1])
    installed = AuthorizeResult(
        enterprise_id=None, team_id="T1", bot_token="xoxb-x", bot_id="B1", bot_user_id="U2"
    )
    app = App(
        signing_secret=SECRET,
        client=WebClient(),
        authorize=lambda: installed,
        process_before_response=True,
    )

    @app.event("message")
    def message(ack):
        ack()

    requests = [signed(number) for number in range(count)]
    begin = time.perf_counter()
    for request in requests:
        assert app.dispatch(request).status == 200
    print(count / (time.perf_counter() - begin))


main()

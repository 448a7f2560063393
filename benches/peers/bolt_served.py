"""An empty Bolt app as it is run: signed requests or envelopes come in over real sockets, acknowledgements go out.

`bolt_served.py own PORT` serves with Bolt's own web server, `bolt_served.py socket API_URL` with Bolt's client of Socket
Mode. A server such as gunicorn takes `bolt_served:served`. It stores nothing. Needs the package `slack_bolt`.
"""

import sys
import threading

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
INSTALLED = AuthorizeResult(
    enterprise_id=None, team_id="T0BENCH", bot_token="xoxb-x", bot_id="B0USHER", bot_user_id="U0USHER"
)


def empty(**more):
    app = App(signing_secret=SECRET, authorize=lambda: INSTALLED, process_before_response=True, **more)

    @app.event("message")
    def message(ack):
        ack()

    return app


def main():
    mode, where = sys.argv[1:]
    if mode == "socket":
        handler = SocketModeHandler(empty(client=WebClient(base_url=where + "/")), "xapp-bench")
        handler.connect()
        threading.Event().wait()
    empty().start(port=int(where), path="/slack/events", http_server_logger_enabled=False)


if __name__ == "__main__":
    main()
else:
    served = SlackRequestHandler(empty(), path="/slack/events")

"""A small Slack app on Slack's own SDK, which runs against the stand-in in both modes.

It does what a real app does and reports each thing that it saw as a line of JSON. It believes nothing
about the stand-in: what the SDK would choke on, it chokes on here. `../bolt.rs` starts it and judges.
"""

import json
import logging
import os
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, HeaderBlock, SectionBlock
from slack_sdk.models.metadata import Metadata

BASE_URL = os.environ["STANDIN_API"] + "/"
BOT_TOKEN = os.environ["STANDIN_BOT_TOKEN"]
APP_TOKEN = os.environ["STANDIN_APP_TOKEN"]
SIGNING_SECRET = os.environ["STANDIN_SIGNING_SECRET"]

speaking = threading.Lock()


def report(what, **more):
    with speaking:
        print(json.dumps({"what": what, **more}), flush=True)


client = WebClient(token=BOT_TOKEN, base_url=BASE_URL)
app = App(client=client, signing_secret=SIGNING_SECRET)


@app.error
def failed(error, body):
    report("error", error=repr(error), body=body)


@app.message("hello")
def hello(message, say):
    report("message", event=message)
    say(text=f"Hi <@{message['user']}>", thread_ts=message.get("thread_ts", message["ts"]))


@app.event("app_mention")
def mentioned(event, client):
    blocks = [
        HeaderBlock(text="Somebody asks"),
        SectionBlock(text="*Who takes it?*"),
        ActionsBlock(elements=[ButtonElement(text="I take it", action_id="take", value=event["user"], style="primary")]),
    ]
    metadata = Metadata(event_type="proof", event_payload={"asked_by": event["user"]})
    posted = client.chat_postMessage(channel=event["channel"], text="Who takes it?", blocks=blocks, metadata=metadata)
    report("mention", event=event, ts=posted["ts"])


@app.action("take")
def taken(ack, body, client, respond, action):
    ack()
    channel, ts = body["channel"]["id"], body["message"]["ts"]
    client.chat_update(channel=channel, ts=ts, text=f"<@{body['user']['id']}> has it", blocks=[])
    respond(text="It is yours", response_type="ephemeral", replace_original=False)
    report("button", action=action, container=body["container"])


def form(title):
    label = {"type": "plain_text", "text": "Reason"}
    element = {"type": "plain_text_input", "action_id": "text"}
    return {
        "type": "modal",
        "callback_id": "form",
        "title": {"type": "plain_text", "text": title},
        "submit": {"type": "plain_text", "text": "Send"},
        "private_metadata": "kept",
        "blocks": [{"type": "input", "block_id": "reason", "label": label, "element": element}],
    }


@app.command("/proof")
def command(ack, command, client):
    verb = command["text"]
    if verb == "form":
        ack()
        opened = client.views_open(trigger_id=command["trigger_id"], view=form("Why"))
        client.views_update(view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=form("Why so"))
        report("form", command=command)
    elif verb == "tour":
        ack("On my way")
        report("tour", **tour(command["channel_id"], command["user_id"]))
    elif verb == "limited":
        ack("I wait")
        patient = WebClient(token=BOT_TOKEN, base_url=BASE_URL)
        patient.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=2))
        posted = patient.chat_postMessage(channel=command["channel_id"], text="After the limits")
        report("limited", ts=posted["ts"])
    elif verb == "aloud":
        ack(text="For all", response_type="in_channel")
    else:
        ack(f"You said {verb}")


@app.view("form")
def submitted(ack, body, client, view):
    reason = view["state"]["values"]["reason"]["text"]["value"]
    if len(reason) < 3:
        ack(response_action="errors", errors={"reason": "Say more"})
        return
    ack()
    opened = client.conversations_open(users=body["user"]["id"])
    client.chat_postMessage(channel=opened["channel"]["id"], text=f"Noted: {reason}")
    report("submitted", private_metadata=view["private_metadata"], reason=reason)


@app.shortcut("explain")
def explained(ack, shortcut, client):
    ack()
    client.chat_postEphemeral(
        channel=shortcut["channel"]["id"], user=shortcut["user"]["id"], text="Because", thread_ts=shortcut["message_ts"]
    )
    report("shortcut", text=shortcut["message"]["text"])


@app.event("app_home_opened")
def home(event, client):
    view = {"type": "home", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "You owe nothing"}}]}
    client.views_publish(user_id=event["user"], view=view)


@app.event("reaction_added")
def reacted(event):
    report("reaction", event=event)


@app.event("member_joined_channel")
def joined(event):
    report("joined", event=event)


@app.event("user_change")
def person(event):
    report("person", event=event)


@app.event("message")
def other_message(event):
    report("other message", event=event)


def refused(call, **arguments):
    """The name of the error, and what Slack says about it."""
    try:
        call(**arguments)
    except SlackApiError as error:
        return {
            "error": error.response["error"],
            "messages": error.response.get("response_metadata", {}).get("messages", []),
            "needed": error.response.get("needed"),
        }
    return {"error": "none"}


def pages(call, key, **arguments):
    """All items of all pages, and how many pages there were."""
    found = [page[key] for page in call(**arguments)]
    return {"items": [item for page in found for item in page], "pages": len(found)}


def tour(channel, user):
    root = client.chat_postMessage(
        channel=channel, text="root", metadata={"event_type": "usher", "event_payload": {"id": "action-1"}}
    )["ts"]
    for number in range(3):
        client.chat_postMessage(channel=channel, text=f"reply {number}", thread_ts=root)
    client.reactions_add(channel=channel, timestamp=root, name="eyes")
    gone = client.chat_postMessage(channel=channel, text="gone")["ts"]
    client.chat_delete(channel=channel, ts=gone)
    long = [{"type": "section", "text": {"type": "mrkdwn", "text": "a" * 3001}}]
    return {
        "root": root,
        "bot": client.auth_test()["user_id"],
        "team": client.team_info()["team"]["domain"],
        "bots": client.bots_info(bot=client.auth_test()["bot_id"])["bot"]["name"],
        "users": pages(client.users_list, "members", limit=1),
        "zone": client.users_info(user=user)["user"]["tz"],
        "channels": pages(client.conversations_list, "channels", limit=1, types="public_channel,private_channel"),
        "mine": pages(client.users_conversations, "channels")["items"],
        "info": client.conversations_info(channel=channel)["channel"],
        "members": pages(client.conversations_members, "members", channel=channel, limit=2),
        "history": pages(
            client.conversations_history, "messages", channel=channel, limit=2, include_all_metadata=True
        ),
        "replies": pages(client.conversations_replies, "messages", channel=channel, ts=root, limit=2),
        "link": client.chat_getPermalink(channel=channel, message_ts=root)["permalink"],
        "joined": client.conversations_join(channel=channel)["channel"]["is_member"],
        "groups": client.usergroups_list(include_users=True)["usergroups"],
        "group": client.usergroups_users_list(usergroup="S0DUTY")["users"],
        "refused": {
            "channel": refused(client.chat_postMessage, channel="C0NOWHERE", text="x"),
            "text": refused(client.chat_postMessage, channel=channel, text=""),
            "blocks": refused(client.chat_postMessage, channel=channel, text="x", blocks=long),
            "update": refused(client.chat_update, channel=channel, ts="1.000000", text="x"),
            "token": refused(WebClient(token="xoxb-wrong", base_url=BASE_URL).auth_test),
            "cursor": refused(client.users_list, cursor="nonsense"),
        },
    }


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments):
        """Says nothing: standard output is for reports."""


def main():
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    if sys.argv[1] == "socket":
        handler = SocketModeHandler(app, APP_TOKEN, ping_interval=1)
        handler.connect()
        report("ready")
        threading.Event().wait()
    with make_server("127.0.0.1", 0, SlackRequestHandler(app), Server, Quiet) as server:
        report("ready", url=f"http://127.0.0.1:{server.server_port}/slack/events")
        server.serve_forever()


main()

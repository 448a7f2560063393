"""The people of the Matrix tests: many at once, each with a device of their own, by matrix-nio.

A line on standard input asks for something, a line on standard output answers it:

    {"id": 1, "do": "send", "who": "ana", "room": "!…", "text": "hello"}
    {"id": 1, "ok": {"event": "$…"}}        or        {"id": 1, "error": {"why": "…", "code": "M_FORBIDDEN"}}

What is asked of one person happens in that order; what is asked of several happens at once. A person syncs when they do
something or look, and never beside that, so that what they know when they act does not depend on chance. Every wait has
a bound (`within_s`). What can be asked for are the methods of `Person` and `House` below.
"""

import asyncio
import hashlib
import hmac
import html
import json
import logging
import re
import sys
import uuid
from urllib.parse import quote

import aiohttp
import nio
from nio.store import SqliteMemoryStore

WITHIN_S = 30
MEGOLM = "m.megolm.v1.aes-sha2"
# Old rooms with much talk are no part of the tests: whoever looks sees all of it.
SYNC_FILTER = {"room": {"timeline": {"limit": 100}}, "presence": {"types": []}}


class Failure(Exception):
    """What was asked for cannot be done, in the server's code if it was the server that refused."""

    def __init__(self, why, code=None):
        super().__init__(why)
        self.why, self.code = why, code


async def call(http, url, token, method, path, body=None):
    """Asks the homeserver."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with http.request(method, url + path, json=body, headers=headers) as response:
        answer = await response.json(content_type=None)
        if response.status >= 300:
            raise Failure(f"{method} {path}: {response.status} {answer.get('error')}", answer.get("errcode"))
        return answer


async def register(http, url, secret, name, shown):
    """Makes a user by the secret that the server's owner has."""
    where = "/_synapse/admin/v1/register"
    nonce = (await call(http, url, None, "GET", where))["nonce"]
    password = f"{name}-password"
    signed = "\0".join([nonce, name, password, "notadmin"]).encode()
    mac = hmac.new(secret.encode(), signed, hashlib.sha1).hexdigest()
    wanted = {"nonce": nonce, "username": name, "displayname": shown, "password": password, "admin": False, "mac": mac}
    return await call(http, url, None, "POST", where, wanted) | {"password": password}


def content(asked):
    """A message as Element makes it of what somebody types."""
    text, mentions = asked["text"], asked.get("mentions") or {}
    body, formatted = text, asked.get("html")
    if mentions:
        pattern = re.compile("|".join(re.escape(typed) for typed in sorted(mentions, key=len, reverse=True)))
        body = pattern.sub(lambda found: mentions[found[0]]["name"], text)
        if formatted is None:
            pieces = zip(pattern.split(text), [*pattern.findall(text), None])
            formatted = "".join(escaped(before) + (pill(mentions[typed]) if typed else "") for before, typed in pieces)
    made = {"msgtype": f"m.{asked.get('kind', 'text')}", "body": body}
    if formatted is not None:
        made |= {"format": "org.matrix.custom.html", "formatted_body": formatted}
    if asked.get("says_mentions", True):
        named = sorted({it["user"] for typed, it in mentions.items() if typed in text})
        made["m.mentions"] = {"user_ids": named} if named else {}
    return made | (asked.get("more") or {})


def escaped(text):
    return html.escape(text, quote=False).replace("\n", "<br>")


def pill(mentioned):
    return f'<a href="https://matrix.to/#/{mentioned["user"]}">{html.escape(mentioned["name"])}</a>'


def related(made, asked):
    """The same message as a reply, in a thread, or as an edit."""
    root, parent, edited = asked.get("thread"), asked.get("reply_to"), asked.get("edits")
    if edited:
        changed = {**made, "body": f"* {made['body']}"}
        if "formatted_body" in made:
            changed["formatted_body"] = f"* {made['formatted_body']}"
        return {**changed, "m.new_content": made, "m.relates_to": {"rel_type": "m.replace", "event_id": edited}}
    if root:
        relation = {"rel_type": "m.thread", "event_id": root, "is_falling_back": parent is None}
        return {**made, "m.relates_to": {**relation, "m.in_reply_to": {"event_id": parent or root}}}
    if parent:
        return {**made, "m.relates_to": {"m.in_reply_to": {"event_id": parent}}}
    return made


class Person:
    """Somebody with a device."""

    def __init__(self, http, url, user, device, token, encrypts):
        self.http, self.url, self.user, self.device, self.token = http, url, user, device, token
        self.lock = asyncio.Lock()
        self.rooms = {}
        self.invites = {}
        self.withheld = {}
        config = nio.AsyncClientConfig(
            encryption_enabled=encrypts, store=SqliteMemoryStore, store_sync_tokens=False, max_timeouts=1
        )
        self.client = nio.AsyncClient(url, user, device, store_path="memory" if encrypts else "", config=config)
        self.client.restore_login(user, device, token)

    async def call(self, method, path, body=None):
        return await call(self.http, self.url, self.token, method, "/_matrix/client/v3" + path, body)

    async def catch_up(self, wait_s=0):
        """Takes what has happened, and does what a device has to do about keys."""
        client = self.client
        answer = good(await client.sync(int(wait_s * 1000), SYNC_FILTER))
        if client.olm:
            await client.send_to_device_messages()
            if client.should_upload_keys:
                good(await client.keys_upload())
            if client.should_query_keys:
                good(await client.keys_query())
            if client.should_claim_keys:
                good(await client.keys_claim(client.get_users_for_key_claiming()))
        self.invites |= {room: inviter(info.invite_state) for room, info in answer.rooms.invite.items()}
        for room, info in answer.rooms.join.items():
            self.invites.pop(room, None)
            seen = self.rooms.setdefault(room, [])
            known = {it["event_id"] for it in seen}
            seen.extend(it for it in map(self.take, info.timeline.events) if it["event_id"] not in known)
        for room in answer.rooms.leave:
            self.invites.pop(room, None)

    def take(self, event):
        """An event as the people's side keeps it."""
        source = event.source
        is_secret = isinstance(event, nio.MegolmEvent)
        return {
            "event_id": source["event_id"],
            "sender": source["sender"],
            "ts": source["origin_server_ts"],
            "type": source["type"],
            "state_key": source.get("state_key"),
            "redacts": source.get("redacts") or source.get("content", {}).get("redacts"),
            "content": source.get("content", {}),
            "encrypted": is_secret or bool(event.decrypted),
            "readable": not is_secret,
            "secret": event if is_secret else None,
        }

    def read_late(self, room):
        """Reads what could not be read, if its key has come."""
        for index, it in enumerate(self.rooms.get(room, [])):
            if it["secret"] is not None:
                try:
                    event = self.client.decrypt_event(it["secret"])
                except nio.EncryptionError:
                    continue
                self.rooms[room][index] = self.take(event)

    async def until(self, asked, found, what):
        """Syncs until `found` gives something, which may be at once."""
        loop = asyncio.get_running_loop()
        end = loop.time() + asked.get("within_s", WITHIN_S)
        await self.catch_up()
        while (result := found()) is None:
            left_s = end - loop.time()
            if left_s <= 0:
                raise Failure(f"{self.user} waited in vain for {what}")
            await self.catch_up(min(left_s, 5))
        return result

    # What people do in rooms.

    async def create(self, asked):
        """Makes a room: `name`, `alias`, `encrypted`, `direct`, `invite`, `public`, `version`, `more`."""
        body = {
            "preset": "public_chat" if asked.get("public") else "trusted_private_chat" if asked.get("direct") else "private_chat",
            "is_direct": bool(asked.get("direct")),
            "invite": asked.get("invite", []),
            "initial_state": [encryption()] if asked.get("encrypted") else [],
        }
        names = {"name": "name", "alias": "room_alias_name", "topic": "topic", "version": "room_version"}
        body |= {theirs: asked[ours] for ours, theirs in names.items() if asked.get(ours)}
        made = await self.call("POST", "/createRoom", body | (asked.get("more") or {}))
        return {"room": made["room_id"]}

    async def invite(self, asked):
        """Invites `user` into `room`."""
        await self.call("POST", f"/rooms/{quote(asked['room'])}/invite", {"user_id": asked["user"]})

    async def join(self, asked):
        """Joins `room`, an id or an alias."""
        return {"room": (await self.call("POST", f"/join/{quote(asked['room'])}", {}))["room_id"]}

    async def accept(self, asked):
        """Waits until `by` has invited this person into a room in which they are not yet, and joins it."""
        find = lambda: next((room for room, by in self.invites.items() if by == asked["by"]), None)
        room = await self.until(asked, find, f"an invitation by {asked['by']}")
        await self.join({"room": room})
        del self.invites[room]
        return {"room": room}

    async def decline(self, asked):
        """Waits for an invitation by `by`, and declines it."""
        find = lambda: next((room for room, by in self.invites.items() if by == asked["by"]), None)
        room = await self.until(asked, find, f"an invitation by {asked['by']}")
        await self.leave({"room": room})
        self.invites.pop(room, None)
        return {"room": room}

    async def leave(self, asked):
        """Leaves `room`."""
        await self.call("POST", f"/rooms/{quote(asked['room'])}/leave", {})

    async def kick(self, asked):
        """Removes `user` from `room`."""
        await self.call("POST", f"/rooms/{quote(asked['room'])}/kick", {"user_id": asked["user"]})

    async def state(self, asked):
        """Sets state `type` and `key` of `room` to `content`."""
        where = f"/rooms/{quote(asked['room'])}/state/{asked['type']}/{quote(asked.get('key', ''))}"
        return {"event": (await self.call("PUT", where, asked["content"]))["event_id"]}

    async def upgrade(self, asked):
        """Upgrades `room` to `version`; the new room."""
        body = {"new_version": asked["version"]}
        return {"room": (await self.call("POST", f"/rooms/{quote(asked['room'])}/upgrade", body))["replacement_room"]}

    async def zone(self, asked):
        """Says in which `zone` this person lives."""
        where = f"/profile/{quote(self.user)}/m.tz"
        await self.call("PUT", where, {"m.tz": asked["zone"]})

    # What people say.

    async def send(self, asked):
        """Says `text` in `room`: `kind`, `html`, `mentions`, `thread`, `reply_to`, `edits`, `more`."""
        made = related(content(asked), asked)
        return {"event": await self.put(asked["room"], "m.room.message", made)}

    async def send_many(self, asked):
        """Says each of `texts` in `room`, one after the other."""
        made = [content({"text": text}) for text in asked["texts"]]
        return {"events": [await self.put(asked["room"], "m.room.message", it) for it in made]}

    async def event(self, asked):
        """Sends an event of any `type` with any `content` to `room`."""
        return {"event": await self.put(asked["room"], asked["type"], asked["content"])}

    async def react(self, asked):
        """Reacts to `event` in `room` with `key`."""
        relation = {"rel_type": "m.annotation", "event_id": asked["event"], "key": asked["key"]}
        return {"event": await self.put(asked["room"], "m.reaction", {"m.relates_to": relation})}

    async def unreact(self, asked):
        """Takes the own reaction `key` to `event` in `room` back."""
        await self.catch_up()
        gone = {it["redacts"] for it in self.rooms[asked["room"]]}
        for it in self.rooms[asked["room"]]:
            relation = it["content"].get("m.relates_to", {})
            is_it = (relation.get("event_id"), relation.get("key")) == (asked["event"], asked["key"])
            if it["type"] == "m.reaction" and it["sender"] == self.user and is_it and it["event_id"] not in gone:
                return await self.redact({"room": asked["room"], "event": it["event_id"]})
        raise Failure(f"{self.user} did not react with {asked['key']} to {asked['event']}")

    async def redact(self, asked):
        """Removes `event` from `room`, with a `reason`."""
        where = f"/rooms/{quote(asked['room'])}/redact/{quote(asked['event'])}/{uuid.uuid4()}"
        body = {"reason": asked["reason"]} if asked.get("reason") else {}
        return {"event": (await self.call("PUT", where, body))["event_id"]}

    async def put(self, room, kind, made):
        """Sends an event; in an encrypted room only the members' devices can read it."""
        if self.client.olm:
            if room not in self.client.rooms:
                await self.until({}, lambda: room if room in self.client.rooms else None, f"{room} to be there")
            else:
                await self.catch_up()
        answer = await self.client.room_send(room, kind, made, ignore_unverified_devices=True)
        return good(answer).event_id

    # Keys that come late.

    async def withhold(self, asked):
        """Encrypts from now on for all in `room` but `user`, whose devices are given no key."""
        room = asked["room"]
        await self.catch_up()
        if not self.client.rooms[room].members_synced:
            good(await self.client.joined_members(room))
            if self.client.should_query_keys:
                good(await self.client.keys_query())
        devices = list(self.client.device_store.active_user_devices(asked["user"]))
        if not devices:
            raise Failure(f"{asked['user']} has no device to withhold keys from")
        for device in devices:
            self.client.blacklist_device(device)
        self.client.olm.create_outbound_group_session(room)
        session = self.client.olm.outbound_group_sessions[room]
        # Later the session would only give the key from there on.
        self.withheld[room] = {
            "algorithm": MEGOLM,
            "room_id": room,
            "session_id": session.id,
            "session_key": session.session_key,
        }

    async def share(self, asked):
        """Gives `user` the key that was withheld in `room`, and all keys from now on."""
        room, key = asked["room"], self.withheld.pop(asked["room"])
        messages = {}
        for device in list(self.client.device_store.active_user_devices(asked["user"])):
            self.client.unblacklist_device(device)
            if not self.client.olm.session_store.get(device.curve25519):
                good(await self.client.keys_claim({device.user_id: [device.id]}))
            session = self.client.olm.session_store.get(device.curve25519)
            messages[device.id] = self.client.olm._olm_encrypt(session, device, "m.room_key", key)
        where = f"/sendToDevice/m.room.encrypted/{uuid.uuid4()}"
        await self.call("PUT", where, {"messages": {asked["user"]: messages}})
        self.client.invalidate_outbound_session(room)

    # What people see.

    async def look(self, asked):
        """The events of `room` from the `first` on, as they came; waits for the event `until`, and until it is read."""
        room, wanted = asked["room"], asked.get("until")

        def found():
            self.read_late(room)
            seen = self.rooms.get(room)
            if wanted is None or any(it["event_id"] == wanted and it["readable"] for it in seen or []):
                return seen or []
            return None

        seen = await self.until(asked, found, f"{wanted} to be readable in {room}")
        return {"events": [shown(it) for it in seen[asked.get("first", 0) :]]}

    async def read(self, asked):
        """The messages of `room` as they stand now; waits until one, in the `thread` if there is one, says `until`."""
        room, wanted, root = asked["room"], asked.get("until"), asked.get("thread")

        def found():
            self.read_late(room)
            messages = standing(self.rooms.get(room, []))
            if wanted is None or any(wanted in it["text"] and root in (None, it["thread"]) for it in messages):
                return messages
            return None

        return {"messages": await self.until(asked, found, f"“{wanted}” in {room}")}

    async def invitations(self, asked):
        """Who has invited this person, by room."""
        await self.catch_up()
        return {"invitations": self.invites}

    async def members(self, asked):
        """Who is in `room`."""
        joined = await self.call("GET", f"/rooms/{quote(asked['room'])}/joined_members")
        return {"members": sorted(joined["joined"])}

    async def devices(self, asked):
        """The devices of `user` that this person knows, and the keys by which they are signed."""
        asked_for = {"device_keys": {asked["user"]: []}}
        return await self.call("POST", "/keys/query", asked_for)

    async def ask(self, asked):
        """Asks the server whatever: `method`, `path` below `/_matrix/client/v3`, `body`."""
        return {"answer": await self.call(asked["method"], asked["path"], asked.get("body"))}

    async def go(self, asked):
        """Goes, and is not seen again; the account stays."""
        await self.client.close()


def shown(event):
    return {key: value for key, value in event.items() if key != "secret"}


def standing(events):
    """The messages that stand: with their last words, without those that were removed."""
    gone = {it["redacts"] for it in events}
    messages, reactions = {}, []
    for it in events:
        relation = it["content"].get("m.relates_to") or {}
        if it["event_id"] in gone:
            continue
        if it["type"] == "m.reaction":
            reactions.append((relation.get("event_id"), relation.get("key"), it["sender"]))
        elif it["type"] == "m.room.encrypted":
            messages[it["event_id"]] = message(it, it["content"], relation) | {"text": ""}
        elif it["type"] == "m.room.message" and relation.get("rel_type") == "m.replace":
            edited = messages.get(relation["event_id"])
            if edited and edited["sender"] == it["sender"]:
                new = it["content"].get("m.new_content", {})
                edited |= {"text": new.get("body", ""), "html": new.get("formatted_body"), "content": new}
                edited["edited"] = True
        elif it["type"] == "m.room.message" and it["content"]:
            messages[it["event_id"]] = message(it, it["content"], relation)
    for target, key, sender in reactions:
        if target in messages:
            messages[target]["reactions"].append({"key": key, "sender": sender})
    return list(messages.values())


def message(event, said, relation):
    return {
        "event_id": event["event_id"],
        "sender": event["sender"],
        "ts": event["ts"],
        "kind": said.get("msgtype", "").removeprefix("m."),
        "text": said.get("body", ""),
        "html": said.get("formatted_body"),
        "content": said,
        "thread": relation.get("event_id") if relation.get("rel_type") == "m.thread" else None,
        "reply_to": (relation.get("m.in_reply_to") or {}).get("event_id"),
        "edited": False,
        "encrypted": event["encrypted"],
        "readable": event["readable"],
        "reactions": [],
    }


def encryption():
    return {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": MEGOLM}}


def inviter(state):
    """Who invites, by the state that came with an invitation."""
    members = (it for it in state if isinstance(it, nio.InviteMemberEvent) and it.membership == "invite")
    return next((it.sender for it in members), None)


def good(answer):
    """What nio gives, unless it is an error."""
    if isinstance(answer, nio.ErrorResponse):
        raise Failure(str(answer), getattr(answer, "status_code", None))
    return answer


class House:
    """Where all people are, and what is asked of nobody in particular."""

    def __init__(self, http):
        self.http, self.people = http, {}

    async def account(self, asked):
        """Makes an account that nobody here uses: `name`, `shown`, on the server `url` with its `secret`."""
        made = await register(self.http, asked["url"], asked["secret"], asked["name"], asked.get("shown") or asked["name"])
        return {"user": made["user_id"], "password": made["password"], "token": made["access_token"], "device": made["device_id"]}

    async def arrive(self, asked):
        """Makes an account whose person is here from now on, as `who`; with `encrypts` they have keys."""
        made = await register(self.http, asked["url"], asked["secret"], asked["name"], asked.get("shown") or asked["name"])
        device, token = made["device_id"], made["access_token"]
        person = Person(self.http, asked["url"], made["user_id"], device, token, asked.get("encrypts", False))
        if person.client.olm:
            await person.catch_up()
        self.people[asked["who"]] = person
        return {"user": made["user_id"], "device": device}

    async def answer(self, asked):
        """Does what is asked for; the answer."""
        kind = asked["do"]
        if kind in ("account", "arrive"):
            return await getattr(self, kind)(asked)
        person = self.people.get(asked["who"])
        if person is None:
            raise Failure(f"{asked['who']} is not here")
        async with person.lock:
            if kind == "go":
                del self.people[asked["who"]]
            return await getattr(person, kind)(asked)


async def serve(house, line):
    asked = json.loads(line)
    try:
        within_s = asked.get("within_s", WITHIN_S) + WITHIN_S
        answer = {"ok": await asyncio.wait_for(house.answer(asked), within_s) or {}}
    except Failure as failure:
        answer = {"error": {"why": failure.why, "code": failure.code}}
    except Exception as error:  # Whoever asked is told, whatever it was.
        logging.exception("%s", line)
        answer = {"error": {"why": f"{type(error).__name__}: {error}", "code": None}}
    print(json.dumps({"id": asked["id"], **answer}), flush=True)


async def main():
    logging.getLogger("nio").setLevel(logging.ERROR)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with aiohttp.ClientSession() as http:
        house, tasks = House(http), set()
        while line := await reader.readline():
            task = asyncio.create_task(serve(house, line))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        for person in house.people.values():
            await person.client.close()


asyncio.run(main())

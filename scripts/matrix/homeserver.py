"""Starts and ends a Synapse of one's own, on the loopback alone. scripts/synapse.sh says how it is called."""

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

START_WITHIN_S = 60
END_WITHIN_S = 15
TRY_PORT = 8008
TRY_FOLDER = Path(".local/synapse")
# No limit is met but by those who ask for one with `--settings`.
UNLIMITED = {"per_second": 100_000, "burst_count": 100_000}


class Failure(Exception):
    """What went wrong, for whoever called."""


def settings(folder, port, name, secret):
    """Synapse's settings: small, quiet and quick, since what is tested here is Usher."""
    return {
        "server_name": name,
        "public_baseurl": f"http://localhost:{port}/",
        "listeners": [
            {
                "port": port,
                "bind_addresses": ["127.0.0.1"],
                "type": "http",
                "tls": False,
                "resources": [{"names": ["client"], "compress": False}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "log_config": str(folder / "log.yaml"),
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "registration_shared_secret": secret,
        "macaroon_secret_key": f"macaroon {secret}",
        "form_secret": f"form {secret}",
        "enable_registration": False,
        "bcrypt_rounds": 4,
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "report_stats": False,
        "stats": {"enabled": False},
        "push": {"enabled": False},
        "presence": {"enabled": False},
        # Else whoever asks for the same sync twice is given the first answer again.
        "caches": {"sync_response_cache_duration": 0},
        # Where people say in which zone they live.
        "experimental_features": {"msc4133_enabled": True},
        "rc_message": UNLIMITED,
        "rc_registration": UNLIMITED,
        "rc_login": {"address": UNLIMITED, "account": UNLIMITED, "failed_attempts": UNLIMITED},
        "rc_joins": {"local": UNLIMITED, "remote": UNLIMITED},
        "rc_joins_per_room": UNLIMITED,
        "rc_invites": {"per_room": UNLIMITED, "per_user": UNLIMITED, "per_issuer": UNLIMITED},
        "rc_admin_redaction": UNLIMITED,
        "rc_key_requests": UNLIMITED,
        "rc_room_creation": UNLIMITED,
        "rc_user_directory": UNLIMITED,
    }


def log_settings(folder):
    return {
        "version": 1,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s"}},
        "handlers": {
            "file": {"class": "logging.FileHandler", "filename": str(folder / "log"), "formatter": "line"}
        },
        "root": {"level": "WARNING", "handlers": ["file"]},
        "disable_existing_loggers": False,
    }


class Server:
    """A server whose files are in a folder."""

    def __init__(self, folder):
        self.folder = Path(folder).resolve()

    def kept(self, name, make):
        """What is in the file of that name, which is made where it is missing."""
        path = self.folder / name
        if not path.exists():
            path.write_text(make())
        return path.read_text().strip()

    def pid(self):
        """The process, if it is alive and this folder's."""
        try:
            pid = int((self.folder / "pid").read_text())
            called = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if str(self.folder / "homeserver.yaml").encode() in called else None

    def up(self, port, more, name, users):
        """Starts it, unless it runs, and makes the users; how to reach it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        secret = self.kept("secret", lambda: secrets.token_hex(16))
        self.kept("signing.key", signing_key)
        (self.folder / "log.yaml").write_text(yaml.safe_dump(log_settings(self.folder)))
        if self.pid() is None:
            port = self.start(port, more, name, secret)
        else:
            port = int((self.folder / "port").read_text())
        known = self.make_users(f"http://127.0.0.1:{port}", secret, users)
        return {
            "url": f"http://127.0.0.1:{port}",
            "server_name": name,
            "pid": self.pid(),
            "secret": secret,
            "users": known,
        }

    def start(self, wanted, more, name, secret):
        """Starts it at the port that is wanted, or that it had, or that is free; the port."""
        had = self.folder / "port"
        fixed = wanted or (int(had.read_text()) if had.exists() else None)
        for _ in range(1 if fixed else 5):
            port = fixed or free_port()
            (self.folder / "homeserver.yaml").write_text(
                yaml.safe_dump({**settings(self.folder, port, name, secret), **more})
            )
            if self.start_at(port):
                had.write_text(str(port))
                return port
        output = (self.folder / "output").read_text()
        raise Failure(f"Synapse does not start at port {port}; {self.folder}/log may say why\n{output[-2000:]}")

    def start_at(self, port):
        """Whether it answers there. Another process may have taken the port."""
        with open(self.folder / "output", "ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "synapse.app.homeserver", "-c", str(self.folder / "homeserver.yaml")],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        (self.folder / "pid").write_text(str(process.pid))
        end = time.monotonic() + START_WITHIN_S
        while time.monotonic() < end and process.poll() is None:
            if listens(process.pid, port) and answers(port):
                return True
            time.sleep(0.02)
        process.kill()
        process.wait()
        return False

    def make_users(self, url, secret, names):
        """Makes those who are not there yet; all, with what they sign in by."""
        path = self.folder / "users.json"
        users = json.loads(path.read_text()) if path.exists() else {}
        for name in names:
            if name not in users:
                users[name] = register(url, secret, name)
        path.write_text(json.dumps(users))
        return users

    def send(self, what):
        pid = self.pid()
        if pid is None:
            raise Failure(f"no server runs in {self.folder}")
        os.kill(pid, what)
        return pid

    def end(self, how):
        """Ends it, and waits until it has ended."""
        with contextlib.suppress(Failure, ProcessLookupError):
            self.send(signal.SIGCONT)
            self.send(how)
        patience = time.monotonic() + END_WITHIN_S
        while self.pid() is not None:
            if time.monotonic() > patience:
                with contextlib.suppress(Failure, ProcessLookupError):
                    self.send(signal.SIGKILL)
            time.sleep(0.02)

    def tie(self):
        """Leaves a process behind that ends the server, and removes its files, once standard input is closed."""
        if os.fork():
            return
        os.setsid()
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        while os.read(0, 4096):
            pass
        self.end(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(0)


def signing_key():
    seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return f"ed25519 a_{secrets.token_hex(2)} {seed}\n"


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def listens(pid, port):
    """Whether that process, and no other, listens there."""
    address, listening = f"0100007F:{port:04X}", "0A"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1] == address and row[3] == listening}
    with contextlib.suppress(OSError):
        files = Path(f"/proc/{pid}/fd")
        return any(os.readlink(file) in sockets for file in files.iterdir())
    return False


def ask(url, body=None, token=None):
    """Asks a server on this machine, past any proxy."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return json.load(opener.open(request, timeout=30))


def answers(port):
    with contextlib.suppress(OSError):
        return bool(ask(f"http://127.0.0.1:{port}/_matrix/client/versions"))
    return False


def register(url, secret, name):
    """Makes a user by the secret that the server's owner has."""
    password, where = f"{name}-password", f"{url}/_synapse/admin/v1/register"
    nonce = ask(where)["nonce"]
    signed = "\0".join([nonce, name, password, "notadmin"]).encode()
    mac = hmac.new(secret.encode(), signed, hashlib.sha1).hexdigest()
    wanted = {"nonce": nonce, "username": name, "displayname": name.capitalize(), "password": password, "mac": mac}
    made = ask(where, {**wanted, "admin": False})
    return {
        "user_id": made["user_id"],
        "password": password,
        "access_token": made["access_token"],
        "device_id": made["device_id"],
    }


TRY_TEXT = """\
A Matrix homeserver of your own runs at {url}. It is reached from this machine alone.

Its people, each with the password that stands behind the name:
{people}
To be one of them, open Element (https://app.element.io, or Element Desktop), choose "Sign in", press "Edit" beside the
homeserver, enter {url}, and sign in. A private window for each makes several.

For Usher, put this into usher.toml:

[matrix]
homeserver = "{url}"
user = "{bot}"
password = "{password}"

Then start Usher, make a room in Element, and invite {bot}.
`scripts/synapse.sh try --stop` ends the server and keeps what was said; `try --remove` removes that as well.
"""


def try_it(names):
    """A server for people, at a port that they can remember."""
    names = ["usher", *(names or ["ana", "ben", "dora"])]
    it = Server(TRY_FOLDER).up(TRY_PORT, {}, "localhost", names)
    users = it["users"]
    people = [f"  {name:<8} {users[name]['password']}\n" for name in users if name != "usher"]
    bot = users["usher"]
    url = f"http://localhost:{TRY_PORT}"
    print(TRY_TEXT.format(url=url, people="".join(people), bot=bot["user_id"], password=bot["password"]))


def read_command_line():
    parser = argparse.ArgumentParser(prog="scripts/synapse.sh", description="See the head of scripts/synapse.sh.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up")
    up.add_argument("folder")
    up.add_argument("--port", type=int)
    up.add_argument("--settings")
    up.add_argument("--name", default="localhost")
    up.add_argument("--tied", action="store_true")
    up.add_argument("users", nargs="*")
    for name in ["down", "kill", "pause", "resume"]:
        commands.add_parser(name).add_argument("folder")
    tried = commands.add_parser("try")
    tried.add_argument("--stop", action="store_true")
    tried.add_argument("--remove", action="store_true")
    tried.add_argument("users", nargs="*")
    return parser.parse_args()


def main(asked):
    server = Server(asked.folder if asked.command != "try" else TRY_FOLDER)
    match asked.command:
        case "up":
            more = yaml.safe_load(Path(asked.settings).read_text()) if asked.settings else {}
            print(json.dumps(server.up(asked.port, more, asked.name, asked.users)), flush=True)
            if asked.tied:
                server.tie()
        case "down":
            server.end(signal.SIGTERM)
        case "kill":
            server.end(signal.SIGKILL)
        case "pause":
            server.send(signal.SIGSTOP)
        case "resume":
            server.send(signal.SIGCONT)
        case "try" if asked.stop or asked.remove:
            server.end(signal.SIGTERM)
            if asked.remove:
                shutil.rmtree(server.folder, ignore_errors=True)
        case "try":
            try_it(asked.users)


try:
    main(read_command_line())
except (Failure, OSError) as failure:
    sys.exit(f"scripts/synapse.sh: {failure}")

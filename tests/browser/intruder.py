# What others try at the port of latent_explorer(): another site's page, one whose name points here, a guessed token, a
# second page, too much at once. A WebSocket client of its own, as no browser lets a script choose its Origin. That it
# speaks Shiny's language is proved by the page that may: with the token, from its own origin, it gets the drawings and
# ends the call.
import base64
import http.client
import json
import os
import socket
import struct
from urllib.parse import urlsplit


class Socket:
    """A WebSocket to Shiny that says whatever it is told to."""

    def __init__(self, address, origin, host=None):
        self.socket = socket.create_connection((address.hostname, address.port), timeout=20)
        lines = ["GET /websocket/ HTTP/1.1", f"Host: {host or address.netloc}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Version: 13"]
        if origin is not None:
            lines.append(f"Origin: {origin}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        # As every client does: what is said before the server agrees is lost.
        head = b""
        while b"\r\n\r\n" not in head and (part := self.socket.recv(65536)):
            head += part
        head, _, self.pending = head.partition(b"\r\n\r\n")
        self.open = head.startswith(b"HTTP/1.1 101")

    def send(self, body):
        mask = os.urandom(4)
        length = (bytes([0x80 | len(body)]) if len(body) < 126 else
                  b"\xfe" + struct.pack(">H", len(body)) if len(body) < 65536 else b"\xff" + struct.pack(">Q", len(body)))
        key = int.from_bytes((mask * (len(body) // 4 + 1))[:len(body)], "big")
        self.socket.sendall(b"\x81" + length + mask + (int.from_bytes(body, "big") ^ key).to_bytes(len(body), "big"))

    def say(self, message):
        self.send(json.dumps(message).encode())

    def frame(self):
        """The first whole frame of what came, as (kind, content), or None."""
        came = self.pending
        if len(came) < 2:
            return None
        size, at = came[1] & 0x7f, 2
        if size > 125:
            at = 4 if size == 126 else 10
            size = int.from_bytes(came[2:at], "big")
        if len(came) < at + size:
            return None
        self.pending = came[at + size:]
        return came[0] & 0x0f, came[at:at + size]

    def listen(self, until="", seconds=15):
        """The text that comes until it holds `until`, the other side closes, or nothing comes for so long."""
        self.socket.settimeout(seconds)
        seen = ""
        try:
            while self.open and not (until and until in seen):
                while (frame := self.frame()) is None:
                    part = self.socket.recv(65536)
                    if not part:
                        raise ConnectionError
                    self.pending += part
                if frame[0] == 8:
                    raise ConnectionError
                seen += frame[1].decode()
        except TimeoutError:
            pass
        except ConnectionError:
            self.open = False
        return seen

    def close(self):
        self.socket.close()


def start(address, origin, query, host=None, **inputs):
    """What a page sends when it opens."""
    one = Socket(address, origin, host)
    if one.open:
        one.say({"method": "init", "data": {".clientdata_url_protocol": "http:", ".clientdata_url_hostname": address.hostname,
                                            ".clientdata_url_port": str(address.port), ".clientdata_url_pathname": "/",
                                            ".clientdata_url_search": query, **inputs}})
    return one


def fetch(address, method, path, headers=None, body=None, host=None):
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or address.netloc)
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    if body is not None and "Content-Length" not in (headers or {}):
        connection.putheader("Content-Length", str(len(body)))
    try:
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read()
    except ConnectionError:  # turned away before all was sent
        connection.close()
        return 413, b""
    connection.close()
    return answer.status, content


def strangers(address, token):
    """What is refused: what is said of it, Origin, query, Host."""
    own = f"http://{address.netloc}"
    return (
        ("another site", "http://evil.example", "?token=" + token, None),
        ("another site without the token", "http://evil.example", "", None),
        ("another program's page", "http://127.0.0.1:1", "?token=" + token, None),
        ("a name that begins as this machine's", own + ".evil.example", "?token=" + token, None),
        ("no origin", None, "?token=" + token, None),
        ("an empty origin", "", "?token=" + token, None),
        ("origin null", "null", "?token=" + token, None),
        ("a name that points here", f"http://evil.example:{address.port}", "?token=" + token, f"evil.example:{address.port}"),
        ("another host", own, "?token=" + token, f"evil.example:{address.port}"),
        ("no token", own, "", None),
        ("a wrong token", own, "?token=" + "0" * 32, None),
        ("a cut token", own, "?token=" + token[:-1], None),
        ("a wrong token before the right one", own, f"?token={'0' * 32}&token={token}", None),
        ("a strange token", own, "?token=%ff&token[]=1", None),
    )


def refuse_strangers(address, token, check, when):
    for what, origin, query, host in strangers(address, token):
        # Were it believed, R would give its caller row 1 and end.
        one = start(address, origin, query, host, selected=[1], **{"done:shiny.action": 1})
        seen = one.listen()
        check(f"{when}, {what}: gets nothing, and the connection is closed", not one.open and '"custom"' not in seen, seen[:300])
        one.close()
    for what, path, host in (("no token", "/", None), ("a wrong token", "/?token=" + "f" * 32, None),
                             ("a name that points here", "/?token=" + token, "evil.example")):
        status, content = fetch(address, "GET", path, host=host)
        check(f"{when}, {what}: the page is refused", status == 403 and b"explorer" not in content, status)


def intrude(url, check, rows):
    """rows(): what latent_explorer() returned to R."""
    address = urlsplit(url)
    token, own = address.query.removeprefix("token="), f"http://{address.netloc}"
    check("the address that R opens is this machine's and holds a token", address.hostname == "127.0.0.1" and len(token) == 32, url)
    for name in others_of_this_machine():
        check(f"nobody listens at {name}", not listens(name, address.port))
    refuse_strangers(address, token, check, "before the page is open")
    status, content = fetch(address, "GET", "/?token=" + token)
    check("with the token: the page comes", status == 200 and b"liveSource" in content, status)
    owner = start(address, own, "?token=" + token)
    seen = owner.listen(until='"explorer"')
    check("with the token, from its own origin: the explorer's data come", owner.open and '"custom":{"explorer":' in seen, seen[:300])
    data_url = message_with(seen, "custom")["custom"]["explorer"]["url"]
    refuse_strangers(address, token, check, "while the page is open")
    for what, origin, host in (("a second page", own, None), ("a second page by the name localhost", f"http://localhost:{address.port}", f"localhost:{address.port}")):
        second = start(address, origin, "?token=" + token, host, selected=[1], **{"done:shiny.action": 1})
        seen = second.listen()
        check(f"{what}: is told that the explorer is taken, and no more", not second.open and '"taken"' in seen and '"explorer":' not in seen, seen[:300])
        second.close()
    ask_for_drawings(address, "/" + data_url, token, check)
    flood(address, token, owner, check)
    # The owner is still heard, and nobody else was.
    owner.say({"method": "update", "data": {"selected": [3, 5]}})
    owner.say({"method": "update", "data": {"done:shiny.action": 1}})
    check("the owner's rows come to R, nobody else's", (given := rows()) == [3, 5], given)
    owner.close()


def message_with(seen, name):
    """The message that holds `name`, of several that follow each other."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(seen):
        message, at = decoder.raw_decode(seen, at)
        if name in message:
            return message
    raise ValueError(f"no message with {name}")


def others_of_this_machine():
    """Addresses of this machine by which others reach it."""
    found = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
            found.add(probe.getsockname()[0])
        except OSError:
            pass
    # All of 127.0.0.0/8 is this machine: who listens everywhere answers there, too.
    return sorted(found - {"127.0.0.1"}) + ["127.0.0.2"]


def listens(name, port):
    try:
        socket.create_connection((name, port), timeout=2).close()
        return True
    except OSError:
        return False


def ask_for_drawings(address, path, token, check):
    """Questions to the address of the owner's session, refused and answered."""
    path = path.split("&ask=")[0] + "&ask="
    good = {"X-Explorer-Token": token}
    for what, headers, host in (("no token", {}, None), ("a wrong token", {"X-Explorer-Token": "0" * 32}, None),
                                ("another site", {**good, "Origin": "http://evil.example"}, None), ("a name that points here", good, "evil.example")):
        status, content = fetch(address, "POST", path + "data", headers, b"", host)
        check(f"the drawings' address, {what}: refused", status == 403 and len(content) < 100, status)
    status, content = fetch(address, "POST", path + "data", good, b"")
    check("the drawings' address, with the token: answers", status == 200 and len(content) > 2000 * 8, f"{status}, {len(content)} bytes")
    status, content = fetch(address, "POST", path + "thumbs", good, struct.pack("<2i", 0, 1))
    check("two drawings are two drawings", status == 200 and len(content) == 2 * 784, f"{status}, {len(content)} bytes")
    for ask, body in (("decode", bytes(4_000_000)), ("thumbs", bytes(400_000)), ("place", bytes(100_000)), ("place", bytes(785)),
                      ("data", bytes(10)), ("scores", bytes(1)), ("codes", bytes(8)), ("nothing", bytes(10))):
        status, content = fetch(address, "POST", path + ask, good, body)
        check(f"a question of {len(body):,} bytes to {ask}: refused", status == 413 or status == 400 and b"longer" in content, f"{status} {content[:100]}")
    for what, headers, body in (("no length", {**good, "Transfer-Encoding": "chunked"}, None), ("a length that is none", {**good, "Content-Length": "many"}, None)):
        status, content = fetch(address, "POST", path + "data", headers, body)
        check(f"a question of {what}: refused", status == 413, f"{status} {content[:100]}")
    for ask, body in (("thumbs", struct.pack("<i", 2000)), ("thumbs", struct.pack("<i", -1)), ("decode", bytes(12)), ("decode", b""),
                      ("place", bytes(783)), ("codes", struct.pack("<i", -5)), ("nothing", b""), ("", b"")):
        status, content = fetch(address, "POST", path + ask, good, body)
        check(f"{ask or 'no word'} with {len(body)} wrong bytes: refused", status == 400, f"{status} {content[:100]}")


def flood(address, token, owner, check):
    """More than any page sends: R goes on, and the owner is served."""
    stranger = Socket(address, "http://evil.example")
    stranger.send(b"[" + b"1," * 4_000_000 + b"1]")
    stranger.close()
    owner.say({"method": "update", "data": {"selected": list(range(-5, 300_000))}})
    owner.say({"method": "update", "data": {"selected": {"a": ["x", None, [1, 2]]}}})
    owner.say({"method": "update", "data": {"selected": "all", "busy": [1] * 10_000}})
    status, content = fetch(address, "GET", "/?token=" + token)
    check("after messages of megabytes and of nonsense R goes on", status == 200 and owner.open, status)

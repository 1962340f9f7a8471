# What others try at the port of latent_explorer(): another site's page, one whose name points here, a guessed token, a
# second tab. A WebSocket client of its own, as no browser lets a script choose its Origin.
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
        self.socket = socket.create_connection((address.hostname, address.port), timeout=5)
        lines = ["GET /websocket/ HTTP/1.1", f"Host: {host or address.netloc}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Version: 13"]
        if origin:
            lines.append(f"Origin: {origin}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.seen = b""

    def say(self, message):
        body, mask = json.dumps(message).encode(), os.urandom(4)
        length = bytes([0x80 | len(body)]) if len(body) < 126 else bytes([0x80 | 126]) + struct.pack(">H", len(body))
        self.socket.sendall(b"\x81" + length + mask + bytes(b ^ mask[k % 4] for k, b in enumerate(body)))

    def listen(self, seconds=3):
        """All that comes until the other side closes or is silent."""
        self.socket.settimeout(seconds)
        try:
            while part := self.socket.recv(65536):
                self.seen += part
        except (TimeoutError, ConnectionError):
            pass
        return self.seen.decode("latin-1")

    def close(self):
        self.socket.close()


def start(address, origin, query, host=None):
    """What a page sends when it opens, and what it gets."""
    one = Socket(address, origin, host)
    one.say({"method": "init", "data": {".clientdata_url_search": query, ".clientdata_url_protocol": "http:", "ready": True,
                                        "selected": [1], "done:shiny.action": 1}})
    return one


def fetch(address, method, path, headers=None, body=None, host=None):
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
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


def intrude(url, check, data_url=None):
    """data_url: where the page of the owner fetches its bytes, once it is open."""
    address = urlsplit(url)
    token, own = address.query.removeprefix("token="), f"http://{address.netloc}"
    check("the address that R opens is this machine's and holds a token", address.hostname == "127.0.0.1" and len(token) == 32, url)
    when = "while the page is open" if data_url else "before the page is open"
    for what, origin, query, host in (
        ("another site", "http://evil.example", "?token=" + token, None),
        ("another site without the token", "http://evil.example", "", None),
        ("another program's page", "http://127.0.0.1:1", "?token=" + token, None),
        ("no origin", None, "?token=" + token, None),
        ("origin null", "null", "?token=" + token, None),
        ("a name that points here", f"http://evil.example:{address.port}", "?token=" + token, f"evil.example:{address.port}"),
        ("no token", own, "", None),
        ("a wrong token", own, "?token=" + "0" * 32, None),
        ("a cut token", own, "?token=" + token[:-1], None),
        ("a strange token", own, "?token=%ff&token[]=1", None),
    ):
        one = start(address, origin, query, host)
        seen = one.listen()
        one.close()
        check(f"{when}, {what}: the WebSocket gets nothing of the drawings", '"explorer"' not in seen and "dataobj" not in seen, seen[-200:] if "dataobj" in seen else "")
    for what, path, host in (("no token", "/", None), ("a wrong token", "/?token=" + "f" * 32, None), ("a name that points here", "/?token=" + token, "evil.example")):
        status, content = fetch(address, "GET", path, host=host)
        check(f"{when}, {what}: the page is refused", status == 403 and b"explorer" not in content, status)
    if not data_url:
        return
    parts = urlsplit(data_url)
    path = f"{parts.path}?{parts.query}"
    good = {"X-Explorer-Token": token}
    for what, headers, host in (("no token", {}, None), ("a wrong token", {"X-Explorer-Token": "0" * 32}, None),
                                ("another site", {**good, "Origin": "http://evil.example"}, None), ("a name that points here", good, "evil.example")):
        status, content = fetch(address, "POST", path, headers, b"", host)
        check(f"the drawings' address, {what}: refused", status == 403, status)
    ask = path.split("&ask=")[0] + "&ask="
    check("the drawings' address, with the token: answers", fetch(address, "POST", ask + "scores", good, b"")[0] == 200)
    for what, body in (("decode", bytes(4_000_000)), ("thumbs", bytes(400_000)), ("place", bytes(100_000))):
        status, content = fetch(address, "POST", ask + what, good, body)
        check(f"a question of {len(body):,} bytes to {what}: refused", status == 413 or status == 400 and b"longer" in content, status)

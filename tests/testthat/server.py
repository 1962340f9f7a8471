"""A web server with the faults of the real world, for test-download.R.

server.py FOLDER INFO: serves the files of FOLDER, writes "port pid" to INFO and each request's
"path range" to INFO.log. The first part of a path says how it behaves: words joined by "+", the
rest is well behaved (ETag, Last-Modified, If-Range, Content-Range).
  good        nothing is wrong
  whole       ignores ranges, sends all
  cut         the first answer stops half way         cutN  every answer stops after N bytes
  dead        sends a third, then nothing but closed lines
  slow        sends in pieces, over about two seconds
  noetag, nodate, weak       without ETag, without Last-Modified, with a weak ETag
  nolength    without Content-Length                  short  leaves out the file's last 784 bytes
  long        sends 784 bytes more                    gzip   sends it compressed
  md5, badmd5 with the file's MD5, with another       garbled  flips a bit after the first answer
And what comes after the first answer (or at once, where the word stands alone):
  page        a web page with status 200              status404 (or another number)
  changed     another file with another ETag          lies   the same as 206, If-Range or not
  shifted     206 with a range that was not asked for unsaid  206 without Content-Range
  moved       a redirect to the well-behaved file     login  a redirect to a web page
"""
import base64
import gzip
import hashlib
import http.server
import os
import re
import sys
import threading
import time

folder, info = sys.argv[1:3]
seen = {}
PAGE = b"<!DOCTYPE html><html><body>Quota exceeded</body></html>" * 9


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.headers.get("Range")
        with open(info + ".log", "a") as log:
            log.write(f"{self.path} {asked}\n")
        _, kinds, name = self.path.split("/", 2)
        words = kinds.split("+")
        seen[self.path] = seen.get(self.path, 0) + 1
        first = seen[self.path] == 1
        late = not first or not any(w.startswith(("cut", "dead")) for w in words)
        if late and "page" in words:
            return self.answer(200, {"Content-Type": "text/html"}, PAGE)
        if late and ("moved" in words or "login" in words):
            where = f"/good/{name}" if "moved" in words else "/page/x"
            return self.answer(302, {"Location": where}, PAGE)
        status = [int(w[6:]) for w in words if w.startswith("status")]
        if late and status and (asked or 416 not in status):
            return self.answer(status[0], {}, b"" if status[0] in (204, 304) else PAGE)
        path = os.path.join(folder, name.replace("%20", " "))
        if not os.path.exists(path):
            return self.answer(404, {}, b"<html>no such file</html>")
        with open(path, "rb") as f:
            data = f.read()
        right = data
        headers = {}
        tag = "v1"
        if late and ("changed" in words or "lies" in words):
            start = 10 + data[8] + 256 * data[9]  # of a .npy's numbers
            data, tag = data[:start] + data[start:][::-1], "v2"
        if not first and "garbled" in words:
            data = data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]
        if "short" in words:
            data = data[:-784]
        if "long" in words:
            data += bytes(784)
        if "noetag" not in words:
            headers["ETag"] = ("W/" if "weak" in words else "") + f'"{tag}"'
        if "nodate" not in words:
            headers["Last-Modified"] = f"Wed, 01 Jan 2020 00:00:0{tag[1]} GMT"
        if "md5" in words or "badmd5" in words:
            sum = hashlib.md5(right if "md5" in words else b"").digest()
            headers["x-goog-hash"] = "crc32c=AAAAAA==,md5=" + base64.b64encode(sum).decode()
        if "gzip" in words:
            headers["Content-Encoding"], data = "gzip", gzip.compress(data)
        start = 0
        known = self.headers.get("If-Range") in (None, headers.get("ETag"), headers.get("Last-Modified"))
        if asked and "whole" not in words and (known or "lies" in words):
            start = int(re.match(r"bytes=(\d+)-$", asked).group(1))
        if start >= len(data):
            return self.answer(416, {"Content-Range": f"bytes */{len(data)}"}, PAGE)
        said = start
        if late and start and "shifted" in words:
            said = start = start // 2
        if start and "unsaid" not in words:
            headers["Content-Range"] = f"bytes {said}-{len(data) - 1}/{len(data)}"
        limit = None
        if "dead" in words:
            limit = len(data) // 3 if first else 0
        for word in words:
            if word == "cut" and first:
                limit = len(data) // 2
            elif word.startswith("cut") and word != "cut":
                limit = int(word[3:])
        self.answer(206 if start else 200, headers, data[start:], limit, "nolength" in words, "slow" in words)

    def answer(self, status, headers, body, limit=None, nolength=False, slow=False):
        self.send_response(status)
        if not nolength:
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        body = body if limit is None else body[:limit]
        try:
            pieces = 20 if slow else 1
            size = len(body) // pieces + 1
            for i in range(0, len(body), size):
                self.wfile.write(body[i : i + size])
                self.wfile.flush()
                if slow:
                    time.sleep(0.1)
            if limit:
                time.sleep(0.05)  # a line is cut after its bytes have arrived, not with them
        except OSError:
            pass  # the other side has hung up

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(info + ".new", "w") as f:
    f.write(f"{server.server_address[1]} {os.getpid()}\n")
os.rename(info + ".new", info)
threading.Timer(120, lambda: os._exit(0)).start()  # should the test die first
server.serve_forever()

"""A web server with the faults of the real world, for test-load_quickdraw.R.

server.py FOLDER INFO: serves the files of FOLDER, writes "port pid" to INFO and each request's
"path range" to INFO.log. The first part of a path says how it behaves:
  good     serves ranges            whole    ignores ranges, sends all
  cut      closes the line half way, serves ranges      cutwhole  both
  dead     sends a third, then nothing but closed lines
  page     a web page with status 200                   missing   status 404
"""
import http.server
import os
import re
import sys
import threading
import time

folder, info = sys.argv[1:3]
seen = {}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.headers.get("Range")
        with open(info + ".log", "a") as log:
            log.write(f"{self.path} {asked}\n")
        _, kind, name = self.path.split("/", 2)
        seen[self.path] = seen.get(self.path, 0) + 1
        first = seen[self.path] == 1
        if kind == "page":
            return self.answer(200, b"<!DOCTYPE html><html><body>Quota exceeded</body></html>" * 9)
        path = os.path.join(folder, name.replace("%20", " "))
        if kind == "missing" or not os.path.exists(path):
            return self.answer(404, b"<html>no such file</html>")
        with open(path, "rb") as f:
            data = f.read()
        start = 0
        if asked and kind not in ("whole", "cutwhole"):
            start = int(re.match(r"bytes=(\d+)-$", asked).group(1))
        body = data[start:]
        if kind == "dead":
            return self.answer(206 if start else 200, body, len(data) // 3 if first else 0)
        limit = len(data) // 2 if kind in ("cut", "cutwhole") and first else None
        return self.answer(206 if start else 200, body, limit)

    def answer(self, status, body, limit=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if limit is None else body[:limit])
        if limit:
            self.wfile.flush()
            time.sleep(0.5)  # a line is cut after its bytes have arrived, not with them
        self.close_connection = True

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(info + ".new", "w") as f:
    f.write(f"{server.server_address[1]} {os.getpid()}\n")
os.rename(info + ".new", info)
threading.Timer(120, lambda: os._exit(0)).start()  # should the test die first
server.serve_forever()

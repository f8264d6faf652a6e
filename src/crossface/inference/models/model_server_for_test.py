"""A web server with the ways of servers, good and bad, for download_test.cc.

usage: model_server_for_test.py FOLDER PORT_FILE LOG
The first part of an address says how it serves, the second which file of FOLDER. LOG gets a line per request: the address and the
Range that was asked for.
"""
import http.server
import os
import sys
import time

FOLDER, PORT_FILE, LOG = sys.argv[1:]
PIECE = 100_000


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        way, name = self.path.strip("/").split("/")
        asked = self.headers.get("Range", "")
        seen = sum(line.startswith(self.path + " ") for line in open(LOG)) if os.path.exists(LOG) else 0
        with open(LOG, "a") as log:
            log.write(f"{self.path} {asked}\n")
        if way == "missing":
            return self.send_error(404)
        if way == "failing_once" and seen == 0:
            return self.send_error(503)
        tag = '"first"'
        if way == "changing" and seen > 0:
            name, tag = name + ".new", '"second"'
        with open(os.path.join(FOLDER, name), "rb") as file:
            content = file.read()
        start = 0
        ranged = way not in ("plain", "cut_plain", "endless") and self.headers.get("If-Range") == tag
        if asked and ranged:
            start = int(asked.removeprefix("bytes=").split("-")[0])
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                return self.end_headers()
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if way not in ("plain", "cut_plain", "endless"):
            self.send_header("ETag", tag)
        self.close_connection = True
        if way == "endless":
            self.end_headers()
            try:
                while True:
                    self.wfile.write(content)
            except ConnectionError:
                return None
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if way in ("cut", "cut_plain") or (way == "changing" and seen == 0):
            self.wfile.write(content[start:start + PIECE])
        elif way == "waiting":
            self.wfile.write(content[start:start + PIECE])
            self.wfile.flush()
            time.sleep(600)
        else:
            self.wfile.write(content[start:])

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(PORT_FILE + ".part", "w") as file:
    file.write(str(server.server_port))
os.rename(PORT_FILE + ".part", PORT_FILE)
server.serve_forever()

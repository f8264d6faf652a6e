#!/usr/bin/env python3
"""Downloads a file, going on where an earlier download of it was cut off.

usage: download_file.py ADDRESS FILE MOST_BYTES [BYTES]
MOST_BYTES  more is refused, whatever the server announces
BYTES       the size that the file must have, where it is known

Until it is whole the file is FILE.part, and FILE.part.version says which version of it the server was sending: another one is
begun anew. FILE appears at once and whole. Exit codes: 1 it cannot be had, 3 it has another size, 7 the disk is full.
"""
import errno
import http.client
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

CHUNK = 1 << 16
TIMEOUT_S = 60
# In a row without a byte more; the waits between them add up to half a minute.
MOST_FAILURES = 5
FIRST_WAIT_S = float(os.environ.get("CROSSFACE_DOWNLOAD_WAIT_S", "1"))


class Refused(Exception):
    """What the server has is not what is wanted."""


class OnlyAsSafe(urllib.request.HTTPRedirectHandler):
    """Never leaves an encrypted connection for a plain one."""

    def redirect_request(self, request, file, code, message, headers, address):
        if request.type == "https" and urllib.parse.urlsplit(address).scheme != "https":
            raise Refused(f"{request.full_url} leads to an address without encryption")
        return super().redirect_request(request, file, code, message, headers, address)


def version_of(headers):
    """What tells this version of the file from others; empty when the server does not say."""
    tag = headers.get("ETag", "")
    return headers.get("Last-Modified", "") if not tag or tag.startswith("W/") else tag


def announced(page, offset):
    """The whole file's size, or None when the server does not say."""
    if page.status == 206:
        start, _, total = page.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
        if start.split("-")[0] != str(offset):
            raise Refused("the server sends another part of the file than was asked for")
        return int(total) if total.isdigit() else None
    length = page.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


def check(size, most, wanted):
    if wanted is not None and size != wanted:
        raise Refused(f"it has {size} bytes where {wanted} were expected")
    if size > most:
        raise Refused(f"it has more than the {most} bytes that are taken")


class Download:
    def __init__(self, address, target, most, wanted):
        self.address, self.target, self.most, self.wanted = address, target, most, wanted
        self.part, self.version_file = target + ".part", target + ".part.version"
        self.opener = urllib.request.build_opener(OnlyAsSafe)
        self.answered = False

    def had(self):
        """Bytes that are here and can be gone on from, and the version that they are of."""
        try:
            with open(self.version_file, encoding="utf-8") as file:
                version = file.read()
            return (os.path.getsize(self.part), version) if version else (0, "")
        except OSError:
            return 0, ""

    def try_once(self):
        """True when the file is whole."""
        offset, version = self.had()
        request = urllib.request.Request(self.address, headers={"Accept-Encoding": "identity"})
        if offset:
            request.add_header("Range", f"bytes={offset}-")
            request.add_header("If-Range", version)
        try:
            page = self.opener.open(request, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as error:
            if error.code != 416 or not offset:
                raise
            self.answered = True
            # Whole already, or longer than the file is.
            whole = error.headers.get("Content-Range", "").rpartition("/")[2] == str(offset)
            if not whole:
                os.remove(self.version_file)
            return whole
        self.answered = True
        with page:
            if page.status != 206:
                offset = 0
            size = announced(page, offset)
            if size is not None:
                check(size, self.most, self.wanted)
            return self.receive(page, offset, size)

    def receive(self, page, offset, size):
        with open(self.part, "r+b" if offset else "wb", buffering=0) as file:
            file.truncate(offset)
            file.seek(offset)
            with open(self.version_file, "w", encoding="utf-8") as version:
                version.write(version_of(page.headers))
            while chunk := page.read1(CHUNK):
                offset += len(chunk)
                if offset > self.most:
                    raise Refused(f"it has more than the {self.most} bytes that are taken")
                file.write(chunk)
            if size is not None and offset < size:
                return False
            os.fsync(file.fileno())
        return True

    def run(self):
        failures = 0
        while True:
            before = self.had()[0]
            try:
                if self.try_once():
                    break
                reason = "the connection was cut"
            except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
                # A server that never answered will not do so now; nor will one that says that it has no such file.
                if isinstance(error, urllib.error.HTTPError):
                    self.answered = True
                    if error.code < 500 and error.code not in (408, 429):
                        raise
                if not self.answered:
                    raise
                reason = str(error) or type(error).__name__
            failures = 0 if self.had()[0] > before else failures + 1
            if failures == MOST_FAILURES:
                raise ConnectionError(f"{reason}, {failures} times in a row")
            time.sleep(FIRST_WAIT_S * 2 ** failures if failures else 0)
        check(os.path.getsize(self.part), self.most, self.wanted)
        os.replace(self.part, self.target)
        os.remove(self.version_file)

    def forget(self):
        for path in (self.part, self.version_file):
            if os.path.exists(path):
                os.remove(path)


def main(address, target, most, wanted=None):
    download = Download(address, target, int(most), int(wanted) if wanted else None)
    try:
        download.run()
    except Refused as refusal:
        download.forget()
        print(refusal)
        return 3
    except OSError as error:
        print(error)
        return 7 if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else 1
    except http.client.HTTPException as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        raise SystemExit(__doc__)
    raise SystemExit(main(*sys.argv[1:]))

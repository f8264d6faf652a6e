#!/usr/bin/env python3
"""Drives crossface on real terminals (tmux), on real footage, by keys, and looks at what is on the screen.

usage: test_terminal.py CROSSFACE [--panes FOLDER]
--panes keeps what was seen (as text with colours), for people to look at. 77 where tmux or ../shared is missing.
"""
import contextlib, fcntl, json, os, pathlib, pty, re, shutil, sqlite3, struct, subprocess, sys, tempfile, termios, time

import terminal_pixels

ROOT = pathlib.Path(__file__).resolve().parents[1]
SHARED = pathlib.Path(os.environ.get("CROSSFACE_SHARED", ROOT.parent / "shared"))
PATIENCE = int(os.environ.get("CROSSFACE_PATIENCE", "120"))  # seconds: of a busy machine
CLIPS = ["grid_bbaf2n.mpg", "grid_lbax4n.mpg"]


class Terminal:
    """One window of a tmux of its own."""

    def __init__(self, columns, rows, folder, panes=None):
        self.socket, self.panes = str(folder / f"tmux-{columns}x{rows}"), panes
        environment = {**os.environ, "COLORTERM": "truecolor", "PS1": "$ ", "HOME": str(folder), "PATH": f"{folder}/bin:{os.environ['PATH']}"}
        environment.pop("TMUX", None)
        environment.pop("NO_COLOR", None)
        subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                        "bash", "--norc", "--noprofile"], check=True, env=environment, cwd=folder)
        self.wait("$")

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], check=True, capture_output=True, text=True).stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False)

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def command(self, *words):
        """Clears the screen and begins a command; its exit code is shown when it ends."""
        self.keys("-R", "")
        self.tmux("clear-history")
        self.type("clear; " + " ".join(f"'{word}'" if word != ">" else word for word in map(str, words)) + "; echo \"[code $?]\"")
        self.keys("Enter")

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def all(self):
        return self.tmux("capture-pane", "-p", "-S", "-200", "-J")

    def drawn(self):
        return self.tmux("display-message", "-p", "#{alternate_on}").strip() == "1"

    def wait(self, *texts, but=()):
        """Until all texts are on the screen, and none of `but`."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            seen = self.screen()
            if all(text in seen for text in texts) and not any(text in seen for text in but):
                return seen
            time.sleep(0.05)
        raise AssertionError(f"{texts} without {but} did not come:\n{self.all()}")

    def ended(self, code):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = re.search(r"^\[code (\d+)\]", self.all(), re.M)
            if found and not self.drawn():
                assert int(found.group(1)) == code, self.all()
                return self.all()
            time.sleep(0.05)
        raise AssertionError(f"no end:\n{self.all()}")

    def keep(self, name):
        if self.panes:
            (self.panes / name).write_text(self.tmux("capture-pane", "-p", "-e"))


def people(crossface, case):
    answer = subprocess.run([crossface, "people", "list", "--case", case, "--json"], check=True, capture_output=True, text=True)
    return json.loads(answer.stdout)["persons"]


def eventually(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


def suggest_merge(case, one, other):
    """As a grouping would; of two clips it has nothing to ask."""
    with contextlib.closing(sqlite3.connect(pathlib.Path(case) / "crossface.db")) as gallery, gallery:
        gallery.execute("INSERT OR REPLACE INTO suggestions VALUES(1, 'merge', ?, ?, 0.7, 1, 0)", (one["id"], other["id"]))


def dashboard(terminal, crossface, videos, case):
    """Pauses, goes on, asks for help; what is said at the end stays as text."""
    terminal.command(crossface, "identify", videos, "--case", case, "--threads", "2", "--json", ">", "out.json")
    terminal.wait("crossface identify")
    terminal.keys("p")
    terminal.wait("paused: p goes on", "looked at")
    assert terminal.drawn()
    terminal.keys("?")
    terminal.wait("the same command goes on where it was")
    terminal.keys("Escape")
    # The frames that were under way may still come; then nothing does.
    time.sleep(0.7)
    frames = re.search(r"frames +([\d,]+)", terminal.wait("paused", but=["the same command"])).group(1)
    # Fewer threads, and where the time goes.
    terminal.keys("d")
    assert re.search(r"CPU s +read \d.*detect [\d.]+.*store", terminal.wait("CPU s", "waiting", "threads 2"))
    terminal.keys("-")
    terminal.wait("threads 1")
    terminal.keys("-")
    terminal.keys("+")
    terminal.wait("threads 2")
    terminal.keys("d")
    terminal.wait("paused", but=["CPU s"])
    time.sleep(0.7)
    assert re.search(r"frames +([\d,]+)", terminal.screen()).group(1) == frames, "it stands still"
    terminal.keep("dashboard")
    terminal.keys("p")
    said = terminal.ended(0)
    assert "scanned 2 of 2 sources" in said and "persons in" in said.replace("person in", "persons in"), said
    answer = json.loads((pathlib.Path(case).parent / "out.json").read_text())
    assert answer["exit"] == 0 and answer["scan"]["scanned"] == 2, "standard output is JSON and nothing else"
    assert all(answer["scan"]["cpu_seconds"][stage] > 0 for stage in ("read", "decode", "detect", "track", "embed", "store")), answer["scan"]


def longer(videos):
    """Films that do not end while a key is on its way."""
    folder = videos.parent / "longer"
    folder.mkdir(exist_ok=True)
    for film in sorted(videos.iterdir()):
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-stream_loop", "4", "-i", film, "-c", "copy",
                        folder / (film.stem + ".mkv")], check=True)
    return folder


def stopped(terminal, crossface, videos, case):
    """q stops, what is done is kept, the next run ends it; two Ctrl-C end at once and give the terminal back."""
    terminal.command(crossface, "identify", videos, "--case", case, "--threads", "1")
    terminal.wait("crossface identify")
    terminal.keys("p")
    terminal.wait("paused", "looked at")
    terminal.keys("q")
    assert "Stopped. What was scanned is kept" in terminal.ended(130)
    terminal.command(crossface, "identify", videos, "--case", case, "--threads", "1")
    terminal.wait("crossface identify")
    terminal.keys("p")
    terminal.wait("paused", "looked at")
    terminal.keys("s")
    terminal.wait("leave out which one")
    terminal.keys("1")
    time.sleep(0.3)
    terminal.keys("p")
    said = terminal.ended(0)
    assert "left out as you asked" in said, said
    terminal.command(crossface, "identify", videos, "--case", case, "--threads", "1")
    terminal.wait("crossface identify")
    terminal.keys("p")
    terminal.wait("paused", "looked at")
    terminal.keys("C-c", "C-c")
    terminal.ended(130)
    terminal.command("stty", "-a")
    assert " echo " in terminal.ended(0) and " icanon " in terminal.all()


def plain(terminal, crossface, videos, case):
    for words in ([crossface, "--plain", "verify", case], ["env", "TERM=dumb", crossface, "verify", case],
                  [crossface, "--plain", "identify", videos, "--case", case]):
        terminal.command(*words)
        end = time.monotonic() + PATIENCE
        while "[code" not in terminal.all():
            assert not terminal.drawn(), words
            assert time.monotonic() < end, terminal.all()
            time.sleep(0.02)
        terminal.ended(0)
    for words in (["people", "--case", case], ["people"]):
        nowhere = subprocess.run([crossface, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert nowhere.returncode == 2 and "\x1b" not in nowhere.stdout + nowhere.stderr, nowhere


def review(terminal, crossface, case, size):
    before = people(crossface, case)
    assert len(before) >= 2, "two people are in the clips"
    suggest_merge(case, before[0], before[1])
    terminal.command(crossface, "people", "--case", case)
    seen = terminal.wait("on screen", before[0]["name"], "q quit")
    assert re.search("[▀▄█▌▐▖▗▘▝▚▞▙▛▜▟]", seen), "a portrait is drawn"
    terminal.keep(f"people-{size}")
    terminal.keys("r")
    terminal.wait("name of " + before[0]["name"])
    terminal.type("Zoë Ünal")
    terminal.keys("Enter")
    terminal.wait("Zoë Ünal", "q quit")
    terminal.keys("Enter")
    terminal.wait("appearance", "q back")
    terminal.keep(f"person-{size}")
    played = pathlib.Path(case).parent / "played"
    terminal.keys("o")
    eventually(played.exists)
    words = played.read_text().splitlines()
    assert re.fullmatch(r"--start=[012]\.\d{3}", words[0]) and words[-1].endswith(".mpg"), words
    played.unlink()
    terminal.keys("Enter")
    terminal.wait("face", "00:00:0", "o open")
    terminal.keep(f"faces-{size}")
    terminal.keys("q")
    terminal.wait("q back")
    terminal.keys("q")
    terminal.wait("q quit")
    # Who is marked becomes part of who is chosen.
    terminal.keys("Home", "Space")
    terminal.wait(" * ")
    terminal.keys("m")
    terminal.wait("are one? [y/N]")
    terminal.keys("y")
    terminal.wait("q quit", but=["[y/N]", " * "])
    assert len(people(crossface, case)) == len(before) - 1, terminal.screen()
    terminal.keys("u")
    eventually(lambda: len(people(crossface, case)) == len(before))
    terminal.keys("s")
    seen = terminal.wait("suggestion 1 of 1", "one person?", "70 % likely", "n no")
    assert seen.count("│") > 4, "two faces side by side"
    terminal.keep(f"suggestion-{size}")
    terminal.keys("n")
    terminal.wait("nothing is left to ask")
    terminal.keys("u")
    terminal.wait("one person?")
    terminal.keys("q")
    terminal.wait("q quit")
    terminal.keys("i")
    terminal.wait("ignore")
    terminal.keys("?")
    terminal.wait("Corrections stay through every later run")
    terminal.keep(f"help-{size}")
    terminal.keys("x", "q")
    terminal.ended(0)
    now = people(crossface, case)
    assert sum(one["ignored"] for one in now) == 1 and any(one["name"] == "Zoë Ünal" for one in now), now
    assert any(path.name == "Zoë Ünal" for path in pathlib.Path(case).glob("*/*")), "the folder is up to date"
    for _ in range(2):  # as it was, for the next size
        subprocess.run([crossface, "people", "undo", "--case", case, "--quiet"], check=True, capture_output=True)


def live(terminal, crossface, film, case, size):
    """Two streams, one of which has trouble; results go on to a file, or are told at the end."""
    lines = pathlib.Path(f"{case}.txt")
    terminal.command(crossface, "live", f"gate={film}", "yard=tcp://127.0.0.1:9", "--case", case, "--no-identify", ">", lines)
    terminal.wait("crossface live", "gate", "watching", "yard", "waiting", "new-0001", "seen now", "newest faces", "delay")
    terminal.wait("tcp://127.0.0.1:9: cannot be opened", "q stop, keep what is recorded")
    assert terminal.drawn()
    terminal.keep(f"live-{size}")
    terminal.keys("?")
    terminal.wait("nobody of the case, the same person")
    terminal.keys("Escape")
    assert "new-0001" in lines.read_text() and "dropped" not in lines.read_text(), "results come as they come"
    terminal.keys("q")
    said = terminal.ended(3)  # one of the streams never came
    assert "segment recorded" in said and "identify" in said and "yard" in said, said
    terminal.command(crossface, "live", f"gate={film}", "--case", case, "--for", "6", "--no-record")
    terminal.wait("crossface live", "seen now", "ends in")
    said = terminal.ended(0)
    assert re.search(r"^20\S+Z  gate  \S+", said, re.M), said
    terminal.command(crossface, "--plain", "live", f"gate={film}", "--case", case, "--for", "4", "--no-record")
    terminal.wait("new-0001", but=["seen now"])
    assert not terminal.drawn()
    assert "looked at" in terminal.ended(0)


def first_screen(terminal, crossface, folder):
    terminal.command(crossface)
    seen = terminal.wait("Begin with a folder", "Go on with a case", "case")
    assert "?" not in seen.replace("? help", ""), "no control characters of our own"
    terminal.type(str(folder / "vid"))
    terminal.keys("Tab")
    terminal.wait("videos/")
    terminal.keys("Enter")
    terminal.wait("2 videos, ", "videos-case")
    terminal.keep("first")
    # Ctrl-U empties the field.
    terminal.keys("C-u")
    terminal.wait("crossface", but=["videos-case"])
    terminal.type(str(folder / "videos-case"))
    terminal.keys("Enter")
    terminal.wait("on screen", "q quit")
    terminal.keys("q")
    assert "2 persons" in terminal.ended(0) or "persons, " in terminal.all()
    assert (folder / "videos-case/people").is_dir()


def read_until(master, found):
    end, seen = time.monotonic() + PATIENCE, b""
    while time.monotonic() < end:
        seen += os.read(master, 65536)
        if found(seen):
            return seen
    raise AssertionError(seen)


def difference(picture, path):
    """Mean difference of what is seen and a JPEG cut to the same size, in grey levels."""
    wanted = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-vf", f"scale={picture.width}:{picture.height}:flags=area",
                             "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], check=True, capture_output=True).stdout
    got = b"".join(map(bytes, picture.rows))
    # Sixel's height goes by sixes: what is missing below is at most five rows.
    return sum(abs(a - b) for a, b in zip(got, wanted)) / len(got)


def whose(sent, case):
    """Names of those whose portraits are seen, in a terminal of 80x24 cells with 800x480 pixels."""
    names, taken = [], []
    for picture in terminal_pixels.seen(sent, 10, 20):
        assert picture.left + picture.width <= 800 and picture.top + picture.height <= 480, "a picture lies over the edge"
        for other in taken:
            assert (picture.left >= other.left + other.width or other.left >= picture.left + picture.width or
                    picture.top >= other.top + other.height or other.top >= picture.top + picture.height), "a picture lies over another"
        taken.append(picture)
        by_name = sorted((difference(picture, portrait), portrait.parent.name) for portrait in pathlib.Path(case).glob("people/*/portrait.jpg"))
        assert by_name[0][0] < 10 and by_name[1][0] > 2 * by_name[0][0], by_name
        names.append(by_name[0][1])
    return names


def pictures(crossface, case):
    """The terminal says what it can, and gets pictures of that kind, which are those of the people that are chosen."""
    kinds = [(b"\x1b_Gi=31;OK\x1b\\\x1b[?62;22c", rb"\x1b_G[^\x1b]*a=T"), (b"\x1b[?62;4;22c", rb"\x1bP[0-9;]*q"),
             (b"\x1b[?62;22c", "[▀▄▌▐▚▞]".encode())]
    for answer, picture in kinds:
        child, master = pty.fork()
        if child == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 800, 480))
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(crossface, [crossface, "people", "--case", case])
        read_until(master, lambda seen: b"\x1b[c" in seen)
        os.write(master, answer)
        # Each drawing ends so.
        sent = read_until(master, lambda seen: re.search(picture, seen) and b"quit" in seen and seen.endswith(b"\x1b[?2026l"))
        if isinstance(picture, bytes) and picture != kinds[-1][1]:
            first = whose(sent, case)
            os.write(master, b"j")
            sent += read_until(master, lambda seen: re.search(picture, seen) and seen.endswith(b"\x1b[?2026l"))
            other = whose(sent, case)
            assert len(first) == len(other) == 1 and first != other, (first, other)
        os.write(master, b"q")
        read_until(master, lambda seen: b"\x1b[?1049l" in seen)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(master)
        assert ended == 0, (answer, ended)


def main():
    crossface = str(pathlib.Path(sys.argv[1]).resolve())
    panes = pathlib.Path(sys.argv[3]) if sys.argv[2:3] == ["--panes"] else None
    if not shutil.which("tmux") or not SHARED.exists():
        print("needs tmux and", SHARED)
        sys.exit(77)
    os.environ.setdefault("XDG_DATA_HOME", str(pathlib.Path.home() / ".local/share"))
    os.environ["LC_ALL"] = "C.UTF-8"
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        videos, case = folder / "videos", folder / "case"
        videos.mkdir()
        (folder / "bin").mkdir()
        player = folder / "bin/mpv"
        player.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >"$HOME/playing" && mv "$HOME/playing" "$HOME/played"\n')
        player.chmod(0o755)
        for clip in CLIPS:
            shutil.copy(SHARED / "data/videos" / clip, videos)
        with Terminal(80, 24, folder, panes) as terminal:
            dashboard(terminal, crossface, longer(videos), folder / "watched")
            subprocess.run([crossface, "identify", videos, "--case", case, "--quiet"], check=True, capture_output=True)
            plain(terminal, crossface, videos, case)
            review(terminal, crossface, str(case), "80x24")
            first_screen(terminal, crossface, folder)
            live(terminal, crossface, longer(videos) / "grid_bbaf2n.mkv", folder / "live", "80x24")
        with Terminal(200, 60, folder, panes) as terminal:
            stopped(terminal, crossface, longer(videos), folder / "other")
            review(terminal, crossface, str(case), "200x60")
            live(terminal, crossface, folder / "longer/grid_bbaf2n.mkv", folder / "live-too", "200x60")
        pictures(crossface, str(case))
    print("terminals show what they should")


if __name__ == "__main__":
    main()

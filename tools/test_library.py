#!/usr/bin/env python3
"""Tests an installed copy of the library as others use it.

usage: test_library.py install|example|wheel BUILD PREFIX
install  installs the library of the folder BUILD into PREFIX, which is emptied, and looks at its headers
example  builds examples/ against PREFIX alone and runs it on real footage
wheel    builds the Python module against PREFIX, installs it and reads a case of real footage
77 where what it needs is not there: ../shared, or the packages that tools/setup.sh --tests fetches.
"""
import os, pathlib, re, shutil, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
SHARED = pathlib.Path(os.environ.get("CROSSFACE_SHARED", ROOT.parent / "shared"))


def run(*command, **more):
    print("+", *command, flush=True)
    return subprocess.run([str(word) for word in command], check=True, **more)


def need(path):
    if not path.exists():
        print("needs", path)
        sys.exit(77)
    return path


def install(build, prefix):
    shutil.rmtree(prefix, ignore_errors=True)
    for component in ("runtime", "library"):
        run("cmake", "--install", build, "--prefix", prefix, "--component", component, stdout=subprocess.DEVNULL)
    include = prefix / "include"
    headers = sorted(header.relative_to(include) for header in include.rglob("*") if header.is_file())
    assert headers, "no header is installed"
    for header in headers:
        for name in re.findall(r"#\s*include\s+<([^>]+)>", (include / header).read_text()):
            assert re.fullmatch(r"[a-z_]+", name), f"{header} includes <{name}>, which users would need"
    # The headers of the door, each alone, with nothing but what is installed: a private header that they lead to is not found.
    with tempfile.TemporaryDirectory() as scratch:
        for header in headers:
            if header.parent.name != "app":
                continue
            (pathlib.Path(scratch) / (str(header).replace("/", "_") + ".cc")).write_text(f'#include "{header}"\n')
        run(os.environ.get("CXX", "g++"), "-std=c++20", "-fsyntax-only", "-Wall", "-Werror", "-I", include,
            *sorted(pathlib.Path(scratch).glob("*.cc")))
    print(f"{len(headers)} public headers need nothing else")
    every_function_is_there(prefix, headers)


def every_function_is_there(prefix, headers):
    """What headers mark as offered is in the library, and nothing of OpenCV, SQLite and the like can be seen."""
    library = next(prefix.glob("lib*/**/libcrossface.so"))
    table = run("nm", "-D", "--defined-only", "-C", library, capture_output=True, text=True).stdout
    symbols = [line.split(" ", 2)[2] for line in table.splitlines()]
    offered = 0
    for header in headers:
        for name in re.findall(r"^ *CROSSFACE_API [^;{(]*?(\w+)\(", (prefix / "include" / header).read_text(), re.M):
            offered += 1
            assert any(re.search(rf"\b{name}(?:\[abi:cxx11\]|<.*>)*\(", symbol) for symbol in symbols), f"{header}: {name} is not in the library"
    assert offered
    foreign = [symbol for symbol in symbols if "crossface::" not in symbol]
    assert not foreign, f"also seen from outside: {foreign[:5]}"
    print(f"{offered} functions of the headers are in the library, {len(symbols)} symbols in all")


def example(build, prefix):
    need(SHARED)
    with tempfile.TemporaryDirectory() as scratch:
        run("cmake", "-S", ROOT / "examples", "-B", scratch, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
            "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF", "-DCMAKE_BUILD_TYPE=Release", stdout=subprocess.DEVNULL)
        run("cmake", "--build", scratch, stdout=subprocess.DEVNULL)
        run(sys.executable, "-B", ROOT / "examples" / "first_look_test.py", f"{scratch}/first_look")


def wheel(build, prefix):
    python = need(pathlib.Path(deps()) / "python" / "bin" / "python")
    need(SHARED)
    with tempfile.TemporaryDirectory() as scratch:
        run(ROOT / "python" / "build_wheel.sh", build, scratch, prefix)
        installed = f"{scratch}/site"
        run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--no-index", "--target", installed,
            *pathlib.Path(scratch).glob("*.whl"))
        footage = pathlib.Path(scratch) / "footage"
        footage.mkdir()
        os.symlink(SHARED / "data" / "videos" / "hamilton_short.mp4", footage / "hamilton_short.mp4")
        case = f"{scratch}/case"
        run(build / "crossface", "identify", footage, "--case", case, "--threads", "2", "--quiet")
        environment = {**os.environ, "PYTHONPATH": installed, "PYTHONDONTWRITEBYTECODE": "1", "CASE": case}
        run(python, ROOT / "python" / "tests" / "test_crossface.py", env=environment)
        run(python, ROOT / "python" / "examples" / "first_look.py", env=environment)


def deps():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("CROSSFACE_DEPS") or f"{cache}/crossface/deps"


if __name__ == "__main__":
    what, build, prefix = sys.argv[1:]
    {"install": install, "example": example, "wheel": wheel}[what](pathlib.Path(build).resolve(), pathlib.Path(prefix).resolve())

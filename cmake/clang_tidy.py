#!/usr/bin/env python3
"""Runs clang-tidy over the project's own sources, or over those that are named: files or folders.

clang cannot read gcc's precompiled headers, nor some of its flags, so each file is read with the
commands of build/alone without them: it must include what it uses. Exit code 1: there are findings."""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "alone"
FOLDERS = ["common", "labs", "solutions", "grader", "docs"]
NOT_CLANGS = re.compile(r" (-include \S+cmake_pch\.hxx|-Winvalid-pch|-fpch-preprocess|-fno-gnu-unique|-Werror)(?= )")


def generate_headers():
    """Generated headers must be there to be included."""
    subprocess.run(["cmake", "--preset", "alone"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    targets = subprocess.run(["ninja", "-C", BUILD, "-t", "targets", "all"], check=True, text=True,
                             capture_output=True).stdout
    headers = re.findall(r"^(\S+\.pb\.h):", targets, re.MULTILINE)
    subprocess.run(["ninja", "-C", BUILD, *headers], check=True, stdout=subprocess.DEVNULL)


def commands():
    """One command a source of ours; generated and patched ones lie in the build folder."""
    found = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        if file.is_relative_to(ROOT) and not file.is_relative_to(ROOT / "build"):
            command = NOT_CLANGS.sub("", entry["command"]).split(" /usr/bin/c++ ")[-1]
            entry["command"] = "/usr/bin/c++ " + command.removeprefix("/usr/bin/c++ ")
            found.setdefault(file, entry)
    return found


def named(names, files):
    wanted = [pathlib.Path(name).resolve() for name in names] or [ROOT / each for each in FOLDERS]
    for path in wanted:
        if not any(file.is_relative_to(path) for file in files):
            sys.exit(f"clang_tidy: {path} is no source of this project, and holds none.")
    return sorted(file for file in files if any(file.is_relative_to(path) for path in wanted))


def check(file, database):
    run = subprocess.run(["clang-tidy", "--quiet", "-p", database, file], text=True, capture_output=True)
    return run.returncode, run.stdout


def main():
    generate_headers()
    files = commands()
    database = ROOT / "build" / "tidy"
    database.mkdir(exist_ok=True)
    (database / "compile_commands.json").write_text(json.dumps(list(files.values())))
    wanted = named(sys.argv[1:], files)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for code, output in pool.map(lambda file: check(file, database), wanted):
            failed += code != 0
            print(output, end="", flush=True)
    print(f"clang-tidy has findings in {failed} of {len(wanted)} files.")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())

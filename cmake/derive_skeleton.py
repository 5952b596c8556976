#!/usr/bin/env python3
"""Derives the files that students edit from the reference solutions.

A solution marks what a student is to write; everything else is handed out as it stands:

    // [solution: Find the first point at or after the key (handout 1A, step 3).]
    ...                     what the skeleton replaces by NotWritten("Find ... step 3).");
    // [end]
    // [solution]
    ...                     what the skeleton leaves out
    // [end]
    // [skeleton: TEXT]     what only the skeleton has: TEXT

A message may go on over several comment lines, up to its closing bracket.

    derive_skeleton.py --check    names every file under labs/ that differs from what its solution derives; exit 1
    derive_skeleton.py --write    rewrites them
"""

import argparse
import difflib
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
COLUMNS = 100

SOLUTION = re.compile(r"^(\s*)// \[solution(?::\s*(.*))?$")
END = re.compile(r"^\s*// \[end\]$")
SKELETON = re.compile(r"^(\s*)// \[skeleton: (.*)\]$")


def stub(indent, message):
    """A call of NotWritten, broken into lines as clang-format would."""
    one_line = f'{indent}NotWritten("{message}");'
    if len(one_line) <= COLUMNS:
        return [one_line]
    broken = f'{indent}    "{message}");'
    if len(broken) <= COLUMNS:
        return [f"{indent}NotWritten(", broken]
    head = f'{indent}NotWritten("'
    lines, words = [], message.split(" ")
    line, start = "", head
    for word in words:
        if line and len(start) + len(line) + len(word) + 2 > COLUMNS:
            lines.append(f'{start}{line}"')
            line, start = "", " " * (len(head) - 1) + '"'
        line += word + " "
    lines.append(f'{start}{line.rstrip()}");')
    return lines


def derive(text, name):
    """The skeleton of a solution's text."""
    out = []
    lines = iter(enumerate(text.split("\n"), 1))
    for number, line in lines:
        if END.match(line):
            sys.exit(f"{name}:{number}: [end] without [solution]")
        if match := SKELETON.match(line):
            out.append(match[1] + match[2])
            continue
        match = SOLUTION.match(line.removesuffix("]"))
        if not match:
            out.append(line)
            continue
        message, begin = match[2] or "", number
        while not line.endswith("]"):  # the message goes on
            number, line = next(lines, (0, "]"))
            message += " " + line.strip().removeprefix("//").strip().removesuffix("]")
        if message:
            out += stub(match[1], message)
        for number, line in lines:
            if END.match(line):
                break
            if SOLUTION.match(line.removesuffix("]")):
                sys.exit(f"{name}:{number}: [solution] inside the one of line {begin}")
        else:
            sys.exit(f"{name}:{begin}: [solution] without [end]")
    # What is left out leaves blank lines and empty bodies behind.
    return re.sub(r"\{\n\s*\}\n", "{}\n", re.sub(r"\n{3,}", "\n\n", "\n".join(out)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true")
    mode.add_argument("--write", action="store_true")
    write = parser.parse_args().write

    drifted = False
    for solution in sorted(TOP.glob("solutions/lab*/*.cc")):
        target = TOP / "labs" / solution.parent.name / solution.name
        name = target.relative_to(TOP)
        wanted = derive(solution.read_text(), solution.relative_to(TOP))
        found = target.read_text() if target.exists() else ""
        if wanted == found:
            continue
        if write:
            target.write_text(wanted)
            print(f"wrote {name}")
            continue
        drifted = True
        sys.stdout.writelines(
            difflib.unified_diff(found.splitlines(True), wanted.splitlines(True), str(name), "derived from its solution")
        )
    if drifted:
        sys.exit("The skeletons above are not what the solutions derive: run cmake/derive_skeleton.py --write.")


if __name__ == "__main__":
    main()

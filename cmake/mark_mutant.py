#!/usr/bin/env python3
"""Marks what a patch has changed: before each changed statement stands a call that counts how often it is reached.

    mark_mutant.py FROM TO    TO holds the files of FROM, patched; the lines keep their numbers

A statement is what the compiler sees as one in a function's body, so a change within an `if` is marked before the `if`. Of a
run of changed lines it is the first one of the innermost statements. Where something was only deleted, the mark stands where it
was. A change outside of every body marks the body that follows, as that of a constructor whose initialisers have changed; that
of a constant marks whatever uses it.
"""

import difflib
import pathlib
import re
import sys

MARK = "::quorum::NoteReached(); "
TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/|^\#[^\n]*)|(?P<literal>R"\((?:.*?)\)"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    r"""|(?P<word>\w+(?:'\w+)*)|(?P<sign>->|::|.)""",
    re.DOTALL | re.VERBOSE | re.MULTILINE)
SCOPES = {"namespace", "class", "struct", "enum", "union"}
BEFORE_BODY = {")", "]", "else", "do", "try", "const", "override", "final", "noexcept", "mutable"}


def changes(original, patched):
    """The runs of lines in which `patched` differs, by their numbers in it. What was only deleted is the line behind it."""
    matcher = difflib.SequenceMatcher(None, original.split("\n"), patched.split("\n"), autojunk=False)
    return [list(range(begin + 1, end + 1)) or [begin + 1]
            for kind, _, _, begin, end in matcher.get_opcodes() if kind != "equal"]


class Scope:
    """What a brace has opened: a "body" of statements, a "scope" of declarations, or a "list" of values."""

    def __init__(self, kind, begin):
        self.kind, self.begin = kind, begin
        self.parentheses = 0
        self.forget()

    def forget(self):
        self.statement, self.words = None, []  # what is going on: where it begins, and its tokens

    def declares_scope(self):
        """Whether what is going on is a class or the like, and no template with a class among its arguments."""
        named = [i for i, word in enumerate(self.words) if word in SCOPES | {"extern"}]
        return "(" not in self.words and any(i == 0 or self.words[i - 1] not in {"<", ","} for i in named)


def kind_of(scope, previous):
    """What a brace behind the token `previous`, within `scope`, opens."""
    if not scope.parentheses and previous != ")" and scope.declares_scope():
        return "scope"
    if previous in BEFORE_BODY:
        return "body"
    if scope.statement is None:
        return "body" if scope.kind == "body" else "list"
    if previous == "}" and scope.kind == "scope":  # behind the last initialiser of a constructor
        return "body"
    words = scope.words
    behind = words[len(words) - words[::-1].index(")"):] if ")" in words else []
    return "body" if "->" in behind else "list"


def parse(text):
    """The statements and declarations of `text`, as (kind of the scope that it is in, begin, end), and the bodies, as
    (begin, end); an inner one stands before what it is in."""
    found, bodies, stack, previous = [], [], [Scope("scope", 0)], None
    tokens = [match for match in TOKEN.finditer(text) if match.lastgroup != "blank"]

    def finish(scope, end):
        if scope.statement is not None and scope.kind != "list":
            found.append((scope.kind, scope.statement, end))
        scope.forget()

    for i, match in enumerate(tokens):
        token, scope = match.group(), stack[-1]
        following = tokens[i + 1].group() if i + 1 < len(tokens) else None
        if token == "}" and len(stack) > 1:
            finish(scope, match.start())
            inner, scope = stack.pop(), stack[-1]
            if inner.kind == "body":
                bodies.append((inner.begin, match.start()))
            goes_on = following in {"else", "catch", ",", ";", ".", "("} or (
                following == "while" and scope.words[:1] == ["do"])
            if inner.kind != "list" and not scope.parentheses and not goes_on:
                finish(scope, match.end())
        elif token == "{":
            kind = kind_of(scope, previous)
            if scope.statement is None:
                scope.statement = match.start()
            stack.append(Scope(kind, match.end()))
        else:
            if scope.statement is None:
                scope.statement = match.start()
            scope.words.append(token)
            scope.parentheses += (token in "([") - (token in ")]")
            label = token == ":" and scope.words[0] in {"case", "default", "public", "private", "protected"}
            if (token == ";" or label) and scope.parentheses <= 0:
                finish(scope, match.end())
        previous = token
    return found, bodies


def places_of(position, text, found, bodies):
    """Where the marks of a change at `position` stand."""
    for begin, end in bodies:
        if begin <= position <= end:
            inside = [s for kind, s, e in found if kind == "body" and begin <= s <= position < e]
            return inside[:1] or [position]
    for kind, begin, end in found:
        if kind != "scope" or not begin <= position < end:
            continue
        following = [b for b, _ in bodies if position <= b < end]
        constant = re.match(r"const(?:expr)? [\w:<> ]*\b(\w+) =", text[begin:end])
        if not constant:
            return [min(following)] if following else []
        uses = [match.start() for match in re.finditer(rf"\b{constant.group(1)}\b", text[end:])]
        return [place for use in uses for place in places_of(end + use, text, found, bodies)]
    return []


def mark(text, runs):
    """`text` with a mark for each of `runs`: at the innermost of its statements, the first one of them."""
    found, bodies = parse(text)
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    is_code = [bool(line.strip()) and not line.strip().startswith("//") for line in lines]
    places = set()
    for run in runs:
        numbers = [number for number in run if is_code[number - 1]]
        if not numbers:  # only a comment is left: what follows it
            numbers = [next(number for number in range(run[0], len(lines) + 1) if is_code[number - 1])]
        columns = [len(lines[number - 1]) - len(lines[number - 1].lstrip()) for number in numbers]
        some = [places_of(starts[n - 1] + column, text, found, bodies) for n, column in zip(numbers, columns)]
        depths = [(-sum(begin <= each[0] <= end for begin, end in bodies), each) for each in some if each]
        if depths:
            places.update(min(depths)[1])
    for place in sorted(places, reverse=True):
        text = text[:place] + MARK + text[place:]
    return text


def main():
    original, patched = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    for file in sorted(patched.iterdir()):
        before, after = (original / file.name).read_text(), file.read_text()
        if before != after:
            marked = mark(after, changes(before, after))
            file.write_text(f'#include "common/env/reached.h"\n#line 1\n{marked}')


if __name__ == "__main__":
    main()

#pragma once

namespace quorum::cli {

/// What gdb is told to do, in its Python: run to the call that announces the handler, then to the
/// first line of the implementation's own code, which may be inlined anywhere. `MODULE` is the
/// module's file; the lines are those of its sources that are neither the course's headers, nor
/// generated, nor the system's.
inline constexpr const char* kGdbScript = R"python(
import os, re

NOT_OURS = re.compile(r'/common/(env|log|node|rpc|storage)/[^/]+$|\.pb\.(h|cc)$|^/usr/|/module\.cc$')

def sources_of(module):
    found = set()
    within = False
    for line in gdb.execute('info sources', to_string=True).splitlines():
        if line.endswith('.so:') or '.so.' in line and line.endswith(':'):
            within = os.path.realpath(line[:-1]) == os.path.realpath(module)
        elif within and line.startswith('/'):
            found.update(os.path.normpath(name) for name in line.split(', '))
    return sorted(name for name in found if not NOT_OURS.search(name))

def lines_of(source):
    try:
        table = gdb.decode_line(source + ':1')[1][0].symtab.linetable()
        return sorted(line for line in table.source_lines() if line)
    except (gdb.error, AttributeError, TypeError):
        return []

def is_at(sources):
    symtab = gdb.newest_frame().find_sal().symtab
    return symtab is not None and os.path.normpath(symtab.fullname()) in sources

def stop_in_handler():
    sources = sources_of(MODULE)
    stops = [gdb.Breakpoint('%s:%d' % (source, line), internal=True)
             for source in sources for line in lines_of(source)]
    gdb.execute('continue', to_string=True)
    for stop in stops:
        stop.delete()
    steps = 0
    while gdb.selected_thread() is not None and not is_at(sources) and steps < 5:
        gdb.execute('step', to_string=True)  # into what is inlined here
        steps += 1

def be_quiet(quiet):
    try:
        gdb.execute('set suppress-cli-notifications ' + ('on' if quiet else 'off'))
    except gdb.error:
        pass  # an older gdb

gdb.execute('set pagination off')
be_quiet(True)
gdb.execute('set breakpoint pending on')
announced = gdb.Breakpoint('quorum_debug_break_here', internal=True)
gdb.execute('run', to_string=True)
if gdb.selected_thread() is None:
    gdb.write('The run has ended without reaching the handler.\n')
elif gdb.newest_frame().name() != 'quorum_debug_break_here':
    gdb.write('The run has stopped before the handler.\n')
else:
    announced.delete()
    stop_in_handler()
    be_quiet(False)
    if gdb.selected_thread() is None:
        gdb.write('The handler has run without a line of the implementation.\n')
    else:
        gdb.execute('frame')
)python";

}  // namespace quorum::cli

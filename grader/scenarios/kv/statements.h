#pragma once

#include "grader/check/statement.h"

/// What part 3G promises, in the words of its rules.
namespace quorum::grader::kv {

inline constexpr Statement kExecutes = {
    "kv.executes", "A write does to the value of its key just what kv.proto says of its kind.",
    "kv.proto, WriteRequest; lab 3, part 3G, step 1"};

inline constexpr Statement kExecutedOnce = {
    "kv.executed-once",
    "A write changes nothing if one with the same session and sequence was executed before, or if "
    "its session has expired, or does not wait for it any more.",
    "Ongaro's thesis, section 6.3; lab 3, part 3G, step 2"};

inline constexpr Statement kAppendedOnce = {
    "kv.appended-once",
    "What a client appends once is in the value once if the client was told so, and otherwise at "
    "most once.",
    "Ongaro's thesis, section 6.3; lab 3, part 3G, \"The anomaly\""};

inline constexpr Statement kSessionsFollowLog = {
    "kv.sessions-follow-log",
    "Which sessions are open, when each was used, and which answers it remembers follows from the "
    "commands in the log alone, at every server alike.",
    "kv.proto, Command; Ongaro's thesis, section 6.3; lab 3, part 3G, steps 2 to 4"};

inline constexpr Statement kSnapshotIsWhole = {
    "kv.snapshot-is-whole",
    "A snapshot holds all that later answers depend on, keys and sessions, and whoever restores it "
    "is in the very state in which it was taken.",
    "Ongaro's thesis, sections 5.1 and 6.3; lab 3, part 3G, step 5"};

inline constexpr Statement kAnswerIsOwn = {
    "kv.answer-is-own",
    "Whoever asks for a write is told what became of just that write when it was executed, also "
    "when it asks again.",
    "Ongaro's thesis, section 6.3; lab 3, part 3G, steps 1 and 2"};

inline constexpr Statement kLinearizable = {
    "kv.linearizable",
    "To its users the service looks like a single store that does one thing at a time, each "
    "between its call and its answer.",
    "Herlihy & Wing 1990; Ongaro's thesis, sections 6.3 and 6.4"};

inline constexpr Statement kOneNumberAWrite = {
    "kv.one-number-a-write",
    "A client asks for a write under one session and sequence, however often it asks, and for no "
    "other write under the same.",
    "Ongaro's thesis, section 6.3; lab 3, part 3G, step 7"};

inline constexpr Statement kFirstUnanswered = {
    "kv.first-unanswered",
    "A client says that it needs no answer to a number only when it has that answer, or when its "
    "user has stopped waiting; and it keeps to the window.",
    "kv.proto, RequestId; lab 3, part 3G, step 8"};

inline constexpr Statement kExactOutcomes = {
    "kv.exact-outcomes",
    "A client asks until it knows what became of a write. It gives up, with ABORTED, only when the "
    "session has expired.",
    "kv.proto, KeyValue; lab 3, part 3G, step 9"};

inline constexpr Statement kProgress = {
    "kv.progress",
    "When a majority of the servers runs and can be reached, every client is soon answered, and "
    "every server applies what is decided.",
    "lab 3, part 3G, steps 6 and 7"};

inline constexpr Statement kBounded = {
    "kv.bounded",
    "However many clients come and commands are executed, disk and memory of a server stay "
    "bounded: the service hands its log a snapshot every so many commands.",
    "Ongaro's thesis, sections 5.1 and 6.3; lab 3, part 3G, step 5"};

}  // namespace quorum::grader::kv

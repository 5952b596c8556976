#pragma once

#include "grader/check/statement.h"

namespace quorum::grader::locks {

// What the state of a cell has to be, in simulated and in explored worlds.

inline constexpr Statement kMutualExclusion = {
    "lock.mutual-exclusion",
    "A lock is held by one handle in exclusive mode, or by any number in shared mode.",
    "Chubby, section 2.4"};
inline constexpr Statement kFencing = {
    "lock.generations-rise",
    "A lock that passes from free to held gets a generation that is larger than any before, and "
    "keeps it as long as somebody holds it.",
    "Chubby, section 2.4; lab 4, part 4C"};
inline constexpr Statement kDead = {
    "lock.dead-sessions-own-nothing",
    "A session that has ended holds and awaits no lock, and no ephemeral node outlives the last "
    "session that has it open.",
    "Chubby, sections 2.3 and 2.8; lab 4, part 4B"};
inline constexpr Statement kSameState = {
    "lock.same-state", "Servers that have applied the same commands are in the same state.",
    "Schneider, Implementing fault-tolerant services, 1990; lab 4, part 4A"};
inline constexpr Statement kLosesNothing = {
    "lock.live-sessions-lose-nothing",
    "A session that lives keeps its handles, its locks and its places in queues until it gives "
    "them up itself; what goes with its end goes in one command.",
    "Chubby, sections 2.3, 2.4 and 2.8; lab 4, parts 4B and 4C"};
inline constexpr Statement kOnce = {
    "lock.exactly-once",
    "An operation is executed once, and whoever asks for it again gets the answer that it had.",
    "lab 4, part 4A; lock_service.proto, Call"};

// What explored worlds demand besides.

inline constexpr Statement kPromises = {
    "lock.promises-hold",
    "A master promises a session no lease that could outlast one which begins when the next master "
    "comes to lead, and lets no session expire before all that was promised is over.",
    "Chubby, sections 2.8 and 2.9; lab 4, part 4B"};

// What several scenarios demand.

inline constexpr Statement kFiles = {
    "lock.files",
    "Nodes are created, opened, read, written and deleted as lock_service.proto says.",
    "Chubby, sections 2.2, 2.3 and 2.6; lab 4, part 4A"};
inline constexpr Statement kLives = {
    "lock.session-lives",
    "A session lives as long as its client runs and can reach a master, whichever servers die, if "
    "there is a master again within the grace period.",
    "Chubby, sections 2.8 and 2.9; lab 4, part 4B"};
inline constexpr Statement kEnds = {
    "lock.session-ends",
    "A session whose client is silent ends, and its ephemeral nodes with it; its client says so "
    "when the grace period is over, and its handles are dead.",
    "Chubby, section 2.8; lab 4, part 4B"};
inline constexpr Statement kFair = {
    "lock.first-come-first-served",
    "Whoever waits for a lock gets it when it is free, in the order in which they came.",
    "Chubby, section 2.6; lab 4, part 4C"};
inline constexpr Statement kCalls = {
    "lock.calls", "Acquire, TryAcquire and Release answer as lock_service.proto says.",
    "Chubby, section 2.6; lab 4, part 4C"};
inline constexpr Statement kDelay = {
    "lock.lock-delay",
    "The lock of a session that died is given to nobody before its lock-delay is over, and to the "
    "next one soon after.",
    "Chubby, section 2.4; lab 4, part 4C"};
inline constexpr Statement kSequencer = {
    "lock.sequencers",
    "A sequencer is valid as long as the acquisition lasts that it was given for.",
    "Chubby, section 2.4; lab 4, part 4C"};
inline constexpr Statement kCurrent = {
    "lock.reads-are-current",
    "Whoever asks a server is not told what another master has changed meanwhile.",
    "Chubby, sections 2.1 and 2.9; lab 4, part 4A"};
inline constexpr Statement kEvents = {
    "lock.events",
    "A session is told of what it wished to be told of, in order, after the change can be read.",
    "Chubby, section 2.5; lab 4, part 4D"};

}  // namespace quorum::grader::locks

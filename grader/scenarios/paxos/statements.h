#pragma once

#include "grader/check/statement.h"

/// What must hold of Paxos, in words: judged by rules.h in simulated worlds, and by
/// grader/explore/paxos in explored ones.
namespace quorum::grader::paxos {

inline constexpr Statement kPromiseNeverFalls = {
    "paxos.promise-never-falls",
    "What an acceptor has promised never falls, also not over a crash.",
    "Paxos Made Simple, sections 2.2 and 2.4 (stable storage); handout 2A, step 2"};
inline constexpr Statement kPromiseKept = {
    "paxos.promise-kept",
    "An acceptor that has promised a ballot accepts nothing below it, in any slot; nor, in one "
    "slot, "
    "anything below what it has accepted there.",
    "Paxos Made Simple, sections 2.2 (P1a) and 2.4; handout 2A, steps 2 and 3"};
inline constexpr Statement kDurableBeforeReply = {
    "paxos.durable-before-reply",
    "What an acceptor answers is on its disk already: a crash must not make it forget.",
    "Paxos Made Simple, section 2.4; Paxos Made Live, section 5.1; handout 2B, step 1"};
inline constexpr Statement kPromiseTellsAll = {
    "paxos.promise-tells-all",
    "A promise reports the highest proposal below it that the "
    "acceptor has accepted, in every slot.",
    "Paxos Made Simple, section 2.2, phase 1 (b); handout 2A, step 2"};
inline constexpr Statement kLostDiskIsSilent = {
    "paxos.lost-disk-is-silent",
    "A node that has lost its disk cannot know what it promised, so it neither promises, accepts "
    "nor proposes under that id again.",
    "Paxos Made Live, section 5.1; handout 2B, step 3"};
inline constexpr Statement kOneValue = {
    "paxos.one-value-per-ballot",
    "Under one ballot no two values are proposed in one slot, whatever its proposer has forgotten.",
    "Paxos Made Simple, section 2.2 (different proposals have different numbers); handout 2A, step "
    "5"};
inline constexpr Statement kValueOfHighest = {
    "paxos.value-of-highest",
    "A proposer asks for acceptance only after a quorum has promised its ballot, and only of the "
    "value of the highest proposal that they report; of its own, if they report none.",
    "Paxos Made Simple, section 2.2, P2c; handout 2A, step 5"};
inline constexpr Statement kValidity = {"paxos.validity",
                                        "Only a value that a client has proposed is ever proposed.",
                                        "Paxos Made Simple, section 2.1; handout 2A, step 5"};
inline constexpr Statement kAgreement = {
    "paxos.agreement",
    "In one slot only one value is ever chosen: no two nodes decide differently.",
    "Paxos Made Simple, sections 2.1 and 2.2, P2b; handout 2A, steps 2 to 5"};
inline constexpr Statement kLearnedIsChosen = {
    "paxos.learned-is-chosen",
    "A value is taken for decided only after a quorum has accepted it durably under one ballot.",
    "Paxos Made Simple, section 2.3; handout 2A, step 6"};

}  // namespace quorum::grader::paxos

#pragma once

#include "grader/check/statement.h"

/// What parts 1C to 1E promise.
namespace quorum::grader::cache {

inline constexpr Statement kProgress = {
    "cache.progress", "When all nodes run and reach each other, every request is answered.",
    "handout 1C, \"The promise\""};

inline constexpr Statement kHeldByAll = {
    "cache.held-by-all",
    "A write is acknowledged, and a value shown to a reader, when all replicas that the ring lists "
    "for the key hold it durably, and not before.",
    "handout 1C, \"The promise\""};

inline constexpr Statement kReadsSeeAcknowledged = {
    "cache.reads-see-acknowledged",
    "A read returns the newest write that was acknowledged before it, or a newer one; only a "
    "primary that has not heard of a new ring may miss what was acknowledged in that ring.",
    "handout 1C and 1D, \"The promise\""};

inline constexpr Statement kOneOrder = {
    "cache.one-order",
    "For each key there is one order of all operations that explains every answer, and in which an "
    "operation that ended before another one began comes before it (linearizability).",
    "Herlihy & Wing 1990; handout 1C, \"The promise\""};

inline constexpr Statement kOneRecordAVersion = {
    "cache.one-record-a-version",
    "No two different records of a key have the same version, on whatever disks they lie.",
    "hash_ring.proto, Version; handout 1C, steps 2 and 4"};

inline constexpr Statement kVersionsRise = {
    "cache.versions-rise",
    "On a disk a record is replaced by newer ones of its key only, in whatever order they come.",
    "hash_ring.proto, Record; handout 1C, step 5"};

inline constexpr Statement kExecutedOnce = {
    "cache.executed-once",
    "A write is executed at most once, however often its request arrives and wherever its key "
    "moves; every answer to it names the version that it has made.",
    "lab 0; handout 1C, step 6"};

inline constexpr Statement kLostStaysOut = {
    "cache.lost-data-stays-out", "A node that has lost its data serves nobody under its old id.",
    "handout 1D, step 2"};

inline constexpr Statement kFenced = {
    "cache.epoch-fence",
    "A node serves requests of the epoch that it is in: an older one it refuses with its rings, "
    "and of a newer one it has to hear first.",
    "handout 1D, step 3"};

inline constexpr Statement kEpochsRise = {
    "cache.epochs-rise",
    "The epoch of a node never falls, also over a crash: it is on its disk before anybody hears of "
    "it.",
    "handout 1D, step 3"};

inline constexpr Statement kRingsOutliveLoss = {
    "cache.rings-outlive-loss",
    "The administrator is answered when as many nodes as hold each key know of the new ring "
    "durably.",
    "hash_ring.proto, InstallRing; handout 1D, step 4"};

inline constexpr Statement kCopiesLackNothing = {
    "cache.copies-lack-nothing",
    "Whoever lets others copy a key holds every write of it that was acknowledged in older epochs, "
    "and hands all of it over.",
    "handout 1D, step 5"};

inline constexpr Statement kOldReplicasKeep = {
    "cache.old-replicas-keep",
    "A replica keeps its keys, and an old one keeps them until all replicas of a newer ring hold "
    "them durably.",
    "handout 1D, step 7"};

inline constexpr Statement kHandsOver = {
    "cache.hand-over-ends",
    "When all nodes of a new ring run and reach each other, its hand-over comes to an end: every "
    "node knows that it is complete, and keeps only keys that the ring gives to it.",
    "handout 1D, step 7"};

inline constexpr Statement kChunks = {
    "cache.chunks", "A CopyArcs response holds at most CacheConfig.chunk_records records.",
    "hash_ring.proto, CacheConfig; handout 1E, step 1"};

inline constexpr Statement kGoesOn = {
    "cache.goes-on",
    "While keys are handed over in chunks they are read and written: no request waits for the "
    "whole hand-over.",
    "handout 1E, step 2"};

}  // namespace quorum::grader::cache

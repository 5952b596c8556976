// Histories of 10,000 operations by 10 clients on one key: what checking them costs. The targets
// are 20 ms and 200 MB each, right or wrong (the first eight). The others are meant to be harder;
// the hopeless ones show what a budget does. `peak_MB` is the process's: it includes the histories,
// of which that of the append log takes 65 MB.

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <string>

#include "grader/check/linearizability/history_generator.h"
#include "grader/check/linearizability/linearizability.h"

namespace quorum::check {
namespace {

constexpr std::uint64_t kSeed = 7;

// Makes a get near the end return what was there long ago.
History WithStaleGet(History history) {
  std::size_t late = history.size() * 9 / 10;
  while (history[late].op != OpKind::kGet || !history[late].ret.has_value()) {
    ++late;
  }
  std::size_t early = late / 2;
  while (history[early].op != OpKind::kGet || !history[early].ret.has_value()) {
    ++early;
  }
  history[late].result = history[early].result;
  return history;
}

// Takes one element out of what a late get saw of an append log.
History WithLostAppend(History history) {
  std::size_t late = history.size() * 9 / 10;
  while (history[late].op != OpKind::kGet || !history[late].result.has_value()) {
    ++late;
  }
  std::string& log = *history[late].result;
  const std::size_t from = log.rfind(',', log.size() - 60);
  log.erase(from, log.find(',', from + 1) - from);
  return history;
}

// Lets a late cas succeed that did not find what it expected.
History WithFalseSwap(History history) {
  std::size_t late = history.size() * 9 / 10;
  while (history[late].op != OpKind::kCas || history[late].swapped) {
    ++late;
  }
  history[late].swapped = true;
  return history;
}

HistoryShape Shape(int puts, int appends, int cas) {
  HistoryShape shape;
  shape.puts = puts;
  shape.appends = appends;
  shape.cas = cas;
  return shape;
}

void Run(benchmark::State& state, const History& history, Verdict expected,
         const Budget& budget = {}) {
  CheckResult result;
  for (auto _ : state) {
    result = CheckHistory(history, Model::kKv, budget);
  }
  if (result.verdict != expected) {
    state.SkipWithError("This is not the verdict that the history was made for.");
  }
  state.counters["steps"] = static_cast<double>(result.spent.steps);
  state.counters["search_KB"] = static_cast<double>(result.spent.bytes) / 1024;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_MB"] = static_cast<double>(usage.ru_maxrss) / 1024;
}

void PutGetRight(benchmark::State& state) {
  Run(state, MakeHistory(Shape(1, 0, 0), kSeed), Verdict::kLinearizable);
}
void PutGetWrong(benchmark::State& state) {
  Run(state, WithStaleGet(MakeHistory(Shape(1, 0, 0), kSeed)), Verdict::kNotLinearizable);
}
void AppendRight(benchmark::State& state) {
  Run(state, MakeHistory(Shape(0, 1, 0), kSeed), Verdict::kLinearizable);
}
void AppendWrong(benchmark::State& state) {
  Run(state, WithLostAppend(MakeHistory(Shape(0, 1, 0), kSeed)), Verdict::kNotLinearizable);
}
void CasRight(benchmark::State& state) {
  Run(state, MakeHistory(Shape(0, 0, 1), kSeed), Verdict::kLinearizable);
}
void CasWrong(benchmark::State& state) {
  Run(state, WithFalseSwap(MakeHistory(Shape(0, 0, 1), kSeed)), Verdict::kNotLinearizable);
}
void MixedRight(benchmark::State& state) {
  Run(state, MakeHistory(Shape(2, 2, 1), kSeed), Verdict::kLinearizable);
}
void MixedWrong(benchmark::State& state) {
  Run(state, WithStaleGet(MakeHistory(Shape(2, 2, 1), kSeed)), Verdict::kNotLinearizable);
}
void FewGets(benchmark::State& state) {
  HistoryShape shape = Shape(1, 1, 0);
  shape.gets = 2;
  Run(state, MakeHistory(shape, kSeed), Verdict::kLinearizable);
}
void UnknownPuts(benchmark::State& state) {
  HistoryShape shape = Shape(1, 0, 0);
  shape.unknown = 20;
  Run(state, MakeHistory(shape, kSeed), Verdict::kLinearizable);
}
void FiveValues(benchmark::State& state) {
  HistoryShape shape = Shape(1, 0, 0);
  shape.values = 5;
  Run(state, MakeHistory(shape, kSeed), Verdict::kLinearizable);
}
void FiveValuesUnknown(benchmark::State& state) {
  HistoryShape shape = Shape(1, 0, 0);
  shape.values = 5;
  shape.unknown = 20;
  Run(state, MakeHistory(shape, kSeed), Verdict::kLinearizable);
}
void FiftyClients(benchmark::State& state) {
  HistoryShape shape = Shape(1, 0, 0);
  shape.clients = 50;
  shape.tie = 100;
  Run(state, MakeHistory(shape, kSeed), Verdict::kLinearizable);
}
// Any of 3,000 puts may happen at any time; each is seen once.
void AllPutsUnknown(benchmark::State& state) {
  History history;
  for (int i = 0; i < 6000; ++i) {
    Operation op;
    op.op = i < 3000 ? OpKind::kPut : OpKind::kGet;
    op.value = std::to_string(i);
    op.result = std::to_string(i - 3000);
    op.call = i < 3000 ? 0 : i;
    op.ret = i < 3000 ? std::nullopt : std::optional(op.call);
    history.push_back(op);
  }
  Run(state, history, Verdict::kLinearizable);
}
// Few values, failed and unknown cas: what nothing but search can decide, and more of it than the
// budget allows.
void HopelessSteps(benchmark::State& state) {
  HistoryShape shape = Shape(1, 0, 1);
  shape.values = 5;
  shape.unknown = 20;
  Run(state, MakeHistory(shape, kSeed), Verdict::kUnknown, {.steps = 5'000'000});
}
void HopelessBytes(benchmark::State& state) {
  HistoryShape shape = Shape(1, 0, 1);
  shape.values = 5;
  shape.unknown = 20;
  Run(state, MakeHistory(shape, kSeed), Verdict::kUnknown, {.bytes = 16 << 20});
}

#define QUORUM_BENCHMARK(name) BENCHMARK(name)->Unit(benchmark::kMillisecond)
QUORUM_BENCHMARK(PutGetRight);
QUORUM_BENCHMARK(PutGetWrong);
QUORUM_BENCHMARK(AppendRight);
QUORUM_BENCHMARK(AppendWrong);
QUORUM_BENCHMARK(CasRight);
QUORUM_BENCHMARK(CasWrong);
QUORUM_BENCHMARK(MixedRight);
QUORUM_BENCHMARK(MixedWrong);
QUORUM_BENCHMARK(FewGets);
QUORUM_BENCHMARK(UnknownPuts);
QUORUM_BENCHMARK(FiveValues);
QUORUM_BENCHMARK(FiveValuesUnknown);
QUORUM_BENCHMARK(FiftyClients);
QUORUM_BENCHMARK(AllPutsUnknown);
QUORUM_BENCHMARK(HopelessSteps);
QUORUM_BENCHMARK(HopelessBytes);

}  // namespace
}  // namespace quorum::check

// Histories of 10,000 operations by 10 clients on one key: what checking them costs. The targets
// are 20 ms and 200 MB each. `bad` histories are meant to be hard: they show what a budget does.

#include <benchmark/benchmark.h>

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
void PutHeavyRight(benchmark::State& state) {
  HistoryShape shape = Shape(1, 0, 0);
  shape.gets = 5;
  Run(state, MakeHistory(shape, kSeed), Verdict::kLinearizable);
}
void AppendHeavyRight(benchmark::State& state) {
  HistoryShape shape = Shape(0, 1, 0);
  shape.gets = 1;
  Run(state, MakeHistory(shape, kSeed), Verdict::kLinearizable);
}
void UnknownTenthRight(benchmark::State& state) {
  HistoryShape shape = Shape(1, 0, 0);
  shape.unknown = 10;
  Run(state, MakeHistory(shape, kSeed), Verdict::kLinearizable);
}
void FiveValuesRight(benchmark::State& state) {
  HistoryShape shape = Shape(1, 0, 0);
  shape.values = 5;
  Run(state, MakeHistory(shape, kSeed), Verdict::kLinearizable);
}
void FiveValuesCasRight(benchmark::State& state) {
  HistoryShape shape = Shape(1, 0, 1);
  shape.values = 5;
  Run(state, MakeHistory(shape, kSeed), Verdict::kLinearizable);
}

BENCHMARK(PutGetRight)->Unit(benchmark::kMillisecond);
BENCHMARK(PutGetWrong)->Unit(benchmark::kMillisecond);
BENCHMARK(AppendRight)->Unit(benchmark::kMillisecond);
BENCHMARK(AppendWrong)->Unit(benchmark::kMillisecond);
BENCHMARK(CasRight)->Unit(benchmark::kMillisecond);
BENCHMARK(CasWrong)->Unit(benchmark::kMillisecond);
BENCHMARK(MixedRight)->Unit(benchmark::kMillisecond);
BENCHMARK(MixedWrong)->Unit(benchmark::kMillisecond);
BENCHMARK(PutHeavyRight)->Unit(benchmark::kMillisecond);
BENCHMARK(AppendHeavyRight)->Unit(benchmark::kMillisecond);
BENCHMARK(UnknownTenthRight)->Unit(benchmark::kMillisecond);
BENCHMARK(FiveValuesRight)->Unit(benchmark::kMillisecond);
BENCHMARK(FiveValuesCasRight)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace quorum::check

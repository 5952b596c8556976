// How fast small worlds are explored: the single-decree world of three acceptors and two proposers.

#include <benchmark/benchmark.h>

#include "grader/explore/search.h"
#include "grader/explore/testing/toy_worlds.h"

namespace quorum::explore {
namespace {

/// All of the world, student code included.
void ExhaustTwoProposers(benchmark::State& state) {
  std::uint64_t states = 0;
  for (auto _ : state) {
    const WorldSpec spec = toy::MakeToyWorld({});
    Space space(spec, toy::ToyFactories(spec));
    states += SearchBreadthFirst(space, space.Start(), {}).states;
  }
  state.counters["states/s"] =
      benchmark::Counter(static_cast<double>(states), benchmark::Counter::kIsRate);
}
BENCHMARK(ExhaustTwoProposers)->Unit(benchmark::kMillisecond);

/// The same when every local step is known already.
void SearchAgain(benchmark::State& state) {
  const WorldSpec spec = toy::MakeToyWorld({});
  Space space(spec, toy::ToyFactories(spec));
  SearchBreadthFirst(space, space.Start(), {});
  std::uint64_t states = 0;
  for (auto _ : state) states += SearchBreadthFirst(space, space.Start(), {}).states;
  state.counters["states/s"] =
      benchmark::Counter(static_cast<double>(states), benchmark::Counter::kIsRate);
}
BENCHMARK(SearchAgain)->Unit(benchmark::kMillisecond);

/// Executions from the start until nothing more can happen. `crashes` of one node a walk.
void RandomWalks(benchmark::State& state) {
  const auto crashes = static_cast<std::uint8_t>(state.range(0));
  const WorldSpec spec = toy::MakeToyWorld({.budgets = {.crashes = crashes}});
  Space space(spec, toy::ToyFactories(spec));
  std::uint64_t walks = 0;
  for (auto _ : state) walks += WalkAtRandom(space, space.Start(), 20'000, 2'000, walks).walks;
  state.counters["walks/s"] =
      benchmark::Counter(static_cast<double>(walks), benchmark::Counter::kIsRate);
}
BENCHMARK(RandomWalks)->ArgName("crashes")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace quorum::explore

BENCHMARK_MAIN();

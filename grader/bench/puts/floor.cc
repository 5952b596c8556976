#include "grader/bench/puts/floor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "common/env/check.h"
#include "common/env/real/clock.h"
#include "common/node/testing/child_process.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "common/storage/storage_testing.h"

namespace quorum::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPut = 320;  ///< bytes: key, value and what is around them

}  // namespace

int ServeFloor(const char* behind) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const testing::TemporaryFolder home;
  const auto file = OpenFile(home / "log", O_WRONLY | O_CREAT | O_APPEND);
  Check(file.ok(), "A file can be made.");
  const bool last = std::string_view(behind).empty();
  const auto next = MakeGrpcTransport({.listen = "", .peers = {{1, behind}}});
  const auto server = MakeGrpcTransport({.listen = "127.0.0.1:0", .peers = {}});
  const absl::Status started = server->Start([&](Transport::Request request) {
    if (!last) {
      return next->Call(1, "/floor/put", std::move(request.bytes), MonotonicNow() + 10s,
                        std::move(request.reply));
    }
    const auto size = static_cast<ssize_t>(request.bytes.size());
    Check(::write(file->get(), request.bytes.data(), request.bytes.size()) == size &&
              ::fdatasync(file->get()) == 0,
          "A file can be written.");
    request.reply(absl::OkStatus(), "");
  });
  Check(started.ok(), "A server can start.");
  std::printf("127.0.0.1:%d\n", server->port());
  std::fflush(stdout);
  return ::pause();
}

Duration MeasureFloor(int puts) {
  testing::ChildProcess last({"/proc/self/exe", "--serve-floor", ""});
  testing::ChildProcess first({"/proc/self/exe", "--serve-floor", last.ReadLine()});
  const auto client = MakeGrpcTransport({.listen = "", .peers = {{1, first.ReadLine()}}});
  std::vector<Duration> took;
  for (int i = 0; i < puts + 100; ++i) {  // the first ones warm up
    const Time begin = MonotonicNow();
    const auto done = CallAndWait(*client, 1, "/floor/put", std::string(kPut, 'x'), 10s);
    Check(done.ok(), "A call on this machine succeeds.");
    if (i >= 100) took.push_back(MonotonicNow() - begin);
  }
  std::ranges::nth_element(took, took.begin() + puts / 2);
  return took[static_cast<std::size_t>(puts) / 2];
}

}  // namespace quorum::bench

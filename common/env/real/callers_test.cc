// Who may call what: rpcs that are for nodes only, and callers with and without a name.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/env/real/callers_test.pb.h"
#include "common/env/real/testing.h"

namespace quorum::testing {
namespace {

constexpr Method<Knock, Knock> kInner{"/quorum.testing.Guarded/Inner"};
constexpr Method<Knock, Knock> kOuter{"/quorum.testing.Guarded/Outer"};

/// A transport whose requests come from whomever the test names.
class Door final : public Transport {
 public:
  absl::Status Start(Handler handler) override {
    handler_ = std::move(handler);
    return absl::OkStatus();
  }
  void Call(NodeId, const std::string&, std::string, Time, Done) override {}
  void Stop() override { handler_ = nullptr; }

  /// What is answered to `caller`.
  absl::Status Knock(const std::string& path, const std::string& caller) {
    std::promise<absl::Status> answer;
    handler_({path, "", caller, Time::max(), [&answer](const absl::Status& status, std::string) {
                answer.set_value(absl::Status(status.code(), status.message()));
              }});
    return answer.get_future().get();
  }

 private:
  Handler handler_;
};

class Guarded : public ::testing::Test {
 protected:
  Guarded()
      : host_(
            std::make_unique<MemoryStore>(), std::unique_ptr<Transport>(door_),
            [](std::string_view) {}, nullptr) {
    const absl::Status started = host_.Start([this](Env& env) {
      const auto count = [this](const Knock&, Responder<Knock> responder) {
        ++entered_;
        responder.Reply(Knock());
      };
      env.Serve(kInner, count);
      env.Serve(kOuter, count);
      return std::make_unique<Node>();
    });
    Check(started.ok(), "A node behind a door of the test's can start.");
  }
  ~Guarded() override { host_.Stop(); }

  int entered() {
    int entered = 0;
    host_.RunAndWait([&](Env&, Node&) { entered = entered_; });
    return entered;
  }

  Door* const door_ = new Door;
  int entered_ = 0;  ///< the loop's
  NodeHost host_;
};

TEST_F(Guarded, NodesMayCallEverything) {
  EXPECT_TRUE(door_->Knock(kInner.path, "node-2").ok());
  EXPECT_TRUE(door_->Knock(kOuter.path, "node-2").ok());
  EXPECT_EQ(entered(), 2);
}

TEST_F(Guarded, OthersHearThatTheyAreNone) {
  for (const std::string caller : {"alice", "node", "a-node-2"}) {
    const absl::Status refused = door_->Knock(kInner.path, caller);
    EXPECT_TRUE(absl::IsPermissionDenied(refused)) << refused;
    EXPECT_EQ(refused.message(),
              "Only nodes may call /quorum.testing.Guarded/Inner, and " + caller + " is none.");
  }
  EXPECT_EQ(entered(), 0);
  EXPECT_TRUE(door_->Knock(kOuter.path, "alice").ok());
  EXPECT_EQ(entered(), 1);
}

TEST_F(Guarded, WhoHasNoNameIsServed) {
  EXPECT_TRUE(door_->Knock(kInner.path, "").ok());
  EXPECT_EQ(entered(), 1);
}

}  // namespace
}  // namespace quorum::testing

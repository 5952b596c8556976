// What the clients ask of each service.

#include "common/log/register.h"
#include "grader/processes/cluster_client.h"
#include "grader/processes/lock_client.h"
#include "labs/lab3_raft/kv.h"

namespace quorum::grader {
namespace {

class RegisterClient final : public ClusterClient {
 public:
  using ClusterClient::ClusterClient;

 private:
  Answer Append(const std::string& word, const std::atomic<bool>&) override {
    log::AppendRequest request;
    request.set_value(word);
    const auto response = Call(log::kAppend, request);
    if (!response.ok()) return {};
    switch (response->outcome()) {
      case log::WriteResponse::EXECUTED:
        return {Answer::Kind::kExecuted, 0, ""};
      case log::WriteResponse::NOT_LEADER:
        return {Answer::Kind::kRefused, response->leader_hint(), ""};
      default:
        return {};
    }
  }

  Answer Read() override {
    const auto response = Call(log::kRead, log::ReadRequest());
    if (!response.ok()) return {};
    if (response->confirmed()) return {Answer::Kind::kExecuted, 0, response->value()};
    return {Answer::Kind::kRefused, response->leader_hint(), ""};
  }
};

class KeyValueClient final : public ClusterClient {
 public:
  using ClusterClient::ClusterClient;

 private:
  static constexpr const char* kKey = "words";

  Answer Append(const std::string& word, const std::atomic<bool>& stop) override {
    while (session_ == 0 && !stop) OpenSession();
    if (session_ == 0) return {Answer::Kind::kRefused, 0, ""};
    kv::WriteRequest request;
    request.set_key(kKey);
    request.set_append(word);
    request.mutable_id()->set_session(session_);
    request.mutable_id()->set_sequence(next_);
    request.mutable_id()->set_first_unanswered(next_);
    ++next_;
    while (!stop) {
      // The same number each time: whoever executes it twice does so wrongly.
      const auto response = Call(kv::kWrite, request);
      if (response.ok() && response->outcome() == kv::EXECUTED) {
        return {Answer::Kind::kExecuted, 0, ""};
      }
      if (response.ok() && response->outcome() == kv::EXPIRED) break;
      TryElsewhere(response.ok() ? response->leader_hint() : 0);
    }
    session_ = 0;
    return {};
  }

  Answer Read() override {
    kv::GetRequest request;
    request.set_key(kKey);
    const auto response = Call(kv::kGet, request);
    if (!response.ok()) return {};
    if (response->outcome() == kv::EXECUTED) return {Answer::Kind::kExecuted, 0, response->value()};
    return {Answer::Kind::kRefused, response->leader_hint(), ""};
  }

  void OpenSession() {
    const auto response = Call(kv::kOpenSession, kv::OpenSessionRequest());
    if (response.ok() && response->outcome() == kv::EXECUTED) {
      session_ = response->session();
      next_ = 1;
    } else {
      TryElsewhere(response.ok() ? response->leader_hint() : 0);
    }
  }

  std::uint64_t session_ = 0;
  std::uint64_t next_ = 1;
};

}  // namespace

std::unique_ptr<ClusterClient> MakeClient(Service service, std::map<NodeId, std::string> addresses,
                                          int number) {
  if (service == Service::kLockService) return MakeLockClient(std::move(addresses), number);
  if (service == Service::kKeyValue) {
    return std::make_unique<KeyValueClient>(std::move(addresses), number);
  }
  return std::make_unique<RegisterClient>(std::move(addresses), number);
}

}  // namespace quorum::grader

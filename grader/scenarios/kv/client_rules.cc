#include "grader/scenarios/kv/client_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/kv/text.h"

namespace quorum::grader::kv {

std::string ContentOf(const WriteRequest& request) {
  WriteRequest content = request;
  content.clear_id();
  return content.SerializeAsString();
}

void OneNumberAWrite::Asks(NodeId client, const WriteRequest& request) {
  if (client < kFirstClient) return;
  if (!request.has_id()) {
    return Violated(fmt::format("Client {} asks to {} without an id.", client, Show(request)),
                    client);
  }
  const Number number = NumberOf(request.id());
  const std::string content = ContentOf(request);
  const auto [known, fresh] = contents_.emplace(number, content);
  if (!fresh && known->second != content) {
    WriteRequest before;
    before.ParseFromString(known->second);
    return Violated(fmt::format("Client {} asks to {} as {}, which was to {}.", client,
                                Show(request), Show(number), Show(before)),
                    client);
  }
  if (request.has_delete_()) return;
  const Number first = numbers_.emplace(content, number).first->second;
  if (first == number) return;
  Violated(fmt::format("Client {} asks to {} as {}, and has asked for it as {} before.", client,
                       Show(request), Show(number), Show(first)),
           client);
}

void FirstUnanswered::Asks(NodeId client, const WriteRequest& request) {
  if (client < kFirstClient) return;
  const RequestId& id = request.id();
  const std::uint64_t first = id.first_unanswered();
  if (first == 0 || first > id.sequence() || id.sequence() - first >= quorum::kv::kWindow) {
    return Violated(fmt::format("Client {} asks for {} and says that it waits for answers from {} "
                                "on.",
                                client, Show(NumberOf(id)), first),
                    client);
  }
  const auto oldest = waiting_.lower_bound({id.session(), 0});
  if (oldest != waiting_.end() && oldest->first < Number{id.session(), first}) {
    return Violated(fmt::format("Client {} says, with {}, that it waits for answers from {} on. It "
                                "has none to {} yet.",
                                client, Show(NumberOf(id)), first, Show(oldest->first)),
                    client);
  }
  waiting_.emplace(NumberOf(id), ContentOf(request));
}

void FirstUnanswered::Hears(NodeId, const WriteRequest& request, const WriteResponse& response) {
  if (response.outcome() == quorum::kv::UNKNOWN || response.outcome() == quorum::kv::NOT_LEADER) {
    return;
  }
  waiting_.erase(NumberOf(request.id()));
}

void FirstUnanswered::UserHears(NodeId, std::uint64_t, const WriteRequest& request,
                                const absl::Status&, const WriteResponse&) {
  const std::string content = ContentOf(request);
  std::erase_if(waiting_, [&](const auto& one) { return one.second == content; });
}

void ExactOutcomes::Asks(NodeId client, const WriteRequest& request) {
  asked_[client][ContentOf(request)].insert(NumberOf(request.id()));
}

bool ExactOutcomes::WasTold(NodeId client, const std::string& content,
                            const WriteResponse& response) const {
  const auto of_client = asked_.find(client);
  if (of_client == asked_.end()) return false;
  const auto numbers = of_client->second.find(content);
  if (numbers == of_client->second.end()) return false;
  return std::ranges::any_of(numbers->second, [&](const Number& number) {
    const Facts::Execution* execution = facts().ExecutionOf(number);
    return execution != nullptr && execution->response.done() == response.done() &&
           execution->response.size() == response.size();
  });
}

void ExactOutcomes::UserHears(NodeId client, std::uint64_t, const WriteRequest& request,
                              const absl::Status& status, const WriteResponse& response) {
  const std::string content = ContentOf(request);
  if (status.ok()) {
    const bool right = response.outcome() == quorum::kv::EXECUTED;
    if (right && WasTold(client, content, response)) return;
    return Violated(fmt::format("Client {} was asked to {} and answers \"{}\", which no server "
                                "can have told it.",
                                client, Show(request), Show(response)),
                    client);
  }
  // The world itself says UNAVAILABLE when the client dies.
  if (absl::IsUnavailable(status) && crashed_.contains(client)) return;
  const auto& open = facts().now().sessions();
  const auto& numbers = asked_[client][content];
  const bool expired =
      std::ranges::any_of(numbers, [&](const Number& n) { return !open.contains(n.first); });
  if (absl::IsAborted(status) && expired) return;
  Violated(fmt::format("Client {} was asked to {} and gives up with {}; {}.", client, Show(request),
                       status.ToString(),
                       numbers.empty() ? "it has asked no server" : "its session has not expired"),
           client);
}

}  // namespace quorum::grader::kv

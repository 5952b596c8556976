// The state machine: what a command does to the keys, and when it must do nothing.
#include "labs/lab3_raft/kv_machine.h"

#include "common/env/check.h"
#include "common/env/not_written.h"

namespace quorum::kv {

std::string Machine::Apply(LogIndex index, std::string_view command) {
  // [solution: Open a session, or write; return the response in bytes (handout 3G, step 1).]
  Command parsed;
  Check(parsed.ParseFromArray(command.data(), static_cast<int>(command.size())),
        "A log applies commands that were proposed.");
  applied_ = index;
  ++applied_since_snapshot_;
  if (parsed.has_write()) return Write(parsed.write(), index).SerializeAsString();
  sessions_.Open(index);
  OpenSessionResponse response;
  response.set_outcome(EXECUTED);
  response.set_session(index);
  return response.SerializeAsString();
  // [end]
}

WriteResponse Machine::Write(const WriteRequest& request, LogIndex index) {
  // [solution: Execute the write, unless the session knows better (handout 3G, steps 1 and 2).]
  if (!request.has_id()) return Execute(request);
  // Here, where every server decides alike. Before the command was proposed nobody could know
  // whether the same one was on its way already.
  if (const auto known = sessions_.Find(request.id(), index)) return *known;
  const WriteResponse response = Execute(request);
  sessions_.Remember(request.id(), response);
  return response;
  // [end]
}

WriteResponse Machine::Execute(const WriteRequest& request) {
  // [solution: Change the value as kv.proto says, and tell what has become of it (handout 3G, step
  // 1).]
  WriteResponse response;
  response.set_outcome(EXECUTED);
  response.set_done(true);
  if (request.has_put()) values_[request.key()] = request.put();
  if (request.has_append()) values_[request.key()] += request.append();
  if (request.has_delete_()) response.set_done(values_.erase(request.key()) > 0);
  const auto value = values_.find(request.key());
  if (request.has_cas()) {
    const bool absent = value == values_.end();
    const bool matches = request.cas().has_expected()
                             ? !absent && value->second == request.cas().expected()
                             : absent;
    if (matches) values_[request.key()] = request.cas().value();
    response.set_done(matches);
  }
  response.set_size(Get(request.key()).value_or("").size());
  return response;
  // [end]
}

std::optional<std::string> Machine::Get(const std::string& key) const {
  // [solution: Return the value of the key (handout 3G, step 1).]
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second;
  // [end]
}

std::string Machine::Snapshot() const {
  // [solution: Return the whole state as the message Snapshot, in bytes (handout 3G, step 5).]
  kv::Snapshot snapshot;
  for (const auto& [key, value] : values_) {
    Pair& pair = *snapshot.add_pairs();
    pair.set_key(key);
    pair.set_value(value);
  }
  sessions_.Save(snapshot);
  return snapshot.SerializeAsString();
  // [end]
}

absl::Status Machine::Restore(LogIndex index, std::string_view snapshot) {
  // [solution: Replace the whole state by that of the snapshot (handout 3G, step 5).]
  kv::Snapshot parsed;
  Check(parsed.ParseFromArray(snapshot.data(), static_cast<int>(snapshot.size())),
        "A snapshot is restored as it was made.");
  values_.clear();
  for (const Pair& pair : parsed.pairs()) values_[pair.key()] = pair.value();
  sessions_.Load(parsed);
  applied_ = index;
  applied_since_snapshot_ = 0;
  return absl::OkStatus();
  // [end]
}

}  // namespace quorum::kv

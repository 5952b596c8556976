// Part 3G of another shape: node and state machine are one, the state is the snapshot's message
// itself, sessions stand in the order in which they were used, and whoever waits is found by what
// it waits for, not by who has proposed it.

#include <algorithm>
#include <list>
#include <map>
#include <utility>

#include "labs/lab3_raft/kv.h"

namespace quorum::kv {
namespace {

using namespace std::chrono_literals;

using Number = std::pair<std::uint64_t, std::uint64_t>;

class PlainServer final : public Node, public StateMachine {
 public:
  PlainServer(Env& env, const NodeConfig& config, ReplicatedLogFactory make_log) : env_(env) {
    config.lab().UnpackTo(&config_);
    env_.Serve(kOpenSession, [this](const OpenSessionRequest& request, auto responder) {
      OpenSession(request, std::move(responder));
    });
    env_.Serve(kWrite, [this](const WriteRequest& request, auto responder) {
      Write(request, std::move(responder));
    });
    env_.Serve(kGet, [this](const GetRequest& request, auto responder) {
      Get(request.key(), std::move(responder));
    });
    log_ = make_log(env, config, *this);
  }

  std::string Apply(LogIndex index, std::string_view bytes) override {
    applied_ = index;
    if (++since_snapshot_ == Or(config_.snapshot_every(), kUsualSnapshotEvery)) {
      soon_ = env_.After(0ms, [this] {
        since_snapshot_ = 0;
        log_->DiscardUpTo(applied_, Snapshot());
      });
    }
    Command command;
    command.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (!command.has_write()) {
      Open(index);
      return {};
    }
    const WriteRequest& write = command.write();
    const WriteResponse response = write.has_id() ? Once(write, index) : Change(write);
    const auto [first, last] = waiting_.equal_range({write.id().session(), write.id().sequence()});
    if (!write.has_id()) return response.SerializeAsString();
    for (auto one = first; one != last; ++one) one->second.Reply(response);
    waiting_.erase(first, last);
    return {};
  }

  std::string Snapshot() const override {
    kv::Snapshot snapshot;
    for (const auto& [key, value] : values_) {
      Pair& pair = *snapshot.add_pairs();
      pair.set_key(key);
      pair.set_value(value);
    }
    for (const Session& session : sessions_) *snapshot.add_sessions() = session;
    std::ranges::sort(*snapshot.mutable_sessions(), {}, &Session::session);
    return snapshot.SerializeAsString();
  }

  absl::Status Restore(LogIndex index, std::string_view bytes) override {
    kv::Snapshot snapshot;
    if (!snapshot.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return absl::DataLossError("This is no snapshot.");
    }
    values_.clear();
    for (const Pair& pair : snapshot.pairs()) values_[pair.key()] = pair.value();
    sessions_.assign(snapshot.sessions().begin(), snapshot.sessions().end());
    sessions_.sort([](const Session& one, const Session& other) {
      return one.last_used() < other.last_used();
    });
    applied_ = index;
    since_snapshot_ = 0;
    return absl::OkStatus();
  }

 private:
  static std::uint32_t Or(std::uint32_t told, std::uint32_t usual) {
    return told > 0 ? told : usual;
  }

  // -- The state.

  void Open(LogIndex index) {
    Session& session = sessions_.emplace_back();
    session.set_session(index);
    session.set_last_used(index);
    session.set_first_unanswered(1);
    if (sessions_.size() > Or(config_.max_sessions(), kUsualMaxSessions)) sessions_.pop_front();
  }

  /// The session, which counts as used now; null: it is not open.
  Session* Use(std::uint64_t number, LogIndex index) {
    const auto session = std::ranges::find(sessions_, number, &Session::session);
    if (session == sessions_.end()) return nullptr;
    session->set_last_used(index);
    sessions_.splice(sessions_.end(), sessions_, session);
    return &sessions_.back();
  }

  static const Answer* Find(const Session& session, std::uint64_t sequence) {
    const auto answer = std::ranges::find(session.answers(), sequence, &Answer::sequence);
    return answer == session.answers().end() ? nullptr : &*answer;
  }

  WriteResponse Once(const WriteRequest& write, LogIndex index) {
    const RequestId& id = write.id();
    WriteResponse response;
    response.set_outcome(EXPIRED);
    Session* session = Use(id.session(), index);
    if (session == nullptr) return response;
    if (id.first_unanswered() > session->first_unanswered()) {
      session->set_first_unanswered(id.first_unanswered());
      auto& answers = *session->mutable_answers();
      answers.erase(std::remove_if(answers.begin(), answers.end(),
                                   [&](const Answer& answer) {
                                     return answer.sequence() < id.first_unanswered();
                                   }),
                    answers.end());
    }
    response.set_outcome(FORGOTTEN);
    if (id.sequence() < session->first_unanswered()) return response;
    if (const Answer* known = Find(*session, id.sequence())) return known->response();
    response = Change(write);
    Answer& answer = *session->add_answers();
    answer.set_sequence(id.sequence());
    *answer.mutable_response() = response;
    std::ranges::sort(*session->mutable_answers(), {}, &Answer::sequence);
    return response;
  }

  WriteResponse Change(const WriteRequest& write) {
    const auto before = values_.find(write.key());
    std::optional<std::string> value;
    if (before != values_.end()) value = before->second;
    bool done = true;
    if (write.has_put()) {
      value = write.put();
    } else if (write.has_append()) {
      value = value.value_or("") + write.append();
    } else if (write.has_delete_()) {
      done = std::exchange(value, std::nullopt).has_value();
    } else {
      std::optional<std::string> expected;
      if (write.cas().has_expected()) expected = write.cas().expected();
      done = value == expected;
      if (done) value = write.cas().value();
    }
    value ? void(values_[write.key()] = *value) : void(values_.erase(write.key()));
    WriteResponse response;
    response.set_outcome(EXECUTED);
    response.set_done(done);
    response.set_size(value.value_or("").size());
    return response;
  }

  // -- What clients ask.

  template <class Response>
  static Response Refusal(const ProposeOutcome& outcome) {
    Response response;
    const bool refused = outcome.kind == ProposeOutcome::Kind::kNotLeader;
    response.set_outcome(refused ? NOT_LEADER : UNKNOWN);
    response.set_leader_hint(outcome.leader_hint);
    return response;
  }

  void OpenSession(const OpenSessionRequest& request, Responder<OpenSessionResponse> responder) {
    Command command;
    *command.mutable_open_session() = request;
    log_->Propose(command.SerializeAsString(),
                  [responder = std::move(responder)](const ProposeOutcome& outcome) mutable {
                    auto response = Refusal<OpenSessionResponse>(outcome);
                    if (outcome.kind == ProposeOutcome::Kind::kApplied) {
                      response.set_outcome(EXECUTED);
                      response.set_leader_hint(0);
                      response.set_session(outcome.index);
                    }
                    responder.Reply(response);
                  });
  }

  void Write(const WriteRequest& request, Responder<WriteResponse> responder) {
    const RequestId& id = request.id();
    const bool valid = id.first_unanswered() >= 1 && id.sequence() >= id.first_unanswered() &&
                       id.sequence() < id.first_unanswered() + kWindow;
    if (request.kind_case() == WriteRequest::KIND_NOT_SET || (request.has_id() && !valid)) {
      return responder.Fail(absl::InvalidArgumentError("This is no write."));
    }
    Command command;
    *command.mutable_write() = request;
    if (!request.has_id()) return WriteUnnumbered(command, std::move(responder));
    // What was executed once is so for ever: it needs no place in the log to say so.
    const auto session = std::ranges::find(sessions_, id.session(), &Session::session);
    if (session != sessions_.end()) {
      if (const Answer* known = Find(*session, id.sequence())) {
        return responder.Reply(known->response());
      }
    }
    const Number number = {id.session(), id.sequence()};
    const bool proposed = waiting_.contains(number);
    waiting_.emplace(number, std::move(responder));
    if (proposed) return;
    log_->Propose(command.SerializeAsString(), [this, number](const ProposeOutcome& outcome) {
      if (outcome.kind == ProposeOutcome::Kind::kApplied) return;
      const auto [first, last] = waiting_.equal_range(number);
      for (auto one = first; one != last; ++one) {
        one->second.Reply(Refusal<WriteResponse>(outcome));
      }
      waiting_.erase(first, last);
    });
  }

  void WriteUnnumbered(const Command& command, Responder<WriteResponse> responder) {
    log_->Propose(command.SerializeAsString(),
                  [responder = std::move(responder)](const ProposeOutcome& outcome) mutable {
                    auto response = Refusal<WriteResponse>(outcome);
                    if (outcome.kind == ProposeOutcome::Kind::kApplied)
                      response.ParseFromString(outcome.result);
                    responder.Reply(response);
                  });
  }

  void Get(const std::string& key, Responder<GetResponse> responder) {
    log_->ReadBarrier(
        [this, key, responder = std::move(responder)](const absl::Status& status) mutable {
          GetResponse response;
          response.set_outcome(status.ok() ? EXECUTED : NOT_LEADER);
          if (!status.ok()) response.set_leader_hint(log_->leader());
          const auto found = values_.find(key);
          if (status.ok() && found != values_.end()) {
            response.set_found(true);
            response.set_value(found->second);
          }
          responder.Reply(response);
        });
  }

  Env& env_;
  KvConfig config_;
  std::map<std::string, std::string> values_;
  std::list<Session> sessions_;  // the one used least recently first
  LogIndex applied_ = 0;
  std::uint32_t since_snapshot_ = 0;
  Timer soon_;
  std::multimap<Number, Responder<WriteResponse>> waiting_;
  std::unique_ptr<ReplicatedLog> log_;  // last: it may use all of the above
};

}  // namespace

std::unique_ptr<Node> MakeServer(Env& env, const NodeConfig& config,
                                 ReplicatedLogFactory make_log) {
  return std::make_unique<PlainServer>(env, config, make_log);
}

}  // namespace quorum::kv

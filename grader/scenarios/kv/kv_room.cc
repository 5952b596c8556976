#include "grader/scenarios/kv/kv_room.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "grader/scenarios/kv/client_rules.h"
#include "grader/scenarios/kv/statements.h"

namespace quorum::grader::kv {
namespace {

constexpr sim::SimTime kPatience = 20 * kSecond;

}  // namespace

WriteRequest Append(const std::string& key, const std::string& value) {
  WriteRequest request;
  request.set_key(key);
  request.set_append(value);
  return request;
}

WriteRequest Put(const std::string& key, const std::string& value) {
  WriteRequest request;
  request.set_key(key);
  request.set_put(value);
  return request;
}

WriteRequest DeleteKey(const std::string& key) {
  WriteRequest request;
  request.set_key(key);
  request.mutable_delete_();
  return request;
}

WriteRequest Swap(const std::string& key, const std::optional<std::string>& expected,
                  const std::string& value) {
  WriteRequest request;
  request.set_key(key);
  request.mutable_cas()->set_value(value);
  if (expected) request.mutable_cas()->set_expected(*expected);
  return request;
}

KvRoom::KvRoom(Stage& stage, const RoomOptions& options)
    : stage_(stage),
      options_(options),
      before_(stage.world()),
      tap_(stage.world()),
      facts_(options.max_sessions),
      state_rule_(stage.world(), facts_) {}

void KvRoom::WatchRules() {
  before_.Add(facts_);
  tap_.Add(state_rule_);
  world().Watch(facts_);
  world().Watch(before_);
  world().Watch(tap_);
  watch_.Add(stage_.Watch<OneNumberAWrite>(facts_));
  watch_.Add(stage_.Watch<FirstUnanswered>(facts_));
  watch_.Add(stage_.Watch<AnswerIsOwn>(facts_));
  watch_.Add(stage_.Watch<RefusesRightly>(facts_));
  watch_.Add(stage_.Watch<AppendedOnce>(facts_));
  watch_.Add(stage_.Watch<ExactOutcomes>(facts_));
  world().Watch(watch_);
  world().Watch(history_);
}

void KvRoom::BootAll(LogHostFactory server, ReplicatedLogFactory make_log, NodeFactory client) {
  WatchRules();
  const NodeFactory host = HostServers(server, make_log, {&before_, &tap_});
  NodeConfig config;
  quorum::kv::KvConfig own;
  own.set_max_sessions(options_.max_sessions);
  own.set_snapshot_every(options_.snapshot_every);
  config.mutable_lab()->PackFrom(own);
  for (const NodeId node : servers()) config.add_peers(node);
  for (const NodeId node : servers()) {
    config.set_self(node);
    world().AddMachine("node-" + std::to_string(node), host, config);
    world().Boot(node);
  }
  config.clear_lab();
  for (const NodeId node : clients()) {
    config.set_self(node);
    world().AddMachine("node-" + std::to_string(node), client, config);
    world().Boot(node);
  }
  stage_.Step(fmt::format("Servers 1 to {} boot, and the clients {}.", options_.servers,
                          fmt::join(clients(), ", ")));
}

std::vector<NodeId> KvRoom::servers() const {
  std::vector<NodeId> nodes;
  for (int node = 1; node <= options_.servers; ++node) nodes.push_back(static_cast<NodeId>(node));
  return nodes;
}

std::vector<NodeId> KvRoom::clients() const {
  std::vector<NodeId> nodes;
  for (int index = 0; index < options_.clients; ++index) nodes.push_back(client(index));
  return nodes;
}

NodeId KvRoom::AwaitLeader(NodeId but) {
  AwaitThat([&] { return tap_.leader() != 0 && tap_.leader() != but; }, "that a server leads");
  return tap_.leader();
}

// ---- What users do

template <class Request, class Response>
Pending KvRoom::Start(NodeId at, const Method<Request, Response>& method, const Request& request,
                      Response Told::*where, Then then) {
  auto told = std::make_shared<Told>();
  world().Invoke<Request, Response>(
      at, method, request,
      [told, where, then = std::move(then)](const absl::StatusOr<Response>& response) {
        told->done = true;
        told->status = response.status();
        if (response.ok()) (*told).*where = *response;
        if (then) then(*told);
      });
  return told;
}

Pending KvRoom::Write(NodeId at, const WriteRequest& request, Then then) {
  return Start(at, quorum::kv::kWrite, request, &Told::written, std::move(then));
}

Pending KvRoom::Get(NodeId at, const std::string& key, Then then) {
  GetRequest request;
  request.set_key(key);
  return Start(at, quorum::kv::kGet, request, &Told::got, std::move(then));
}

Told KvRoom::Await(const Pending& operation, const std::string& what) {
  AwaitThat([&] { return operation->done; }, what);
  stage_.Require(kProgress, operation->status.ok(),
                 fmt::format("{}: the answer is {}.", what, operation->status.ToString()));
  return *operation;
}

void KvRoom::AwaitThat(const std::function<bool()>& done, const std::string& what) {
  world().RunUntil(done, kPatience);
  stage_.Require(kProgress, done(),
                 fmt::format("Waited in vain for 20 simulated seconds: {}.", what));
}

void KvRoom::OpenStrangersSession() {
  bool opened = false;
  const auto ask = [&] {
    bool answered = false;
    world().Invoke<OpenSessionRequest, OpenSessionResponse>(
        AwaitLeader(), quorum::kv::kOpenSession, {},
        [&](const absl::StatusOr<OpenSessionResponse>& response) {
          answered = true;
          opened = response.ok() && response->outcome() == quorum::kv::EXECUTED;
        });
    AwaitThat([&] { return answered; }, "that a session is opened");
  };
  for (int attempt = 0; !opened; ++attempt) {
    stage_.Require(kProgress, attempt < 100, "No session can be opened.");
    ask();
  }
}

// ---- What goes wrong

void KvRoom::CutWay(const std::vector<NodeId>& from, const std::vector<NodeId>& to, bool cut) {
  for (const NodeId one : from) {
    for (const NodeId other : to) {
      if (one == other) continue;
      cut ? world().network().Cut(one, other) : world().network().Mend(one, other);
    }
  }
}

void KvRoom::CutOff(NodeId node, bool cut) {
  CutWay({node}, servers(), cut);
  CutWay(servers(), {node}, cut);
}

void KvRoom::LetThingsGoWrongFor(sim::SimTime duration) {
  faults::Scope scope;
  scope.nodes = servers();
  scope.clients = clients();
  scope.clients_crash = true;
  scope.duration = duration;
  scope.may_lose_disk = (options_.servers - 1) / 2;
  stage_.StartFaults(scope);
  stage_.Step(fmt::format("Faults begin, of the profile \"{}\".", stage_.plan().profile()));
  world().RunFor(duration);
}

// ---- The end

void KvRoom::HealAndJudge(const std::function<bool()>& all_done) {
  stage_.Heal();
  stage_.Step("The faults stop: every process runs, every link works.");
  AwaitThat([&] { return all_done() && history_.pending() == 0; }, "that every user is answered");
  // A first one may be told that a session has expired that it did not know of.
  AwaitThat([done = Write(client(0), Put("end", "in vain"))] { return done->done; },
            "that a last but one write is answered");
  Await(Write(client(0), Put("end", "the end")), "A last write");
  DemandThatAllApply();
  const std::set<std::string> keys = history_.keys();
  for (const std::string& key : keys) {
    const Told last = Await(Get(client(0), key), fmt::format("A last get of \"{}\"", key));
    if (key == kLogKey) JudgeAppended(key, last.got);
  }
  history_.Judge(stage_);
}

void KvRoom::DemandThatAllApply() {
  const auto all_apply = [this] {
    return std::ranges::all_of(servers(), [this](NodeId server) {
      const bool excused = world().machines().at(server)->disk.corrupt || !CatchesUp(server);
      return excused || tap_.applied(server) >= facts_.last();
    });
  };
  if (world().RunUntil(all_apply, kPatience)) return;
  std::string detail = fmt::format(
      "20 simulated seconds later index {} is applied somewhere, and the servers are at:",
      facts_.last());
  for (const NodeId server : servers()) {
    detail += fmt::format(" {} (server {})", tap_.applied(server), server);
  }
  stage_.Require(kProgress, false, detail + ".");
}

void KvRoom::JudgeAppended(const std::string& key, const GetResponse& last) {
  for (const std::string& part : history_.Acknowledged(key)) {
    const bool there = (";" + last.value()).find(";" + part) != std::string::npos;
    stage_.Require(kAppendedOnce, there,
                   fmt::format("A user was told that \"{}\" was appended to \"{}\", which is now "
                               "\"{}\".",
                               part, key, last.value()));
  }
}

}  // namespace quorum::grader::kv

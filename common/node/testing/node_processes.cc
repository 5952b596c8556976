#include "common/node/testing/node_processes.h"

#include <signal.h>

#include <utility>

#include "common/env/check.h"
#include "common/node/testing/free_address.h"

namespace quorum::testing {

NodeProcesses::NodeProcesses(ProcessesPlan plan) : plan_(std::move(plan)) {
  std::set<std::string> taken;
  for (NodeId node = 1; node <= plan_.modules.size(); ++node) {
    nodes_.insert(node);
    do {
      addresses_[node] = FreeAddress();
    } while (!taken.insert(addresses_[node]).second);
    const std::string name = "node-" + std::to_string(node);
    disks_[node] = std::make_unique<PlayedDisk>(home_ / (name + ".disk"), home_ / name);
  }
  for (const NodeId from : nodes_) {
    for (const NodeId to : nodes_) {
      if (from != to && !plan_.direct) links_.try_emplace({from, to}, addresses_.at(to));
    }
  }
}

std::vector<std::string> NodeProcesses::CommandOf(NodeId node) const {
  std::vector<std::string> command = disks_.at(node)->CommandPrefix();
  command.insert(command.end(),
                 {QUORUM_NODE, "--module", plan_.modules[node - 1], "--role", plan_.role, "--node",
                  std::to_string(node), "--data", folder(node).string(), "--die-with-parent"});
  for (const auto& [other, address] : addresses_) {
    const bool direct = other == node || plan_.direct;
    const std::string reached = direct ? address : links_.at({node, other}).proxy.address();
    command.insert(command.end(), {"--address", std::to_string(other) + "=" + reached});
  }
  if (!plan_.config.empty()) command.insert(command.end(), {"--config", plan_.config});
  command.insert(command.end(), plan_.more.begin(), plan_.more.end());
  return command;
}

void NodeProcesses::Start(NodeId node) {
  processes_[node] = std::make_unique<ChildProcess>(CommandOf(node));
  if (!processes_[node]->ReadLine().empty()) return;
  processes_[node]->Wait();
  Check(false, "A node starts: " + processes_[node]->errors());
}

void NodeProcesses::StartAll() {
  for (const NodeId node : nodes_) Start(node);
}

std::string NodeProcesses::RefusalOf(NodeId node) {
  ChildProcess process(CommandOf(node));
  const std::string started = process.ReadLine();
  Check(started.empty(), "A node refuses to start: " + started);
  process.Wait();
  return process.errors();
}

void NodeProcesses::Kill(NodeId node) {
  processes_.at(node)->Signal(SIGKILL);
  const int end = processes_.at(node)->Wait();
  Check(end == -SIGKILL, "A node runs until it is killed; this one ended with " +
                             std::to_string(end) + ": " + processes_.at(node)->errors());
}

std::uint64_t NodeProcesses::LosePower(const std::set<NodeId>& nodes) {
  // At once: nothing of one may reach another that is off.
  for (const NodeId node : nodes) Stop(node);
  for (const NodeId node : nodes) Kill(node);
  std::uint64_t lost = 0;
  for (const NodeId node : nodes) lost += disk(node).LosePower();
  return lost;
}

void NodeProcesses::CutOneWay(NodeId from, NodeId to) {
  LinkState forth = links_.at({from, to}).state;
  forth.forth_cut = true;
  Change(from, to, forth);
  LinkState back = links_.at({to, from}).state;
  back.back_cut = true;
  Change(to, from, back);
}

void NodeProcesses::Isolate(NodeId node) {
  for (const NodeId other : nodes_) {
    if (other == node) continue;
    CutOneWay(node, other);
    CutOneWay(other, node);
  }
}

void NodeProcesses::Delay(Duration delay) {
  for (auto& [ends, link] : links_) {
    LinkState state = link.state;
    state.delay = delay;
    Change(ends.first, ends.second, state);
  }
}

void NodeProcesses::HealLinks() {
  for (auto& [ends, link] : links_) Change(ends.first, ends.second, LinkState());
}

void NodeProcesses::Change(NodeId from, NodeId to, const LinkState& state) {
  Link& link = links_.at({from, to});
  link.state = state;
  link.proxy.Set(state);
}

}  // namespace quorum::testing

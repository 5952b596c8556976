#include "grader/faults/driver.h"

#include <fmt/format.h>

namespace quorum::faults {
namespace {

using sim::SimTime;

double Milliseconds(SimTime time) { return static_cast<double>(time) / 1e6; }

template <class Nodes>
std::string List(const Nodes& nodes) {
  return fmt::format("{{{}}}", fmt::join(nodes, ", "));
}

std::string DescribeKind(const Fault& fault) {
  switch (fault.kind_case()) {
    case Fault::kPartition:
      return fmt::format("the links {} -> {} are cut{}", List(fault.partition().from()),
                         List(fault.partition().to()),
                         fault.partition().one_way() ? ", one way" : ", both ways");
    case Fault::kLink: {
      const Link& link = fault.link();
      std::string text = fmt::format("the link {} -> {} is", link.from(), link.to());
      if (link.extra_delay_ns() > 0)
        text += fmt::format(" slower by {} ms", Milliseconds(link.extra_delay_ns()));
      if (link.flap_ns() > 0)
        text += fmt::format(" flapping every {} ms", Milliseconds(link.flap_ns()));
      if (link.bytes_per_second() > 0)
        text += fmt::format(" down to {} bytes a second", link.bytes_per_second());
      return text;
    }
    case Fault::kCrash:
      return fmt::format("node {} {}{}", fault.crash().node(),
                         fault.crash().power_loss() ? "loses power" : "is killed",
                         fault.crash().before_effect() > 0
                             ? fmt::format(" just before its send or write number {} from then on",
                                           fault.crash().before_effect())
                             : "");
    case Fault::kPause:
      return fmt::format("node {} is stopped (SIGSTOP)", fault.pause().node());
    case Fault::kDisk: {
      const Disk& disk = fault.disk();
      std::string text = fmt::format("the disk of node {}", disk.node());
      if (disk.full()) text += " is full";
      if (disk.extra_fsync_ns() > 0)
        text += fmt::format(" needs {} ms more for an fsync", Milliseconds(disk.extra_fsync_ns()));
      if (disk.fail_fsync()) text += " fails its next fsync";
      if (disk.wipe()) text += " is wiped";
      if (disk.corrupt()) text += " is corrupted";
      return text;
    }
    case Fault::kClock: {
      const Clock& clock = fault.clock();
      std::string text = fmt::format("the clock of node {}", clock.node());
      if (clock.rate_ppm() != 0) text += fmt::format(" is off by {} ppm", clock.rate_ppm());
      if (clock.jump_ns() != 0)
        text += fmt::format(" jumps by {} ms", Milliseconds(clock.jump_ns()));
      if (clock.freeze()) text += " stands still";
      return text;
    }
    case Fault::KIND_NOT_SET:
      break;
  }
  return "nothing";
}

std::string DescribeEnd(const Fault& fault) {
  switch (fault.kind_case()) {
    case Fault::kPartition:
      return fmt::format("the links {} -> {} are whole again", List(fault.partition().from()),
                         List(fault.partition().to()));
    case Fault::kLink:
      return fmt::format("the link {} -> {} is as before", fault.link().from(), fault.link().to());
    case Fault::kCrash:
      return fmt::format("node {} is to run again", fault.crash().node());
    case Fault::kPause:
      return fmt::format("node {} is let go on", fault.pause().node());
    case Fault::kDisk:
      return fmt::format("the disk of node {} is as before", fault.disk().node());
    case Fault::kClock:
      return fmt::format("the clock of node {} runs true again", fault.clock().node());
    case Fault::KIND_NOT_SET:
      break;
  }
  return "nothing";
}

}  // namespace

std::string Driver::Describe(const Fault& fault) {
  const std::string span = fault.for_ns() > 0
                               ? fmt::format("for {:.1f} ms", Milliseconds(fault.for_ns()))
                               : "until the end";
  return fmt::format("at {:.1f} ms {}: {}", Milliseconds(fault.at_ns()), span, DescribeKind(fault));
}

void Driver::Start() {
  world_.network().SetConditions(plan_.network());
  for (const MessageFault& fault : plan_.message_faults()) world_.network().AddMessageFault(fault);
  for (int index = 0; index < plan_.faults_size(); ++index) {
    const Fault& fault = plan_.faults(index);
    world_.At(world_.now() + fault.at_ns(), [this, index] { Begin(index); });
    if (fault.for_ns() > 0) {
      world_.At(world_.now() + fault.at_ns() + fault.for_ns(), [this, index] { End(index); });
    }
  }
}

void Driver::Heal() {
  if (!healed_) world_.NoteFault("The machine room is healed.");
  healed_ = true;
  world_.network().Heal();
  const std::set<int> active = active_;
  for (const int index : active) End(index);
  for (const auto& [id, machine] : world_.machines()) {
    world_.Resume(id);
    machine->crash_before = 0;
    world_.Boot(id);
  }
}

void Driver::Begin(int index) {
  if (healed_) return;
  const Fault& fault = plan_.faults(index);
  active_.insert(index);
  world_.NoteFault(DescribeKind(fault));
  switch (fault.kind_case()) {
    case Fault::kPartition:
      return SetPartition(fault.partition(), true);
    case Fault::kLink:
      return world_.network().SetLink(fault.link().from(), fault.link().to(), fault.link());
    case Fault::kCrash:
      MarkDown(fault.crash().node(), +1);
      if (fault.crash().before_effect() > 0) {
        return world_.CrashBeforeEffect(fault.crash().node(), fault.crash().before_effect());
      }
      return world_.Crash(fault.crash().node(), fault.crash().power_loss());
    case Fault::kPause:
      return world_.Pause(fault.pause().node());
    case Fault::kDisk:
      return BeginDisk(fault.disk());
    case Fault::kClock:
      if (fault.clock().rate_ppm() != 0) {
        world_.SetClockRate(fault.clock().node(), fault.clock().rate_ppm());
      }
      if (fault.clock().jump_ns() != 0) {
        world_.JumpClock(fault.clock().node(), fault.clock().jump_ns());
      }
      if (fault.clock().freeze()) world_.FreezeClock(fault.clock().node(), true);
      return;
    case Fault::KIND_NOT_SET:
      return;
  }
}

void Driver::End(int index) {
  if (active_.erase(index) == 0) return;
  const Fault& fault = plan_.faults(index);
  world_.NoteFault(DescribeEnd(fault));
  switch (fault.kind_case()) {
    case Fault::kPartition:
      return SetPartition(fault.partition(), false);
    case Fault::kLink:
      return world_.network().SetLink(fault.link().from(), fault.link().to(), Link());
    case Fault::kCrash:
      world_.CrashBeforeEffect(fault.crash().node(), 0);
      return MarkDown(fault.crash().node(), -1);
    case Fault::kPause:
      return world_.Resume(fault.pause().node());
    case Fault::kDisk:
      return EndDisk(fault.disk());
    case Fault::kClock:
      if (fault.clock().rate_ppm() != 0) world_.SetClockRate(fault.clock().node(), 0);
      if (fault.clock().freeze()) world_.FreezeClock(fault.clock().node(), false);
      return;
    case Fault::KIND_NOT_SET:
      return;
  }
}

void Driver::BeginDisk(const Disk& fault) {
  sim::Disk& disk = world_.machine(fault.node()).disk;
  if (fault.full()) disk.full = true;
  if (fault.extra_fsync_ns() > 0) disk.extra_fsync_ns += fault.extra_fsync_ns();
  if (fault.fail_fsync()) disk.fail_next_fsync = true;
  if (fault.fail_fsync() || fault.wipe() || fault.corrupt()) MarkDown(fault.node(), +1);
  if (fault.wipe() || fault.corrupt()) world_.Crash(fault.node(), false);
  if (fault.wipe()) disk.Wipe();
  if (fault.corrupt()) disk.corrupt = true;
}

void Driver::EndDisk(const Disk& fault) {
  sim::Disk& disk = world_.machine(fault.node()).disk;
  if (fault.full()) disk.full = false;
  if (fault.extra_fsync_ns() > 0) disk.extra_fsync_ns -= fault.extra_fsync_ns();
  if (fault.fail_fsync()) disk.fail_next_fsync = false;
  if (fault.fail_fsync() || fault.wipe() || fault.corrupt()) MarkDown(fault.node(), -1);
}

void Driver::SetPartition(const Partition& partition, bool cut) {
  const auto set = [&](NodeId from, NodeId to) {
    if (from == to) return;
    cut ? world_.network().Cut(from, to) : world_.network().Mend(from, to);
  };
  for (const NodeId from : partition.from()) {
    for (const NodeId to : partition.to()) {
      set(from, to);
      if (!partition.one_way()) set(to, from);
    }
  }
}

void Driver::MarkDown(NodeId node, int change) {
  held_down_[node] += change;
  if (change < 0 && held_down_[node] == 0) world_.Boot(node);
}

}  // namespace quorum::faults

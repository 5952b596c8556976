#include "grader/faults/shrink_steps.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cstdint>

namespace quorum::faults {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::RepeatedPtrField;

constexpr std::int64_t kMillisecond = 1'000'000;

/// Takes items out of one list of the plan: all, then halves, quarters, and so on to single ones,
/// which are gone through until none can go.
template <class Item>
class Remove final : public ShrinkStep {
 public:
  using List = RepeatedPtrField<Item>;
  explicit Remove(List& (*list)(Plan&)) : list_(list) {}

  void Begin() override {
    piece_ = 0;
    at_ = 0;
    removed_ = false;
  }

  bool Propose(Plan& plan) override {
    List& items = list_(plan);
    if (items.empty()) return false;
    if (piece_ == 0) piece_ = items.size();
    while (at_ >= items.size()) {
      if (piece_ == 1 && !removed_) return false;
      piece_ = std::max(1, std::min(piece_, items.size()) / 2);
      at_ = 0;
      removed_ = false;
    }
    items.DeleteSubrange(at_, std::min(piece_, items.size() - at_));
    return true;
  }

  void Hear(bool fails) override {
    removed_ = removed_ || fails;
    if (!fails) at_ += piece_;
  }

 private:
  List& (*list_)(Plan&);
  int piece_ = 0;  ///< how many to take out at once; 0: not begun
  int at_ = 0;
  bool removed_ = false;  ///< something went, with pieces of this size
};

/// A time in a plan.
struct TimeField {
  Message* message;
  const FieldDescriptor* field;

  std::int64_t Get() const { return message->GetReflection()->GetInt64(*message, field); }
  void Set(std::int64_t time) const { message->GetReflection()->SetInt64(message, field, time); }
  /// How short it makes sense: 0 for how long something lasts would mean for ever.
  std::int64_t Shortest() const {
    return field->name() == "for_ns" || field->name() == "heal_after_ns" ? kMillisecond : 0;
  }
};

/// The times in `message` that are set, in the order of the .proto, down through all it contains.
void CollectTimes(Message& message, std::vector<TimeField>& times) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 && field->name().ends_with("_ns")) {
      times.push_back({&message, field});
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated()) {
      CollectTimes(*reflection->MutableMessage(&message, field), times);
    }
  }
}

std::vector<TimeField> TimesOf(Plan& plan) {
  std::vector<TimeField> times;
  for (Fault& fault : *plan.mutable_faults()) CollectTimes(fault, times);
  for (ClientOp& op : *plan.mutable_ops()) CollectTimes(op, times);
  for (MessageFault& fault : *plan.mutable_message_faults()) CollectTimes(fault, times);
  times.push_back({&plan, Plan::descriptor()->FindFieldByNumber(Plan::kHealAfterNsFieldNumber)});
  return times;
}

/// No fault outlasts the healing: what ends it should be its own end.
void HealLast(Plan& plan) {
  std::int64_t end = plan.heal_after_ns();
  for (const Fault& fault : plan.faults()) end = std::max(end, fault.at_ns() + fault.for_ns());
  plan.set_heal_after_ns(end);
}

/// Halves all times at once, as long as that goes well.
class HalveAll final : public ShrinkStep {
 public:
  void Begin() override { refused_ = false; }
  bool Propose(Plan& plan) override {
    if (refused_) return false;
    bool changed = false;
    for (const TimeField& time : TimesOf(plan)) {
      if (time.Get() < 2 * kMillisecond) continue;
      time.Set(time.Get() / 2);
      changed = true;
    }
    HealLast(plan);
    return changed;
  }
  void Hear(bool fails) override { refused_ = !fails; }

 private:
  bool refused_ = false;
};

/// Shortens each time by itself: to the shortest that makes sense, or by half as often as that goes
/// well; at last to whole milliseconds, which read better.
class Shorten final : public ShrinkStep {
 public:
  void Begin() override {
    at_ = 0;
    how_ = How::kShortest;
  }
  bool Propose(Plan& plan) override {
    const std::vector<TimeField> times = TimesOf(plan);
    for (; at_ < times.size(); ++at_, how_ = How::kShortest) {
      for (; how_ != How::kNoMore; how_ = Next(how_)) {
        const std::int64_t now = times[at_].Get();
        const std::int64_t shorter = Shorter(times[at_]);
        if (shorter >= now || shorter < times[at_].Shortest()) continue;
        times[at_].Set(shorter);
        HealLast(plan);
        return true;
      }
    }
    return false;
  }
  void Hear(bool fails) override {
    if (!fails || how_ != How::kHalf) how_ = Next(how_);
  }

 private:
  enum class How { kShortest, kHalf, kWhole, kNoMore };
  static How Next(How how) { return static_cast<How>(static_cast<int>(how) + 1); }

  std::int64_t Shorter(const TimeField& time) const {
    const std::int64_t now = time.Get();
    if (how_ == How::kShortest) return time.Shortest();
    const std::int64_t wanted = how_ == How::kHalf ? now / 2 : now;
    return wanted - (wanted > kMillisecond ? wanted % kMillisecond : 0);
  }

  std::size_t at_ = 0;
  How how_ = How::kShortest;
};

}  // namespace

std::vector<std::unique_ptr<ShrinkStep>> AllShrinkSteps() {
  std::vector<std::unique_ptr<ShrinkStep>> steps;
  steps.push_back(std::make_unique<Remove<Fault>>(
      [](Plan& plan) -> RepeatedPtrField<Fault>& { return *plan.mutable_faults(); }));
  steps.push_back(
      std::make_unique<Remove<MessageFault>>([](Plan& plan) -> RepeatedPtrField<MessageFault>& {
        return *plan.mutable_message_faults();
      }));
  steps.push_back(std::make_unique<HalveAll>());
  steps.push_back(std::make_unique<Remove<ClientOp>>(
      [](Plan& plan) -> RepeatedPtrField<ClientOp>& { return *plan.mutable_ops(); }));
  steps.push_back(std::make_unique<Shorten>());
  return steps;
}

}  // namespace quorum::faults

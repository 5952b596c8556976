// etcd's lock service (v3lockpb) and its keys. Its messages are few and small, so they are read and
// written by hand.

#include <google/protobuf/empty.pb.h>
#include <google/protobuf/unknown_field_set.h>

#include <thread>

#include "common/rpc/blocking_call.h"
#include "grader/bench/locks/connections.h"
#include "grader/bench/puts/store.h"

namespace quorum::bench {
namespace {

using google::protobuf::Empty;
using namespace std::chrono_literals;

constexpr std::uint64_t kLeaseSeconds = 36'000;  ///< nobody keeps it alive

auto* FieldsOf(Empty& message) { return Empty::GetReflection()->MutableUnknownFields(&message); }

class EtcdBencher final : public LockBencher {
 public:
  EtcdBencher(GrpcTransport& transport, NodeId leader, Duration patience)
      : transport_(transport), member_(leader), patience_(patience) {
    Empty grant;
    FieldsOf(grant)->AddVarint(1, kLeaseSeconds);
    Empty granted = Ask("/etcdserverpb.Lease/LeaseGrant", grant);
    const auto& fields = *FieldsOf(granted);
    for (int i = 0; i < fields.field_count(); ++i) {
      if (fields.field(i).number() == 2) lease_ = fields.field(i).varint();
    }
  }

  void AcquireAndRelease(const std::string& name) override {
    Empty lock;
    FieldsOf(lock)->AddLengthDelimited(1, name);
    FieldsOf(lock)->AddVarint(2, lease_);
    Empty locked = Ask("/v3lockpb.Lock/Lock", lock);
    std::string key;
    const auto& fields = *FieldsOf(locked);
    for (int i = 0; i < fields.field_count(); ++i) {
      if (fields.field(i).number() == 2) key = fields.field(i).length_delimited();
    }
    Empty unlock;
    FieldsOf(unlock)->AddLengthDelimited(1, key);
    Ask("/v3lockpb.Lock/Unlock", unlock);
  }

  void Set(const std::string& name, const std::string& contents) override {
    Empty put;
    FieldsOf(put)->AddLengthDelimited(1, name);
    FieldsOf(put)->AddLengthDelimited(2, contents);
    Ask("/etcdserverpb.KV/Put", put);
  }

 private:
  Empty Ask(const char* path, const Empty& request) {
    for (;;) {
      const auto answer =
          CallAndWait(transport_, member_, path, request.SerializeAsString(), patience_);
      Empty response;
      if (answer.ok() && response.ParseFromString(*answer)) return response;
      member_ = member_ % 3 + 1;
      std::this_thread::sleep_for(5ms);
    }
  }

  GrpcTransport& transport_;
  NodeId member_;
  const Duration patience_;
  std::uint64_t lease_ = 0;
};

class EtcdLocks final : public LockStore {
 public:
  const std::map<NodeId, std::string>& addresses() const override { return etcd_->addresses(); }
  std::unique_ptr<LockBencher> Connect(int number, Duration patience) override {
    return std::make_unique<EtcdBencher>(connections_.Of(number), AwaitLeader(), patience);
  }
  NodeId AwaitLeader() override { return etcd_->AwaitLeader(); }
  void Kill(NodeId node) override { etcd_->Kill(node); }
  void Restart(NodeId node) override { etcd_->Restart(node); }
  void Signal(NodeId node, int signal) override { etcd_->Signal(node, signal); }
  Duration CpuTime() override { return etcd_->CpuTime(); }

 private:
  const std::unique_ptr<Store> etcd_ = StartEtcd();
  Connections connections_{etcd_->addresses()};
};

}  // namespace

std::unique_ptr<LockStore> StartEtcdLocks() { return std::make_unique<EtcdLocks>(); }

}  // namespace quorum::bench

// etcd beside ours: the same number of processes on the same disk, called by the same client. Its
// messages are few and small, so they are read and written by hand.

#include <google/protobuf/empty.pb.h>
#include <google/protobuf/unknown_field_set.h>
#include <signal.h>

#include <cstdlib>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/node/testing/child_process.h"
#include "common/node/testing/free_address.h"
#include "common/node/testing/http_get.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "common/storage/storage_testing.h"
#include "grader/bench/puts/store.h"

namespace quorum::bench {
namespace {

using google::protobuf::Empty;
using google::protobuf::UnknownField;
using namespace std::chrono_literals;

constexpr NodeId kNodes = 3;
constexpr const char* kStatus = "/etcdserverpb.Maintenance/Status";

/// Field `number` of `message`; null: it is not there.
const UnknownField* Find(const google::protobuf::UnknownFieldSet& message, int number) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i).number() == number) return &message.field(i);
  }
  return nullptr;
}

/// True if the member that sends this StatusResponse leads.
bool SaysItLeads(const std::string& bytes) {
  Empty status, header;
  if (!status.ParseFromString(bytes)) return false;
  const UnknownField* leader = Find(Empty::GetReflection()->GetUnknownFields(status), 4);
  const UnknownField* own = Find(Empty::GetReflection()->GetUnknownFields(status), 1);
  if (leader == nullptr || own == nullptr) return false;
  if (!header.ParseFromString(own->length_delimited())) return false;
  const UnknownField* member = Find(Empty::GetReflection()->GetUnknownFields(header), 2);
  return member != nullptr && member->varint() == leader->varint();
}

class Etcd final : public Store {
 public:
  Etcd() {
    for (NodeId node = 1; node <= kNodes; ++node) {
      addresses_[node] = testing::FreeAddress();
      peers_[node] = testing::FreeAddress();
    }
    for (NodeId node = 1; node <= kNodes; ++node) Restart(node);
  }

  const char* name() const override { return "etcd"; }
  const std::map<NodeId, std::string>& addresses() const override { return addresses_; }
  const char* path() const override { return "/etcdserverpb.KV/Put"; }

  std::string Request(const std::string& key, const std::string& value) const override {
    google::protobuf::Empty put;
    auto* fields = Empty::GetReflection()->MutableUnknownFields(&put);
    fields->AddLengthDelimited(1, key);
    fields->AddLengthDelimited(2, value);
    return put.SerializeAsString();
  }
  PutOutcome Read(const std::string& response) const override { return {true, 0}; }

  /// Its log's, and those of its database.
  std::uint64_t Flushes() override {
    double sum = 0;
    for (const auto& [node, address] : addresses_) {
      const std::string metrics = testing::HttpGet(address, "/metrics");
      for (const char* counter : {"\netcd_disk_wal_fsync_duration_seconds_count ",
                                  "\netcd_disk_backend_commit_duration_seconds_count "}) {
        const std::size_t at = metrics.find(counter);
        if (at == std::string::npos) continue;
        sum += std::strtod(metrics.c_str() + at + std::strlen(counter), nullptr);
      }
    }
    return static_cast<std::uint64_t>(sum);
  }

  Duration CpuTime() override {
    Duration sum{};
    for (const auto& [node, process] : processes_) sum += process->CpuTime();
    return sum;
  }

  void Kill(NodeId node) override {
    processes_.at(node)->Signal(SIGKILL);
    processes_.at(node)->Wait();
  }
  void Restart(NodeId node) override {
    const auto url = [](const std::string& address) { return "http://" + address; };
    std::vector<std::string> cluster;
    for (const auto& [other, address] : peers_) {
      cluster.push_back(absl::StrCat("n", other, "=", url(address)));
    }
    const std::string name = absl::StrCat("n", node);
    const std::string client = url(addresses_[node]);
    const std::string peer = url(peers_[node]);
    processes_[node] = std::make_unique<testing::ChildProcess>(std::vector<std::string>{
        kEtcd, "--name", name, "--data-dir", (home_ / name).string(), "--listen-client-urls",
        client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
        "--initial-advertise-peer-urls", peer, "--initial-cluster", absl::StrJoin(cluster, ","),
        "--logger", "zap", "--log-outputs", (home_ / (name + ".log")).string()});
  }
  void Signal(NodeId node, int signal) override { processes_.at(node)->Signal(signal); }

  NodeId AwaitLeader() override {
    const auto transport = MakeGrpcTransport({.listen = "", .peers = addresses_});
    for (;;) {
      for (const auto& [node, address] : addresses_) {
        const auto status = CallAndWait(*transport, node, kStatus, "", 1s);
        if (status.ok() && SaysItLeads(*status)) return node;
      }
      std::this_thread::sleep_for(50ms);
    }
  }

 private:
  const testing::TemporaryFolder home_;
  std::map<NodeId, std::string> addresses_, peers_;
  std::map<NodeId, std::unique_ptr<testing::ChildProcess>> processes_;
};

}  // namespace

std::unique_ptr<Store> StartEtcd() { return std::make_unique<Etcd>(); }

}  // namespace quorum::bench

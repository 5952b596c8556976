#include "common/node/measured_transport.h"

#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace quorum {
namespace {

std::string CodeOf(const absl::Status& status) { return absl::StatusCodeToString(status.code()); }

class MeasuredTransport final : public Transport {
 public:
  MeasuredTransport(std::shared_ptr<Registered> metrics, std::unique_ptr<Transport> transport)
      : metrics_(std::move(metrics)), transport_(std::move(transport)) {}

  absl::Status Start(Handler handler) override {
    return transport_->Start([this, handler = std::move(handler)](Request request) mutable {
      request.reply = Counted(NameOf(request.path), std::move(request.reply));
      handler(std::move(request));
    });
  }

  void Announce(const std::string& path) override {
    {
      std::lock_guard lock(mutex_);
      announced_.insert(path);
    }
    transport_->Announce(path);
  }

  void Call(NodeId peer, const std::string& path, std::string bytes, Time deadline,
            Done done) override {
    transport_->Call(
        peer, path, std::move(bytes), deadline,
        [metrics = metrics_, peer, done = std::move(done)](absl::Status status,
                                                           std::string response) mutable {
          metrics->called.Add({{"peer", absl::StrCat(peer)}, {"code", CodeOf(status)}}).Increment();
          done(std::move(status), std::move(response));
        });
  }

  void Stop() override { transport_->Stop(); }

 private:
  /// Whoever calls chooses the path; only those that are served are worth a line.
  std::string NameOf(const std::string& path) {
    std::lock_guard lock(mutex_);
    return announced_.contains(path) ? path : "other";
  }

  Done Counted(std::string method, Done reply) {
    return [metrics = metrics_, method = std::move(method), begin = MonotonicNow(),
            reply = std::move(reply)](const absl::Status& status, std::string response) mutable {
      metrics->served.Add({{"method", method}, {"code", CodeOf(status)}}).Increment();
      metrics->serving.Add({{"method", method}}, kBuckets).Observe(SecondsSince(begin));
      reply(status, std::move(response));
    };
  }

  const std::shared_ptr<Registered> metrics_;
  std::mutex mutex_;
  std::set<std::string> announced_;
  const std::unique_ptr<Transport> transport_;
};

}  // namespace

std::unique_ptr<Transport> MeasureTransport(std::shared_ptr<Registered> metrics,
                                            std::unique_ptr<Transport> transport) {
  return std::make_unique<MeasuredTransport>(std::move(metrics), std::move(transport));
}

}  // namespace quorum

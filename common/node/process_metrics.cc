#include "common/node/process_metrics.h"

#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

namespace quorum {
namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double ResidentBytes() {
  double all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

prometheus::MetricFamily One(const char* name, const char* help, prometheus::MetricType type,
                             double value) {
  prometheus::MetricFamily family = {name, help, type, {}};
  family.metric.emplace_back();
  family.metric.back().counter.value = value;
  family.metric.back().gauge.value = value;
  return family;
}

class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override {
    rusage used = {};
    ::getrusage(RUSAGE_SELF, &used);
    return {One("process_cpu_seconds_total", "Processor time used, by user and system together.",
                prometheus::MetricType::Counter, Seconds(used.ru_utime) + Seconds(used.ru_stime)),
            One("process_resident_memory_bytes", "Memory in use.", prometheus::MetricType::Gauge,
                ResidentBytes())};
  }
};

}  // namespace

std::shared_ptr<prometheus::Collectable> MakeProcessMetrics() {
  return std::make_shared<ProcessMetrics>();
}

}  // namespace quorum

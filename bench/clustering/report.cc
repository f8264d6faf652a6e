#include "clustering/report.h"

#include <sys/resource.h>

#include <cmath>
#include <cstdio>

namespace crossface::bench {

double CpuSeconds() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

int64_t PeakMib() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

void Print(const Outcome& o) {
  std::printf(
      "%-22s %-14s %8ld  P %.4f R %.4f F %.4f  B3 %.4f %.4f  nmi %.4f  persons %6d / %6d  %8.2f s  cpu %8.2f "
      "s "
      "%6ld MiB\n",
      o.data.c_str(), o.method.c_str(), static_cast<long>(o.items), o.metrics.pairwise.precision,
      o.metrics.pairwise.recall, o.metrics.pairwise.F(), o.metrics.bcubed.precision, o.metrics.bcubed.recall,
      o.metrics.nmi, o.metrics.predicted_persons, o.metrics.true_persons, o.seconds, o.cpu_seconds,
      static_cast<long>(o.peak_mib));
  std::fflush(stdout);
}

nlohmann::json ToJson(const Outcome& o) {
  const ClusterMetrics& m = o.metrics;
  return {{"data", o.data},
          {"method", o.method},
          {"items", o.items},
          {"pairwise", {m.pairwise.precision, m.pairwise.recall, m.pairwise.F()}},
          {"bcubed", {m.bcubed.precision, m.bcubed.recall, m.bcubed.F()}},
          {"nmi", m.nmi},
          {"persons", {m.predicted_persons, m.true_persons}},
          {"seconds", o.seconds},
          {"cpu_seconds", o.cpu_seconds},
          {"peak_mib", o.peak_mib}};
}

void ReportGrowth(const std::vector<Outcome>& outcomes, nlohmann::json* results) {
  for (size_t i = 0; i < outcomes.size(); ++i) {
    for (size_t j = i + 1; j < outcomes.size(); ++j) {
      const Outcome &small = outcomes[i], &large = outcomes[j];
      if (small.method != large.method || small.items >= large.items) continue;
      const double exponent = std::log(large.cpu_seconds / small.cpu_seconds) /
                              std::log(static_cast<double>(large.items) / static_cast<double>(small.items));
      std::printf("%s: time grows with n^%.2f from %ld to %ld\n", small.method.c_str(), exponent,
                  static_cast<long>(small.items), static_cast<long>(large.items));
      results->push_back({{"method", small.method},
                          {"from", small.items},
                          {"to", large.items},
                          {"growth_exponent", exponent}});
      break;
    }
  }
}

}  // namespace crossface::bench

// What a method did on a set, as a line of the table and an entry of the JSON file.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crossface/cluster/persons/metrics.h"

namespace crossface::bench {

struct Outcome {
  std::string data, method;
  int64_t items = 0;
  ClusterMetrics metrics;
  double seconds = 0, cpu_seconds = 0;
  int64_t peak_mib = 0;  // of the process so far
};

double CpuSeconds();
int64_t PeakMib();

void Print(const Outcome& outcome);
nlohmann::json ToJson(const Outcome& outcome);
// How the time grows between sizes of one method: t ~ n^exponent. Printed, and added to the JSON.
void ReportGrowth(const std::vector<Outcome>& outcomes, nlohmann::json* results);

}  // namespace crossface::bench

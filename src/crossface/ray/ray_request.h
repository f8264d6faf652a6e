// Which Ray cluster is to scan and to compare tracks, and what each task asks of it. A plain value.
#pragma once

#include <cstdint>
#include <string>

namespace crossface {

struct RayRequest {
  std::string address;    // "auto": this machine's cluster, or $RAY_ADDRESS; "host:port". Empty: no cluster
  int cpus = 1;           // of each task, which searches with so many threads
  int64_t memory_mb = 0;  // 0: no matter
  // Seconds of a source that are about one task; sources at least twice as long are divided. 0: none is.
  int64_t range_s = 300;
  // Parts of the comparison of tracks that are as much work as comparing so many with each other are tasks;
  // others take longer to send than to do. 0: all are.
  int64_t compare_from = 4096;
};

}  // namespace crossface

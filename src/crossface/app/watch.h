// How a front end follows and stops long work: one way for all of it.
//
// Observers are called from the thread that called the service, one call at a time; whoever implements one
// words and shows, and decides nothing. A stop takes effect at the next place where work can be left whole,
// within seconds.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/app/answers.h"
#include "crossface/scan/scan_control.h"
#include "crossface/scan/scan_summary.h"
#include "crossface/util/public_api.h"

namespace crossface {

// Of all work but a scan's.
struct WorkProgress {
  std::string_view name;        // "export", "redact", "looking for what is known" ...
  double share = 0;             // done, 0..1; less than 0 while nobody knows of how much
  double remaining_s = -1;      // -1 while unknown
  int64_t done = 0, total = 0;  // in pieces of the work; 0 where it is not counted
};

inline WorkProgress CountedWork(std::string_view name, int64_t done, int64_t total) {
  const double share = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 1;
  return {.name = name, .share = share, .done = done, .total = total};
}

class CROSSFACE_API Observer {
 public:
  virtual ~Observer() = default;
  // About twice a second.
  virtual void OnScan(const ScanProgress& progress) { (void)progress; }
  // Tracks that were stored since the last call, the newest kMostSeenTracks at most, where Watch asks for
  // them.
  virtual void OnTracks(const std::vector<SeenTrack>& tracks) { (void)tracks; }
  virtual void OnWork(const WorkProgress& progress) { (void)progress; }
  // Something the user should know though the work goes on. It is in the case's log as well, if the work
  // keeps one.
  virtual void OnWarning(const std::string& text) { (void)text; }
  // Parts of a long job that are done, as soon as they are.
  virtual void OnPrepared(const PreparedAnswer& answer) { (void)answer; }
  virtual void OnScanned(const ScanAnswer& answer) { (void)answer; }
  virtual void OnGrouped(const ClusterSummary& answer) { (void)answer; }
};

struct Watch {
  Observer* observer = nullptr;    // not owned; must outlive the call. Null: nobody looks
  std::stop_token stop;            // one that cannot be stopped, unless given
  bool tracks = false;             // OnTracks is told, at the cost of a picture read per track
  ScanControl* control = nullptr;  // not owned; must outlive the call. Null: nobody pauses

  Observer& to() const {
    static Observer nobody;
    return observer == nullptr ? nobody : *observer;
  }
};

}  // namespace crossface

// The search for neighbours on a Ray cluster: parts of it as tasks (ray/product_task.h), which the nodes do
// as this machine would.
//
// Both lists of vectors go with each task, so that nodes need no folder in common and keep nothing. So what
// is under way is bounded by tasks, not by the case: here the targets of each, and the queries that they
// share. What would take longer to send than to compute is computed here.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "crossface/cluster/graph/product_search.h"
#include "crossface/ray/product_task.h"
#include "crossface/scan/scan_summary.h"
#include "crossface/scan/scan_workers.h"

namespace crossface {

class RayProducts final : public ProductSearch {
 public:
  // Parts that are as much work as comparing `least` vectors with each other, or more, are handed over; 0:
  // all are. `told`: of the tasks, from time to time.
  RayProducts(std::shared_ptr<ScanWorkers> workers, int64_t least,
              std::function<void(const WorkersProgress&)> told)
      : workers_(std::move(workers)), least_(least), told_(std::move(told)) {}

  // A part whose task fails or is lost again and again is computed here. Errors: also those of the workers,
  // who are gone then; kMismatch where a machine has another program.
  Status Search(const Next& next, const Take& take, const std::stop_token& stop) override;

 private:
  struct UnderWay {
    ProductPart part;
    uint64_t id = 0;
    std::string digest;
    int failed = 0, lost = 0;
    std::optional<LargestProducts> found;
  };

  bool IsWorthSending(const ProductPart& part) const;
  Status Begin(UnderWay* task, const std::stop_token& stop);
  Status Submit(UnderWay* task);
  Status Find(UnderWay* task, const std::stop_token& stop) const;
  Status TakeAnswer(const WorkerAnswer& answer, const std::stop_token& stop);
  Status AskAgain(UnderWay* task, bool failed, const std::stop_token& stop);
  void Tell();

  const std::shared_ptr<ScanWorkers> workers_;
  const int64_t least_;
  const std::function<void(const WorkersProgress&)> told_;
  std::deque<UnderWay> under_way_;        // in the order of the parts
  uint64_t next_id_ = uint64_t{1} << 32;  // above those of a scan by the same workers
  std::set<std::string> machines_;
  std::set<std::pair<std::string, int64_t>> processes_;
  WorkersProgress progress_;
};

}  // namespace crossface

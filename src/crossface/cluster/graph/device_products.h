// The largest inner products computed by a device. A net does it, a matrix product and a choice of the best,
// so that it runs wherever detection and embedding run.
//
// Products are rounded as the device rounds them, which can change who is last among the candidates; these
// are scored exactly afterwards (neighbour_graph.h). Of equal products any is taken.
#pragma once

#include <memory>

#include "crossface/cluster/graph/product_search.h"
#include "crossface/inference/engine/session.h"
#include "crossface/util/status.h"

namespace crossface {

class DeviceProducts final : public ProductSearch {
 public:
  // Errors: those of Session::Load.
  static Result<std::shared_ptr<DeviceProducts>> On(const SessionOptions& options);

  // Errors: those of Session::RunRows too.
  Status Search(const Next& next, const Take& take, const std::stop_token& stop) override;
  Result<LargestProducts> Find(const ProductPart& part) const;

  std::string device() const override { return session_->device().ToString(); }

 private:
  explicit DeviceProducts(std::unique_ptr<Session> session) : session_(std::move(session)) {}
  const std::unique_ptr<Session> session_;
};

}  // namespace crossface

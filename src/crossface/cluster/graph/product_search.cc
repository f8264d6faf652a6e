#include "crossface/cluster/graph/product_search.h"

namespace crossface {

Status ProcessorProducts::Search(const Next& next, const Take& take, const std::stop_token& stop) {
  while (true) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<ProductPart> part, next());
    if (!part) return {};
    CROSSFACE_ASSIGN_OR_RETURN(LargestProducts found,
                               FindLargestProducts(*part->queries, part->targets, part->most, stop));
    CROSSFACE_RETURN_IF_ERROR(take(std::move(found)));
  }
}

}  // namespace crossface

// The methods that work on the neighbour graph, as Clusterers.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "crossface/cluster/persons/find_persons.h"

namespace crossface {

// The partitioner of a method's name; none for unknown names.
std::optional<Partitioner> PartitionerOf(const std::string& method);

// `method` must have a partitioner.
std::unique_ptr<Clusterer> MakeGraphClusterer(const std::string& method, const ClusterOptions& options);

}  // namespace crossface

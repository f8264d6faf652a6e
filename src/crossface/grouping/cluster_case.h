// Groups the tracks of a case into persons and stores the grouping, with how well each person hangs together
// and what a reviewer should look at. What the user corrected is obeyed, and persons keep their ids and names
// across runs, methods and models.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crossface/cluster/persons/clusterer.h"
#include "crossface/embed/fitted_calibration.h"
#include "crossface/gallery/gallery.h"
#include "crossface/grouping/cluster_summary.h"

namespace crossface {

// Which embedding models a case compares faces with, names joined by commas; a fact of the gallery that is
// absent until `reembed` chooses others than all.
inline constexpr char kEmbeddersFact[] = "embedders";
std::vector<std::string> SplitNames(const std::string& names);
// The names of that fact; empty for all.
Result<std::vector<std::string>> EmbeddersInUse(const Gallery& gallery);

// Of embedding models, each with how many templates it has, every model in the one version that most have:
// vectors of different versions are never compared. By name.
std::vector<ModelVersion> MostUsedVersions(const std::map<ModelVersion, int64_t>& uses);

// A case of more tracks is not grouped anew when sources are added or the user has corrected, and nothing
// else has changed since it was grouped: only the persons whom the new tracks and the corrections touch are
// (cluster/persons/incremental.h). Below, grouping takes seconds.
inline constexpr int64_t kAddFrom = 20000;

// Tracks whose faces share a frame are never one person. Why a track stands with nobody is what its scan
// found of its faces, else what grouping found. Errors: those of the clusterer; the gallery's.
Result<ClusterSummary> ClusterCase(Gallery& gallery, const std::string& method, const ClusterOptions& options,
                                   int64_t add_from = kAddFrom);
// The same, but where nothing has been written to the case since it was grouped, by this version of the
// program with this method, profile and calibration, the grouping stays as it is and is told: grouping would
// give it again. A case with enrolled photos is always grouped.
Result<ClusterSummary> ClusterWhatIsNew(Gallery& gallery, const std::string& method,
                                        const ClusterOptions& options);
// How a case was grouped the last time: an empty method, and the usual profile, where it was not.
struct LastGrouping {
  std::string method;
  Profile profile = Profile::kBalanced;
};
Result<LastGrouping> ReadLastGrouping(const Gallery& gallery);
// The same with the method and the profile of the last time; `options` gives the rest.
Result<ClusterSummary> ClusterAgain(Gallery& gallery, ClusterOptions options);

// What there is of a case whose scan is still at work, for whoever is looking; the next ClusterCase groups
// everything anew. Nothing for a case without tracks, or of so many that it would take long.
Result<std::optional<ClusterSummary>> ClusterSoFar(Gallery& gallery, const std::string& method,
                                                   const ClusterOptions& options);

}  // namespace crossface

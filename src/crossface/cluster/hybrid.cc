#include "crossface/cluster/hybrid.h"

#include <optional>

#include "crossface/cluster/average_linkage.h"
#include "crossface/cluster/smoothing.h"

namespace crossface {
namespace {

constexpr double kSmoothedRate = 1e-5;

}  // namespace

Result<std::vector<int>> PartitionByAgreement(const Ground& ground) {
  std::optional<ClusterProblem> smoothed;  // made when a round asks for it
  const double smoothed_stop = ground.rule().threshold_for(kSmoothedRate);
  return LinkInRounds(
      ground,
      [&](const LinkageRule& rule, const std::vector<int>& cluster_of, int clusters) -> Result<LinkageState> {
        const auto own = std::make_shared<ClusterSums>(ground.nodes(), ground.sizes(), ground.rule(),
                                                       cluster_of, clusters);
        if (rule.lowered == rule.threshold) return LinkByOwnScores(rule, rule.threshold, own);
        if (!smoothed) {
          CROSSFACE_ASSIGN_OR_RETURN(smoothed, Smooth(ground));
        }
        const auto together =
            std::make_shared<ClusterSums>(*smoothed, ground.sizes(), ground.rule(), cluster_of, clusters);
        return LinkageState{.gain =
                                [=](int a, int b) {
                                  const double mean = own->MeanScore(a, b);
                                  const double sure = ExcessOf(rule, rule.threshold, *own, a, b, mean);
                                  if (mean < rule.lowered) return sure;
                                  return std::max(sure, together->MeanScore(a, b) - smoothed_stop);
                                },
                            .merged =
                                [=](int kept, int gone) {
                                  own->Merge(kept, gone);
                                  together->Merge(kept, gone);
                                }};
      });
}

}  // namespace crossface

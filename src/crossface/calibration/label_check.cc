#include "crossface/calibration/label_check.h"

#include <algorithm>
#include <map>

namespace crossface {
namespace {

// The two ArcFaces' smaller cosine of two photos of one person is at most .93 among 2,478 pairs of LFW; of
// one picture saved twice it is .97 and more.
constexpr float kSamePicture = 0.95f;
// Of 1,345 photos of LFW with two others of the person or more 2 have log-odds below nought with all of them.
constexpr float kUnlike = 0;
// How many pairs of strangers may be taken for one person among all.
constexpr double kMistakes = 0.01;

}  // namespace

LabelFindings CheckLabels(const std::vector<LabelledFace>& faces, const std::vector<size_t>& columns,
                          const PairScorer& scorer) {
  LabelFindings findings;
  const double pairs =
      std::max(1.0, 0.5 * static_cast<double>(faces.size()) * static_cast<double>(faces.size()));
  const float alike = scorer.ThresholdFor(std::min(0.5, kMistakes / pairs));
  std::map<size_t, float> best_of_own;
  std::vector<float> cosines(columns.size());
  for (size_t i = 0; i < faces.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const LabelledFace &a = faces[i], &b = faces[j];
      for (size_t m = 0; m < columns.size(); ++m)
        cosines[m] = CosineSimilarity(a.vectors[columns[m]], b.vectors[columns[m]]);
      const float log_odds = scorer.LogOdds(cosines, a.quality.overall, b.quality.overall);
      const bool same = a.person == b.person;
      if (*std::min_element(cosines.begin(), cosines.end()) >= kSamePicture) {
        (same ? findings.one_picture_twice : findings.one_picture_two_names).emplace_back(j, i);
      } else if (!same && log_odds > alike) {
        findings.alike_under_two_names.emplace_back(j, i);
      }
      if (!same) continue;
      for (const size_t face : {i, j}) {
        float& best = best_of_own.try_emplace(face, log_odds).first->second;
        best = std::max(best, log_odds);
      }
    }
  }
  for (const auto& [face, best] : best_of_own) {
    if (best < kUnlike) findings.unlike_own.push_back(face);
  }
  return findings;
}

}  // namespace crossface

#include "crossface/calibration/pairs.h"

namespace crossface {

Pairs MakePairs(const std::vector<LabelledFace>& faces, const std::function<bool(int person)>& chosen) {
  Pairs pairs;
  if (faces.empty()) return pairs;
  pairs.models = faces.front().vectors.size();
  std::vector<const LabelledFace*> used;
  for (const LabelledFace& face : faces) {
    if (chosen(face.person)) used.push_back(&face);
  }
  for (size_t i = 0; i < used.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const LabelledFace &a = *used[i], &b = *used[j];
      if (a.photo == b.photo) continue;
      for (size_t m = 0; m < pairs.models; ++m)
        pairs.cosines.push_back(CosineSimilarity(a.vectors[m], b.vectors[m]));
      pairs.quality_a.push_back(a.quality.overall);
      pairs.quality_b.push_back(b.quality.overall);
      pairs.same.push_back(a.person == b.person);
      pairs.clean.push_back(!a.degraded && !b.degraded);
    }
  }
  return pairs;
}

}  // namespace crossface

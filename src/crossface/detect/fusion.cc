#include "crossface/detect/fusion.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <tuple>

namespace crossface {
namespace {

struct Voter {
  float offset, slope;  // calibrated logit = offset + slope * logit(score)
  float weight;         // in the pool and in the mean of boxes
  float miss;           // the vote, a logit, of a detector that looked and did not see the face
};

// Fitted on every second of the 140 pictures of ../shared/data/detection (346 faces), checked on the others
// (317). The nets were trained on other pictures of the same collection.
//
// Offset and slope: bench_detection --fit (longest side 960, scores from 0.1). Mean difference between
// calibrated score and share of faces, where fitted and elsewhere: scrfd_500m .006 .010, scrfd_2.5g .010
// .010, retinaface .011 .037, mtcnn .033 .032, yunet .020 .017.
//
// Weight and miss: what the same command fits freely (weights .16 .41 .36 .18 -.06), evened out and rounded,
// because the detectors agree too much to tell them apart on so few faces: the best 25 of 378 rounded choices
// differ by .0005 in mean recall where fitted. Among such equals this one was taken for its sense (the weak
// detectors' silence says less than the good ones') with both halves in view. bench_detection on the second
// half, recall at .05 .1 .2 .5 1 false faces a picture and average precision: fused .899 .905 .927 .946 .950,
// .947; the best member, scrfd_2.5g, .871 .902 .924 .946 .950, .946 (a face is .003).
constexpr std::array<Voter, kDetectorKinds> kVoters = {{
    {0.92f, 3.03f, 1.0f, -4.0f},   // scrfd_500m
    {0.51f, 3.04f, 3.0f, -4.0f},   // scrfd_2.5g
    {-0.61f, 1.38f, 1.0f, -3.0f},  // retinaface
    {-1.44f, 1.15f, 0.5f, -2.0f},  // mtcnn
    {-1.47f, 2.31f, 0.5f, -3.0f},  // yunet
}};

// Landmarks whose mean distance to the best report's is more than this share of the face's size are left out.
// On the labelled faces of ../shared/data/detection the others lie .02 to .04 from scrfd_2.5g's (median), and
// beyond this in 1 to 4 %.
constexpr float kOutlyingLandmarks = 0.15f;

// Keeps certain reports finite.
constexpr float kLeastDoubt = 1e-4f;

// Chosen on ../shared/data/detection and on videos without faces (no_face_one_by_one and pf_no_face, one
// frame a second). What Find reports and Confirm leaves from a score of
//                                          0     .05   .1    .2    .3    .5   "three of five see it"
//   labelled faces                         622   621   619   615   610   603  619
//   those of them under 30 pixels          79    78    77    75    75    74
//   unlabelled reports, many of them faces 54    34    26    22    19    9    36
//   reports in the videos                  36    15    9     3     2     1    12
// In other frames of the same videos (bench_detection --videos) 6 of 36 are left at 0.2 and 4 at 0.3: heads
// seen from behind the ear. In 33 videos with people, what fell below 0.3 was looked at: hands, backs of
// heads, faces turned away and all but black pictures.
constexpr float kConfirmedScore = 0.3f;

const Voter& VoterOf(DetectorKind kind) { return kVoters[static_cast<size_t>(kind)]; }

float Logit(float probability) {
  const float p = std::clamp(probability, kLeastDoubt, 1 - kLeastDoubt);
  return std::log(p / (1 - p));
}

float Sigmoid(float logit) { return 1 / (1 + std::exp(-logit)); }

DetectorSet Without(DetectorSet set, DetectorSet removed) {
  return DetectorSet(set.bits() & ~removed.bits());
}

float WeightOf(DetectorSet set) {
  float weight = 0;
  for (int k = 0; k < kDetectorKinds; ++k) {
    const auto kind = static_cast<DetectorKind>(k);
    if (set.Has(kind)) weight += VoterOf(kind).weight;
  }
  return weight;
}

// A total order over everything that fusion reads, so that sums are formed in one order however the reports
// came.
bool Before(const Detection& a, const Detection& b) {
  const auto key = [](const Detection& d) {
    return std::make_tuple(-d.score, d.box.y, d.box.x, d.box.height, d.box.width, d.seen_by.bits(),
                           d.looked.bits());
  };
  if (key(a) != key(b)) return key(a) < key(b);
  return std::lexicographical_compare(
      a.landmarks.begin(), a.landmarks.end(), b.landmarks.begin(), b.landmarks.end(),
      [](const cv::Point2f& p, const cv::Point2f& q) { return std::tie(p.y, p.x) < std::tie(q.y, q.x); });
}

float MeanDistance(const Landmarks& a, const Landmarks& b) {
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::hypot(a[i].x - b[i].x, a[i].y - b[i].y);
  return sum / static_cast<float>(a.size());
}

// A report counts by its score and by the worth of the detectors behind it.
double MeanWeight(const Detection& member) {
  return std::max(member.score, kLeastDoubt) * WeightOf(member.seen_by);
}

// The best report's landmarks are the reference that the others must agree with: with two or three members a
// median would be no safer.
Landmarks FuseLandmarks(std::span<const Detection> sorted) {
  const Detection& best = sorted.front();
  const float reach = kOutlyingLandmarks * std::max(best.box.width, best.box.height);
  std::array<cv::Point2d, 5> sum{};
  double weights = 0;
  for (const Detection& member : sorted) {
    if (MeanDistance(member.landmarks, best.landmarks) > reach) continue;
    const double weight = MeanWeight(member);
    weights += weight;
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += cv::Point2d(member.landmarks[i]) * weight;
  }
  Landmarks fused = best.landmarks;
  if (weights > 0) {
    for (size_t i = 0; i < sum.size(); ++i) fused[i] = cv::Point2f(sum[i] / weights);
  }
  return fused;
}

cv::Rect2f FuseBoxes(std::span<const Detection> sorted) {
  cv::Point2d top_left, bottom_right;
  double weights = 0;
  for (const Detection& member : sorted) {
    const double weight = MeanWeight(member);
    weights += weight;
    top_left += cv::Point2d(member.box.tl()) * weight;
    bottom_right += cv::Point2d(member.box.br()) * weight;
  }
  return cv::Rect2f(cv::Point2f(top_left / weights), cv::Point2f(bottom_right / weights));
}

float PoolScores(std::span<const Detection> sorted, DetectorSet asked) {
  DetectorSet heard;
  float votes = 0, weights = 0;
  for (const Detection& member : sorted) {
    const DetectorSet fresh = Without(member.looked, heard);
    if (Without(member.seen_by, heard).Count() == 0) continue;  // what it saw has been counted
    const float weight = WeightOf(fresh);
    votes += weight * Logit(member.score);
    weights += weight;
    heard.Merge(fresh);
  }
  for (int k = 0; k < kDetectorKinds; ++k) {
    const auto kind = static_cast<DetectorKind>(k);
    if (!asked.Has(kind) || heard.Has(kind)) continue;
    votes += VoterOf(kind).weight * VoterOf(kind).miss;
    weights += VoterOf(kind).weight;
  }
  return Sigmoid(votes / weights);
}

struct Cluster {
  std::vector<Detection> members;
  Detection fused;
};

// Means drift: two clusters may come to overlap. They are joined until none do, so that fusing again changes
// nothing.
void JoinOverlapping(std::vector<Cluster>& clusters, DetectorSet asked, float iou) {
  for (bool joined = true; joined;) {
    joined = false;
    std::sort(clusters.begin(), clusters.end(),
              [](const Cluster& a, const Cluster& b) { return Before(a.fused, b.fused); });
    for (size_t i = 0; i < clusters.size(); ++i) {
      for (size_t j = clusters.size(); j-- > i + 1;) {
        if (IntersectionOverUnion(clusters[i].fused.box, clusters[j].fused.box) < iou) continue;
        auto& into = clusters[i].members;
        into.insert(into.end(), clusters[j].members.begin(), clusters[j].members.end());
        clusters[i].fused = FuseFace(into, asked);
        clusters.erase(clusters.begin() + static_cast<ptrdiff_t>(j));
        joined = true;
      }
    }
  }
}

}  // namespace

bool IsConfirmed(const Detection& face) { return face.score >= kConfirmedScore; }

float CalibratedScore(DetectorKind kind, float score) {
  const Voter& voter = VoterOf(kind);
  return Sigmoid(voter.offset + voter.slope * Logit(score));
}

float UncalibratedScore(DetectorKind kind, float calibrated) {
  const Voter& voter = VoterOf(kind);
  return Sigmoid((Logit(calibrated) - voter.offset) / voter.slope);
}

void Calibrate(DetectorKind kind, std::vector<Detection>& report) {
  for (Detection& detection : report) {
    detection.score = CalibratedScore(kind, detection.score);
    detection.seen_by = DetectorSet();
    detection.seen_by.Add(kind);
    detection.looked = detection.seen_by;
  }
}

Detection FuseFace(std::span<const Detection> members, DetectorSet asked) {
  if (members.empty()) throw std::logic_error("a face is fused from at least one report");
  std::vector<Detection> sorted(members.begin(), members.end());
  std::sort(sorted.begin(), sorted.end(), Before);
  Detection fused;
  fused.looked = asked;
  for (const Detection& member : sorted) {
    if (member.looked.Count() == 0) throw std::logic_error("reports are calibrated before they are fused");
    fused.seen_by.Merge(member.seen_by);
    fused.looked.Merge(member.looked);
  }
  // A face by itself stays as it is to the last bit.
  if (sorted.size() == 1 && fused.looked == sorted.front().looked) return sorted.front();
  fused.box = FuseBoxes(sorted);
  fused.landmarks = FuseLandmarks(sorted);
  fused.score = PoolScores(sorted, fused.looked);
  return fused;
}

std::vector<Detection> FuseDetections(std::span<const std::vector<Detection>> reports, DetectorSet asked,
                                      const FusionOptions& options) {
  std::vector<Detection> waiting;
  for (const auto& report : reports) waiting.insert(waiting.end(), report.begin(), report.end());
  std::sort(waiting.begin(), waiting.end(), Before);

  std::vector<Cluster> clusters;
  while (!waiting.empty()) {
    const cv::Rect2f seed = waiting.front().box;
    const auto others =
        std::stable_partition(waiting.begin() + 1, waiting.end(), [&](const Detection& detection) {
          return IntersectionOverUnion(seed, detection.box) >= options.iou;
        });
    Cluster cluster{.members = {waiting.begin(), others}, .fused = {}};
    cluster.fused = FuseFace(cluster.members, asked);
    clusters.push_back(std::move(cluster));
    waiting.erase(waiting.begin(), others);
  }
  JoinOverlapping(clusters, asked, options.iou);

  std::vector<Detection> fused;
  fused.reserve(clusters.size());
  for (const Cluster& cluster : clusters) fused.push_back(cluster.fused);
  return fused;
}

}  // namespace crossface

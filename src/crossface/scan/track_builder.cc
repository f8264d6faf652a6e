#include "crossface/scan/track_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <span>
#include <sstream>

#include "crossface/detect/fusion.h"
#include "crossface/embed/best_faces.h"
#include "crossface/embed/doubt_reason.h"
#include "crossface/embed/identity_evidence.h"
#include "crossface/embed/track_consistency.h"
#include "crossface/track/tracker.h"
#include "crossface/util/jpeg.h"
#include "crossface/util/shrink.h"

namespace crossface {
namespace {

// Surroundings are this many times the face box, and at most this many pixels wide: enough for every
// detector's and embedder's input (160 for the FaceNets, 320 for confirmation).
constexpr float kSurroundings = 3.0f;
constexpr float kLongestSurroundings = 480.0f;

// The stored picture shows the head, not only the face, and stays small enough to keep every one of them.
constexpr float kPictureSize = 1.6f;
constexpr int kLongestPicture = 320;
constexpr int kJpegQuality = 88;
constexpr std::string_view kAreaBegin = "crossface frame area x y w h: ";

// Faces of a track whose surroundings are kept until it ends, and how many of them are confirmed and
// embedded.
constexpr size_t kMostCandidates = 10;
constexpr size_t kFewestCandidates = 3;
constexpr int kConfirmedFaces = 3;
constexpr int kEmbeddedFaces = 3;
// Tracks whose best face is better than this may found a person. Chosen on make_synth's seeds 1 and 101 to
// 103 and checked on 301 and 302: all 29 tracks below are too blurred to tell who it is (cosine to the photo
// that was shown below .5), none of the 770 above .5 is, and there is none between.
constexpr float kFormingQuality = 0.45f;
// And whose best face has at least this evidence: below, it may only join somebody. What little evidence is
// worth above is measured in the case (cluster/graph/cohort.h). With .15, .2 and .25: 23, 17 and 20 folders
// mixed of those counted in cohort.cc, pairwise recall of LFW's third .987 each, precision of the broadcast
// .988, 1 and 1.
constexpr float kFormingEvidence = 0.2f;
// Embedding in batches of a fixed size keeps vectors bit-equal whatever runs beside them, and memory bounded.
constexpr size_t kEmbeddingBatch = 8;

cv::Rect EnlargedBox(const cv::Rect2f& box, float factor, const cv::Size& frame) {
  const float side = std::max(box.width, box.height) * factor;
  const cv::Point2f centre = (box.tl() + box.br()) * 0.5f;
  const cv::Rect wanted(cv::Point(cvFloor(centre.x - side / 2), cvFloor(centre.y - side / 2)),
                        cv::Point(cvCeil(centre.x + side / 2), cvCeil(centre.y + side / 2)));
  return wanted & cv::Rect(cv::Point(), frame);
}

}  // namespace

cv::Rect PictureArea(const cv::Rect2f& box, const cv::Size& frame) {
  return EnlargedBox(box, kPictureSize, frame);
}

namespace {

cv::Size Scaled(const cv::Size& size, double scale) {
  return {std::max(1, cvRound(size.width * scale)), std::max(1, cvRound(size.height * scale))};
}

cv::Mat ShrunkTo(const cv::Mat& bgr, int longest) {
  const double scale = static_cast<double>(longest) / std::max(bgr.cols, bgr.rows);
  if (scale >= 1) return bgr;
  return ShrinkByArea(bgr, Scaled(bgr.size(), scale));
}

Detection Moved(Detection face, const cv::Point2f& origin, float scale) {
  face.box = cv::Rect2f((face.box.tl() - origin) * scale,
                        cv::Size2f(face.box.width * scale, face.box.height * scale));
  for (cv::Point2f& point : face.landmarks) point = (point - origin) * scale;
  return face;
}

}  // namespace

std::string CutPicture(const cv::Mat& bgr, const cv::Rect& area) {
  if (area.empty()) return "";
  const std::string comment =
      fmt::format("{}{} {} {} {}", kAreaBegin, area.x, area.y, area.width, area.height);
  return EncodeJpeg(ShrunkTo(bgr(area), kLongestPicture), kJpegQuality, comment);
}

std::optional<cv::Rect> AreaOfPicture(std::string_view jpeg) {
  const std::string comment = JpegComment(jpeg);
  if (!comment.starts_with(kAreaBegin)) return std::nullopt;
  std::istringstream numbers(comment.substr(kAreaBegin.size()));
  cv::Rect area;
  if (!(numbers >> area.x >> area.y >> area.width >> area.height)) return std::nullopt;
  return area;
}

Detection FaceSurroundings::ToLocal(Detection face) const { return Moved(face, origin, scale); }

Detection FaceSurroundings::ToFrame(Detection face) const {
  return Moved(face, cv::Point2f(-origin.x * scale, -origin.y * scale), 1 / scale);
}

void Detach(FaceSurroundings* around) {
  const cv::Mat part = around->bgr;
  if (part.empty()) return;
  around->scale = std::min(1.0f, kLongestSurroundings / static_cast<float>(std::max(part.cols, part.rows)));
  around->bgr = cv::Mat();
  if (around->scale < 0.5f) {
    around->bgr = ShrinkByArea(part, Scaled(part.size(), around->scale));
  } else if (around->scale < 1) {
    // Averaging takes five times as long, and is needed where this would skip pixels.
    cv::resize(part, around->bgr, Scaled(part.size(), around->scale), 0, 0, cv::INTER_LINEAR);
  } else {
    around->bgr = part.clone();
  }
}

FoundFace DescribeFace(const cv::Mat& bgr, const KeptFrame& frame, const Detection& face) {
  FoundFace found;
  found.record.frame = frame.frame.index;
  found.record.pts = frame.frame.pts;
  found.record.time_us = frame.frame.time_us;
  found.record.duration_us = frame.frame.duration_us;
  found.record.detection = face;
  found.record.quality = MeasureQuality(bgr, face).overall;
  found.record.jpeg = CutPicture(bgr, PictureArea(face.box, bgr.size()));
  found.appearance = DescribeAppearance(bgr, face.box);

  const cv::Rect area = EnlargedBox(face.box, kSurroundings, bgr.size());
  if (area.empty()) return found;
  FaceSurroundings& around = found.surroundings;
  around.origin = area.tl();
  around.bgr = bgr(area);
  return found;
}

std::vector<float> TemplateOf(const std::vector<FaceRecord>& faces, const std::string& model) {
  std::vector<std::vector<float>> vectors;
  std::vector<float> weights;
  for (const FaceRecord& face : faces) {
    for (const FaceEmbedding& embedding : face.embeddings) {
      if (embedding.model != model) continue;
      vectors.push_back(embedding.vector);
      weights.push_back(std::max(face.quality, 1e-3f));
    }
  }
  return MakeTemplate(vectors, weights);
}

void TrackBuilder::Add(FoundFace face) {
  const size_t added = faces_.size();
  if (!face.surroundings.bgr.empty()) candidates_.push_back({added, std::move(face.surroundings)});
  faces_.push_back(std::move(face.record));
  if (!exhaustive_ && candidates_.size() > kMostCandidates) ThinCandidates();
  if (!candidates_.empty() && candidates_.back().face == added) Detach(&candidates_.back().surroundings);
  CountBytes();
}

bool TrackBuilder::GiveUpCandidate() {
  if (candidates_.size() <= kFewestCandidates) return false;
  ThinCandidates();
  CountBytes();
  return true;
}

void TrackBuilder::CountBytes() {
  bytes_ = 0;
  for (const Candidate& candidate : candidates_) {
    const cv::Mat& bgr = candidate.surroundings.bgr;
    bytes_ += static_cast<int64_t>(bgr.total() * bgr.elemSize());
  }
}

void TrackBuilder::ThinCandidates() {
  // Of the two candidates closest in time, the worse goes: what stays is spread over the track and good.
  size_t closest = 0;
  int64_t smallest_gap = INT64_MAX;
  for (size_t i = 0; i + 1 < candidates_.size(); ++i) {
    const int64_t gap = faces_[candidates_[i + 1].face].time_us - faces_[candidates_[i].face].time_us;
    if (gap < smallest_gap) {
      smallest_gap = gap;
      closest = i;
    }
  }
  const bool second_is_worse =
      faces_[candidates_[closest + 1].face].quality <= faces_[candidates_[closest].face].quality;
  candidates_.erase(candidates_.begin() + static_cast<ptrdiff_t>(second_is_worse ? closest + 1 : closest));
}

Result<bool> TrackBuilder::ConfirmBest(const ScanModels& models, ScanMeter* meter) {
  std::vector<float> quality;
  std::vector<int64_t> times;
  for (const Candidate& candidate : candidates_) {
    quality.push_back(faces_[candidate.face].quality);
    times.push_back(faces_[candidate.face].time_us);
  }
  // All of them, although one would be enough to believe: what the others say of box and landmarks makes
  // better vectors. With the first only two players of the broadcast (bench/broadcast) become one person,
  // whichever other steps are taken; BCubed of make_synth's seeds is the same.
  bool confirmed = false;
  for (size_t chosen : ChooseBestFaces(quality, times, kConfirmedFaces)) {
    const FaceSurroundings& around = candidates_[chosen].surroundings;
    FaceRecord& face = faces_[candidates_[chosen].face];
    CROSSFACE_ASSIGN_OR_RETURN(
        const Detection local,
        models.finder->Confirm(around.bgr, around.ToLocal(face.detection), LooksOf(meter)));
    face.quality = MeasureQuality(around.bgr, local).overall;
    face.detection = around.ToFrame(local);
    confirmed |= IsConfirmed(face.detection);
  }
  return confirmed;
}

Status TrackBuilder::EmbedBest(const ScanModels& models, ScanMeter* meter) {
  std::vector<size_t> chosen(candidates_.size());
  for (size_t i = 0; i < chosen.size(); ++i) chosen[i] = i;
  if (!exhaustive_) {
    std::vector<float> quality;
    std::vector<int64_t> times;
    for (const Candidate& candidate : candidates_) {
      quality.push_back(faces_[candidate.face].quality);
      times.push_back(faces_[candidate.face].time_us);
    }
    chosen = ChooseBestFaces(quality, times, kEmbeddedFaces);
    std::sort(chosen.begin(), chosen.end());
  }
  for (size_t begin = 0; begin < chosen.size(); begin += kEmbeddingBatch) {
    const size_t end = std::min(chosen.size(), begin + kEmbeddingBatch);
    std::vector<FacePicture> batch;
    for (size_t i = begin; i < end; ++i) {
      const Candidate& candidate = candidates_[chosen[i]];
      const Detection local = candidate.surroundings.ToLocal(faces_[candidate.face].detection);
      batch.push_back({candidate.surroundings.bgr, local.box, local.landmarks});
    }
    for (const auto& embedder : models.embedders) {
      std::optional<ProcessorTimer> timer(std::in_place, EmbeddersOf(meter), embedder->name());
      CROSSFACE_ASSIGN_OR_RETURN(std::vector<Embedding> embeddings, embedder->Embed(batch));
      timer.reset();
      for (size_t i = 0; i < embeddings.size(); ++i) {
        if (embeddings[i].unit.empty()) continue;
        faces_[candidates_[chosen[begin + i]].face].embeddings.push_back(
            {embedder->name(), embedder->sha256(), std::move(embeddings[i].unit), embeddings[i].norm});
      }
    }
  }
  return Status();
}

std::vector<size_t> TrackBuilder::SplitPoints(const ScanModels& models) const {
  // The first embedder is the one that tells people apart best.
  const std::string& model = models.embedders.front()->name();
  std::vector<size_t> embedded;
  std::vector<std::vector<float>> vectors;
  std::vector<float> quality;
  for (size_t i = 0; i < faces_.size(); ++i) {
    for (const FaceEmbedding& embedding : faces_[i].embeddings) {
      if (embedding.model != model) continue;
      embedded.push_back(i);
      vectors.push_back(embedding.vector);
      quality.push_back(faces_[i].quality);
    }
  }
  const auto change = FindIdentityChange(model, vectors, quality);
  if (!change) return {};
  // Between two embedded faces nothing tells where the change was: the widest jump of the box is the best
  // guess.
  const size_t before = embedded[*change - 1], after = embedded[*change];
  size_t split = after;
  float least_overlap = 2;
  for (size_t i = before + 1; i <= after; ++i) {
    const float overlap = IntersectionOverUnion(faces_[i - 1].detection.box, faces_[i].detection.box);
    if (overlap < least_overlap) {
      least_overlap = overlap;
      split = i;
    }
  }
  return {split};
}

// The face that the nets saw most in: a vector is the longer the more of a face there is.
std::optional<size_t> TrackBuilder::MostTelling(size_t begin, size_t end) const {
  std::optional<size_t> best;
  float longest = 0;
  for (size_t i = 0; i < candidates_.size(); ++i) {
    const size_t face = candidates_[i].face;
    if (face < begin || face >= end || faces_[face].embeddings.empty()) continue;
    float length = 1;
    for (const FaceEmbedding& embedding : faces_[face].embeddings) length *= embedding.norm;
    if (best && length <= longest) continue;
    best = i;
    longest = length;
  }
  return best;
}

Result<TrackBuilder::Identity> TrackBuilder::JudgeIdentity(size_t begin, size_t end, const ScanModels& models,
                                                           ScanMeter* meter) const {
  Identity identity;
  const std::optional<size_t> chosen = MostTelling(begin, end);
  if (!chosen) return identity;
  const FaceSurroundings& around = candidates_[*chosen].surroundings;
  const FaceRecord& face = faces_[candidates_[*chosen].face];
  const Detection local = around.ToLocal(face.detection);
  std::vector<Embedding> own(models.embedders.size());
  for (size_t i = 0; i < own.size(); ++i) {
    for (const FaceEmbedding& embedding : face.embeddings)
      if (embedding.model == models.embedders[i]->name()) own[i] = {embedding.vector, embedding.norm};
  }
  const ProcessorTimer timer(EmbeddersOf(meter), "signs");
  CROSSFACE_ASSIGN_OR_RETURN(
      const std::optional<IdentitySigns> signs,
      MeasureIdentitySigns({around.bgr, local.box, local.landmarks}, local.score, models.embedders, own));
  if (signs) identity.evidence = IdentityEvidence(*signs).value_or(1);
  identity.reason = DoubtReason(around.bgr, local, MeasureQuality(around.bgr, local), signs);
  return identity;
}

TrackRecord TrackBuilder::MakeRecord(size_t begin, size_t end, const Identity& identity,
                                     const ScanModels& models) {
  TrackRecord track;
  track.shot = shot_;
  track.start_us = faces_[begin].time_us;
  track.end_us = faces_[end - 1].time_us + faces_[end - 1].duration_us;
  for (size_t i = begin; i < end; ++i) track.faces.push_back(std::move(faces_[i]));

  for (const auto& embedder : models.embedders) {
    std::vector<float> mean = TemplateOf(track.faces, embedder->name());
    if (!mean.empty()) track.templates.push_back({embedder->name(), embedder->sha256(), std::move(mean)});
  }
  for (size_t i = 0; i < track.faces.size(); ++i) {
    track.faces[i].number = static_cast<int64_t>(i) + 1;
    if (!track.faces[i].embeddings.empty()) track.quality = std::max(track.quality, track.faces[i].quality);
  }
  track.evidence = identity.evidence;
  track.may_form =
      !track.templates.empty() && track.quality >= kFormingQuality && track.evidence >= kFormingEvidence;
  if (!track.may_form) track.reason = identity.reason;
  return track;
}

Result<bool> TrackBuilder::IsFace(const ScanModels& models, ScanMeter* meter) {
  if (!exhaustive_) return ConfirmBest(models, meter);
  return std::any_of(faces_.begin(), faces_.end(),
                     [](const FaceRecord& f) { return IsConfirmed(f.detection); });
}

Result<std::vector<TrackRecord>> TrackBuilder::Embed(const ScanModels& models, ScanMeter* meter) {
  std::vector<TrackRecord> tracks;
  CROSSFACE_RETURN_IF_ERROR(EmbedBest(models, meter));
  std::vector<size_t> ends = SplitPoints(models);
  ends.push_back(faces_.size());
  size_t begin = 0;
  for (const size_t end : ends) {
    CROSSFACE_ASSIGN_OR_RETURN(const Identity identity, JudgeIdentity(begin, end, models, meter));
    tracks.push_back(MakeRecord(begin, end, identity, models));
    begin = end;
  }
  candidates_.clear();
  return tracks;
}

Result<std::vector<TrackRecord>> TrackBuilder::Finish(const ScanModels& models, ScanMeter* meter) {
  if (faces_.empty() || candidates_.empty()) return std::vector<TrackRecord>();
  {
    const StageTimer timer(meter, ScanMeter::kDetect);
    CROSSFACE_ASSIGN_OR_RETURN(const bool is_face, IsFace(models, meter));
    if (!is_face) return std::vector<TrackRecord>();
  }
  const StageTimer timer(meter, ScanMeter::kEmbed);
  return Embed(models, meter);
}

}  // namespace crossface

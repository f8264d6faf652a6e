#include "crossface/scan/source_geometry.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "crossface/embed/identity_evidence.h"
#include "crossface/media/file/orientation.h"
#include "crossface/util/jpeg.h"

namespace crossface {
namespace {

// In log-odds of identity evidence, measured by bench_geometry; the figures are in docs/accuracy.md.
constexpr double kClearGain = 1.0;  // of a face
constexpr double kLeastSum =
    3.5;  // over the faces that were asked: one upside-down face says so, one squeezed does not
constexpr double kNearlyAll = 0.75;  // of the faces
constexpr double kLead = 1.0;        // of the mean gain, before that of any other change
// Faces that tell this much are as they should be.
constexpr float kTelling = 0.5f;
// What comes out must be faces as they should be, nearly all of them: the blurred faces of a crowd look
// clearer stretched, but hardly any of them clear.
constexpr float kLeastResult = kTelling;
constexpr float kLeastEvidence = 0.01f;

// More do not make the decision surer, and cost time.
constexpr size_t kProbedFaces = 8, kProbedPictures = 6;
// Pictures are searched at this size: a face that is to tell who it is has a hundredth of it.
constexpr int kLongestSide = 960;
// In a picture, the surest faces are asked; the others of a crowd tell less.
constexpr size_t kFacesOfPicture = 2;

double LogOddsOf(float evidence) {
  const double p = std::clamp(evidence, kLeastEvidence, 1 - kLeastEvidence);
  return std::log(p / (1 - p));
}

// The face that a picture of it shows: the surest that covers its middle.
const Detection* FaceInTheMiddle(const std::vector<Detection>& faces, const cv::Size& size) {
  const cv::Point2f middle(static_cast<float>(size.width) / 2, static_cast<float>(size.height) / 2);
  const Detection* best = nullptr;
  for (const Detection& face : faces) {
    if (face.box.contains(middle) && (best == nullptr || face.score > best->score)) best = &face;
  }
  return best;
}

Result<float> EvidenceOf(const cv::Mat& picture, const Detection& face, const ScanModels& models) {
  const FacePicture cut{picture, face.box, face.landmarks};
  std::vector<Embedding> own;
  for (const auto& embedder : models.embedders) {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<Embedding> embeddings, embedder->Embed({&cut, 1}));
    own.push_back(std::move(embeddings.front()));
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::optional<IdentitySigns> signs,
                             MeasureIdentitySigns(cut, face.score, models.embedders, own));
  return signs ? IdentityEvidence(*signs).value_or(0) : 0.0f;
}

// Of the face in the middle.
Result<float> EvidenceIn(const cv::Mat& picture, const ScanModels& models) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Detection> faces, models.finder->Find(picture, false));
  const Detection* const face = FaceInTheMiddle(faces, picture.size());
  return face == nullptr ? 0.0f : EvidenceOf(picture, *face, models);
}

// Of the most telling face.
Result<float> MostEvidenceIn(const cv::Mat& picture, const ScanModels& models) {
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<Detection> faces, models.finder->Find(picture, false));
  std::sort(faces.begin(), faces.end(),
            [](const Detection& a, const Detection& b) { return a.score > b.score; });
  float most = 0;
  for (size_t i = 0; i < std::min(faces.size(), kFacesOfPicture); ++i) {
    CROSSFACE_ASSIGN_OR_RETURN(const float evidence, EvidenceOf(picture, faces[i], models));
    most = std::max(most, evidence);
  }
  return most;
}

}  // namespace

cv::Mat Changed(const cv::Mat& picture, const GeometryChange& change) {
  const cv::Size size = SquarePixelSize(picture.size(), change.stretch);
  cv::Mat stretched = picture;
  if (size != picture.size()) cv::resize(picture, stretched, size, 0, 0, cv::INTER_CUBIC);
  return TurnUpright(stretched, {change.clockwise, false});
}

Result<ProbedFace> ProbeFace(const cv::Mat& picture, float as_found, const ScanModels& models) {
  ProbedFace probed{.as_found = as_found};
  for (size_t i = 0; i < kGeometryChanges.size(); ++i) {
    CROSSFACE_ASSIGN_OR_RETURN(probed.changed[i], EvidenceIn(Changed(picture, kGeometryChanges[i]), models));
  }
  return probed;
}

Result<ProbedFace> ProbePicture(const cv::Mat& picture, const ScanModels& models) {
  ProbedFace probed;
  CROSSFACE_ASSIGN_OR_RETURN(probed.as_found, MostEvidenceIn(picture, models));
  if (probed.as_found >= kTelling) return probed;
  for (size_t i = 0; i < kGeometryChanges.size(); ++i) {
    if (kGeometryChanges[i].clockwise == 0) continue;
    CROSSFACE_ASSIGN_OR_RETURN(probed.changed[i],
                               MostEvidenceIn(Changed(picture, kGeometryChanges[i]), models));
  }
  return probed;
}

std::optional<GeometryChange> DecideGeometry(std::span<const ProbedFace> faces) {
  if (faces.empty()) return std::nullopt;
  const auto count = static_cast<double>(faces.size());
  std::array<double, kGeometryChanges.size()> mean = {};
  size_t best = 0;
  for (size_t i = 0; i < mean.size(); ++i) {
    for (const ProbedFace& face : faces)
      mean[i] += (LogOddsOf(face.changed[i]) - LogOddsOf(face.as_found)) / count;
    if (mean[i] > mean[best]) best = i;
  }
  double clear = 0, telling = 0;
  for (const ProbedFace& face : faces) {
    clear += LogOddsOf(face.changed[best]) - LogOddsOf(face.as_found) >= kClearGain;
    telling += face.changed[best] >= kLeastResult;
  }
  for (size_t i = 0; i < mean.size(); ++i) {
    if (i != best && mean[best] - mean[i] < kLead) return std::nullopt;
  }
  const bool decided =
      clear >= kNearlyAll * count && mean[best] * count >= kLeastSum && telling >= kNearlyAll * count;
  return decided ? std::optional(kGeometryChanges[best]) : std::nullopt;
}

WantedGeometry WithChange(const SourceInfo& info, const GeometryChange& change) {
  WantedGeometry wanted = GeometryAsIn(info);
  wanted.frame.reset();  // another one, of what is turned or stretched
  if (change.clockwise != 0) {
    wanted.clockwise = (info.rotation + change.clockwise) % 360;
    wanted.turn_from = GeometryFrom::kFound;
  }
  if (!change.stretch.square()) {
    const Aspect stretch = info.rotation % 180 == 0 ? change.stretch : change.stretch.Turned();
    wanted.pixel_aspect = MakeAspect(int64_t{info.pixel_aspect.width} * stretch.width,
                                     int64_t{info.pixel_aspect.height} * stretch.height);
    wanted.aspect_from = GeometryFrom::kFound;
  }
  return wanted;
}

// Once there are too many every second one goes: what stays is spread over the whole source.
template <typename Item>
void SourceGeometry::Spread<Item>::Keep(Item item, size_t most) {
  items.push_back(std::move(item));
  if (items.size() <= most) return;
  every *= 2;
  for (size_t i = 0; 2 * i < items.size(); ++i) items[i] = std::move(items[2 * i]);
  items.resize((items.size() + 1) / 2);
}

Status SourceGeometry::Add(const TrackRecord& track) {
  const FaceRecord* best = nullptr;
  for (const FaceRecord& face : track.faces) {
    if (!face.embeddings.empty() && (best == nullptr || face.quality > best->quality)) best = &face;
  }
  if (best == nullptr || !faces_.Wants()) return Status();
  CROSSFACE_ASSIGN_OR_RETURN(std::string jpeg, PictureOf(*best));
  faces_.Keep({std::move(jpeg), track.evidence}, kProbedFaces);
  return Status();
}

void SourceGeometry::Add(const Frame& kept) {
  if (!pictures_.Wants()) return;
  const Result<cv::Mat> bgr = kept.picture->Bgr();
  if (!bgr.ok() || bgr->empty()) return;  // the scan says so
  const double scale = std::min(1.0, static_cast<double>(kLongestSide) / std::max(bgr->cols, bgr->rows));
  cv::Mat small;
  cv::resize(*bgr, small, {}, scale, scale, cv::INTER_AREA);
  pictures_.Keep(small, kProbedPictures);
}

// Once more than a quarter are, nothing can be nearly all.
bool SourceGeometry::FacesAreAsTheyShouldBe() const {
  const auto telling = std::count_if(faces_.items.begin(), faces_.items.end(),
                                     [](const Sample& sample) { return sample.evidence >= kTelling; });
  return static_cast<double>(telling) > (1 - kNearlyAll) * static_cast<double>(faces_.items.size());
}

Result<std::optional<GeometryChange>> SourceGeometry::Decide(const ScanModels& models) const {
  if (FacesAreAsTheyShouldBe() || models.embedders.empty()) return std::optional<GeometryChange>();
  CROSSFACE_ASSIGN_OR_RETURN(const auto by_faces, DecideByFaces(models));
  return by_faces ? by_faces : DecideByPictures(models);
}

Result<std::optional<GeometryChange>> SourceGeometry::DecideByPictures(const ScanModels& models) const {
  const auto spared = (1 - kNearlyAll) * static_cast<double>(pictures_.items.size());
  double others = 0;  // that no change makes clearly more telling
  std::vector<ProbedFace> probed;
  for (const cv::Mat& picture : pictures_.items) {
    if (others > spared) return std::optional<GeometryChange>();
    CROSSFACE_ASSIGN_OR_RETURN(const ProbedFace one, ProbePicture(picture, models));
    const float most = *std::max_element(one.changed.begin(), one.changed.end());
    if (std::max(most, one.as_found) <= kLeastEvidence) continue;
    others += LogOddsOf(most) - LogOddsOf(one.as_found) < kClearGain;
    probed.push_back(one);
  }
  return DecideGeometry(probed);
}

Result<std::optional<GeometryChange>> SourceGeometry::DecideByFaces(const ScanModels& models) const {
  const auto spared = (1 - kNearlyAll) * static_cast<double>(faces_.items.size());
  double others = 0;  // that no change makes clearly more telling
  std::vector<ProbedFace> probed;
  for (const Sample& sample : faces_.items) {
    if (others > spared) return std::optional<GeometryChange>();
    if (sample.evidence >= kTelling) {
      ++others;
      probed.push_back({.as_found = sample.evidence});
      continue;
    }
    const cv::Mat picture = DecodeJpeg(sample.jpeg);
    if (picture.empty()) continue;
    // On the footing of the changes: there the other detectors are not asked, who lower a doubtful face's
    // evidence.
    CROSSFACE_ASSIGN_OR_RETURN(const float as_found, EvidenceIn(picture, models));
    CROSSFACE_ASSIGN_OR_RETURN(const ProbedFace face,
                               ProbeFace(picture, std::max(sample.evidence, as_found), models));
    const float most = *std::max_element(face.changed.begin(), face.changed.end());
    others += LogOddsOf(most) - LogOddsOf(face.as_found) < kClearGain;
    probed.push_back(face);
  }
  return DecideGeometry(probed);
}

}  // namespace crossface

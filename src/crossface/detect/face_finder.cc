#include "crossface/detect/face_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "crossface/detect/fusion.h"
#include "crossface/detect/picture_tiles.h"

namespace crossface {
namespace {

// The order in which the fast look chooses its detector.
constexpr std::array<DetectorKind, kDetectorKinds> kPrimaryOrder = {
    DetectorKind::kScrfd500m, DetectorKind::kScrfd2g5, DetectorKind::kYuNet, DetectorKind::kRetinaFace,
    DetectorKind::kMtcnn};

// The whole frame is looked at with its longest side between these. SCRFD 500M on wider_train_subset, 1024
// wide, at 640 / 960 / 1280: recall with 0.1 false faces a picture .882 / .915 / .889, with 0.2 .903 / .918 /
// .902, in 12 / 27 / 49 ms. The same pictures at half their size, at 512 / 640 / 800 / 960: .882 / .887 /
// .914 / .924. SCRFD 2.5G at 640 reaches .900 in 45 ms.
constexpr int kLeastFullSide = 640;
constexpr int kMostFullSide = 960;

// SCRFD misses faces that fill the frame: lp_d3.mp4 scores .32 to .45 at 640 and .82 to .86 at 320. That
// second look is for such faces only: all that it reports gives 85 instead of 42 false faces and no more real
// ones.
constexpr int kCloseUpSide = 320;
constexpr float kCloseUpShare = 0.3f;  // of the frame's longest side

// Find keeps what is at least this likely to be a face. Of SCRFD 500M's own score that is 0.3, where
// 93 % of WIDER's faces are found with 0.3 false ones a picture; Confirm() settles these.
constexpr float kKeptScore = 0.15f;
// Weaker reports still count as votes of the ensemble, whose sum is kept from here.
constexpr float kVoteScore = 0.02f;
constexpr float kKeptFusedScore = 0.08f;

// Confirmation looks at this many times the face's size, with the whole of it this many pixels long: 224
// parts faces from others as well as 320 does (570 and 569 of 580 kept where 2 and 4 of 33 wrong reports
// are), in half the time.
constexpr float kSurroundings = 3;
constexpr float kSurroundingsSide = 224;
// The face itself is 75 of these pixels high, so what is much smaller is another. This leaves out one step of
// MTCNN's pyramid, and a fifth of its time: 13 of 2,247 faces of make_synth 911 differ, in last digits or by
// a pixel, and all that is grouped there, in 912, 913, the 35 real videos and the broadcast is the same. With
// two steps, a third of its time, one of 118 tracks of the videos leaves its folder.
constexpr float kSmallestConfirmed = 28.2f;
// A report about the surroundings is about the face in question from this overlap on. Of the labelled faces
// that scrfd_500m and another detector both see, 99.5 % overlap by .56 or more; neighbours hardly at all.
constexpr float kSameFace = 0.4f;

// Looks around expected faces that come to more than this share of a look at the whole are not worth it.
constexpr double kMostNearShare = 0.6;

// Tiles are as large as the fast look, so that memory is that of one look. What is larger than their overlap,
// 160 pixels, is still 20 pixels high in the fast look at a frame of 8K.
constexpr int kTileSide = 960;
constexpr int kTileOverlap = 160;

// A picture whose median luma is below this is dim; one in twenty of WIDER's is. The stretch brings the 1st
// and 99th percentile of luma to black and white and bends the median towards a third, but no more than a
// square root does: more would lift noise. SCRFD 500M at 960 on every second picture of
// ../shared/data/detection/wider_train_subset times a factor, plus noise of 2 levels, share of the faces
// found with 0.1 false ones a picture, without and with the stretch (applied to all):
//   factor                        0.03       0.05       0.1        0.2        0.4        1
//                               .037 .452  .502 .709  .759 .826  .873 .880  .883 .893  .893 .896
//   and a lamp in the corner                .478 .749  .746 .843
// Stretching to the percentiles alone does as well without the lamp, and nothing with it (.485, .746).
constexpr float kDimMiddle = 45;
constexpr float kWantedMiddle = 0.35f;
constexpr float kStrongestGamma = 0.5f;
constexpr float kLeastRange = 16;
constexpr int kBrightnessStep = 4;  // every fourth pixel of every fourth row tells

void RequireColourPicture(const cv::Mat& bgr) {
  if (bgr.empty() || bgr.type() != CV_8UC3)
    throw std::logic_error("faces are looked for in CV_8UC3 pictures only");
}

int LongestSide(const cv::Size& size) { return std::max(size.width, size.height); }

struct Brightness {
  float dark, middle, bright;  // percentiles 1, 50 and 99 of luma
};

Brightness MeasureBrightness(const cv::Mat& bgr) {
  std::array<int, 256> histogram{};
  int total = 0;
  for (int y = 0; y < bgr.rows; y += kBrightnessStep) {
    const auto* row = bgr.ptr<cv::Vec3b>(y);
    for (int x = 0; x < bgr.cols; x += kBrightnessStep, ++total) {
      ++histogram[static_cast<size_t>((29 * row[x][0] + 150 * row[x][1] + 77 * row[x][2]) >> 8)];
    }
  }
  const auto percentile = [&](double share) {
    int below = 0;
    size_t level = 0;
    while (level < 255 && (below += histogram[level]) <= share * total) ++level;
    return static_cast<float>(level);
  };
  return {percentile(0.01), percentile(0.5), percentile(0.99)};
}

DetectorSet SetOf(const std::vector<DetectorKind>& kinds) {
  DetectorSet set;
  for (DetectorKind kind : kinds) set.Add(kind);
  return set;
}

void Move(Detection& detection, const cv::Point2f& by) {
  detection.box += by;
  for (cv::Point2f& point : detection.landmarks) point += by;
}

// What is seen with at least a calibrated score of `least`.
Result<std::vector<Detection>> LookAt(const Detector& detector, const cv::Mat& bgr, int side, float least,
                                      float smallest_face = DetectParams().smallest_face) {
  const DetectParams params{.longest_side = side,
                            .score_threshold = UncalibratedScore(detector.kind(), least),
                            .smallest_face = smallest_face};
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<Detection> report, detector.Detect(bgr, params));
  Calibrate(detector.kind(), report);
  return report;
}

Result<std::vector<Detection>> LookForCloseUps(const Detector& detector, const cv::Mat& bgr, float least) {
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<Detection> report, LookAt(detector, bgr, kCloseUpSide, least));
  const float least_side = kCloseUpShare * static_cast<float>(LongestSide(bgr.size()));
  std::erase_if(
      report, [&](const Detection& face) { return std::max(face.box.width, face.box.height) < least_side; });
  return report;
}

Result<std::vector<Detection>> LookAtTiles(const Detector& detector, const cv::Mat& bgr,
                                           const std::vector<cv::Rect>& tiles, float least) {
  std::vector<Detection> found;
  for (const cv::Rect& tile : tiles) {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<Detection> report,
                               LookAt(detector, bgr(tile), LongestSide(tile.size()), least));
    for (Detection& face : report) {
      if (IsCutByTile(face.box, tile, bgr.size())) continue;
      Move(face, tile.tl());
      found.push_back(face);
    }
  }
  return found;
}

// Every look of one detector at a picture.
Status LookEverywhere(const Detector& detector, const cv::Mat& bgr, const std::vector<cv::Rect>& tiles,
                      float least, ProcessorTimes* looks, std::vector<std::vector<Detection>>& reports) {
  const int longest = LongestSide(bgr.size());
  {
    const ProcessorTimer timer(looks, "whole");
    CROSSFACE_ASSIGN_OR_RETURN(
        reports.emplace_back(),
        LookAt(detector, bgr, std::clamp(longest, kLeastFullSide, kMostFullSide), least));
  }
  {
    const ProcessorTimer timer(looks, "close_up");
    CROSSFACE_ASSIGN_OR_RETURN(reports.emplace_back(), LookForCloseUps(detector, bgr, least));
  }
  if (!tiles.empty()) {
    const ProcessorTimer timer(looks, "tiles");
    CROSSFACE_ASSIGN_OR_RETURN(reports.emplace_back(), LookAtTiles(detector, bgr, tiles, least));
  }
  return Status();
}

// A part of a picture, and how large its longest side is looked at.
struct NearLook {
  cv::Rect area;
  int side = 0;
};

cv::Rect Surroundings(const cv::Rect2f& box, const cv::Size& picture) {
  const float side = kSurroundings * std::max(box.width, box.height);
  const cv::Point2f centre = (box.tl() + box.br()) * 0.5f;
  const cv::Point2f half(side / 2, side / 2);
  return cv::Rect(cv::Rect2f(centre - half, centre + half)) & cv::Rect(cv::Point(), picture);
}

// A large face as Confirm() looks at it; a small one as large as it is, or as it would be in a look at the
// whole of a small picture.
NearLook NearLookAt(const cv::Rect2f& box, const cv::Size& picture) {
  const float whole_scale =
      std::max(1.0f, static_cast<float>(kLeastFullSide) / static_cast<float>(LongestSide(picture)));
  const float scale =
      std::min(whole_scale, kSurroundingsSide / (kSurroundings * std::max(box.width, box.height)));
  const cv::Rect area = Surroundings(box, picture);
  return {area, std::max(32, cvRound(scale * static_cast<float>(LongestSide(area.size()))))};
}

Result<std::vector<Detection>> LookNear(const Detector& detector, const cv::Mat& bgr, const NearLook& look) {
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<Detection> report,
                             LookAt(detector, bgr(look.area), look.side, kKeptScore));
  std::erase_if(report, [&](const Detection& face) { return IsCutByTile(face.box, look.area, bgr.size()); });
  for (Detection& face : report) Move(face, look.area.tl());
  return report;
}

bool MayBeUsed(DetectorKind kind, LicencePolicy licence) {
  if (licence == LicencePolicy::kAny) return true;
  const auto names = DetectorModels(kind);
  return std::all_of(names.begin(), names.end(), [](const std::string& name) {
    const ModelEntry* entry = FindModel(name);
    return entry != nullptr && entry->permissive;
  });
}

std::string Joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

Result<std::unique_ptr<FaceFinder>> FaceFinder::Create(const ModelStore& models,
                                                       const FaceFinderOptions& options,
                                                       const SessionOptions& session) {
  std::vector<std::unique_ptr<Detector>> detectors;
  std::vector<std::string> missing;
  for (DetectorKind kind : kPrimaryOrder) {
    const auto& named = options.detectors;
    const bool wanted = std::find(named.begin(), named.end(), kind) != named.end();
    if (!named.empty() && !wanted) continue;
    if (!MayBeUsed(kind, options.licence)) {
      if (!wanted) continue;
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("the detector {} may not be used under the permissive licence policy",
                                DetectorName(kind)));
    }
    auto detector = CreateDetector(kind, models, session, options.models);
    if (detector.ok()) {
      detectors.push_back(std::move(*detector));
    } else if (detector.status().code() == StatusCode::kModelMissing) {
      for (const std::string& name : DetectorModels(kind)) {
        if (!models.Find(name).ok()) missing.push_back(name);
      }
    } else {
      return detector.status().Annotate(fmt::format("detector {}", DetectorName(kind)));
    }
  }
  if (detectors.empty()) {
    return Status(StatusCode::kModelMissing,
                  fmt::format("no face detector is installed (any of {})", Joined(missing)),
                  Remedy::kInstallModels);
  }
  std::unique_ptr<FaceFinder> finder = With(std::move(detectors));
  finder->missing_ = std::move(missing);
  return finder;
}

std::unique_ptr<FaceFinder> FaceFinder::With(std::vector<std::unique_ptr<Detector>> detectors) {
  if (detectors.empty()) throw std::logic_error("faces are found by at least one detector");
  std::unique_ptr<FaceFinder> finder(new FaceFinder());
  for (const auto& detector : detectors) finder->kinds_.push_back(detector->kind());
  finder->owned_ = std::move(detectors);
  return finder;
}

Result<std::vector<Detection>> FaceFinder::Find(const cv::Mat& bgr, bool thorough,
                                                ProcessorTimes* looks) const {
  RequireColourPicture(bgr);
  std::vector<std::vector<Detection>> reports;
  const std::vector<cv::Rect> tiles = thorough ? Tiles(bgr.size()) : std::vector<cv::Rect>();
  CROSSFACE_RETURN_IF_ERROR(
      LookEverywhere(*owned_.front(), BrightenDim(bgr), tiles, kKeptScore, looks, reports));
  return FuseDetections(reports, SetOf({primary()}));
}

std::vector<cv::Rect> FaceFinder::Tiles(const cv::Size& picture) {
  if (LongestSide(picture) <= kMostFullSide) return {};
  return PictureTiles(picture, kTileSide, kTileOverlap);
}

Result<std::vector<Detection>> FaceFinder::FindChanged(const cv::Mat& bgr, const std::vector<cv::Rect>& tiles,
                                                       const std::vector<cv::Rect2f>& known,
                                                       ProcessorTimes* times) const {
  RequireColourPicture(bgr);
  const cv::Mat bright = BrightenDim(bgr);
  std::vector<std::vector<Detection>> reports;
  CROSSFACE_RETURN_IF_ERROR(LookEverywhere(*owned_.front(), bright, tiles, kKeptScore, times, reports));
  const ProcessorTimer timer(times, "near");
  for (const cv::Rect2f& box : known) {
    const cv::Rect face(box);
    const auto holds = [&](const cv::Rect& tile) { return (tile & face) == face; };
    const NearLook look = NearLookAt(box, bgr.size());
    if (look.area.empty() || std::any_of(tiles.begin(), tiles.end(), holds)) continue;
    CROSSFACE_ASSIGN_OR_RETURN(reports.emplace_back(), LookNear(*owned_.front(), bright, look));
  }
  return FuseDetections(reports, SetOf({primary()}));
}

Result<std::vector<Detection>> FaceFinder::FindNear(const cv::Mat& bgr,
                                                    const std::vector<cv::Rect2f>& expected,
                                                    ProcessorTimes* times) const {
  RequireColourPicture(bgr);
  std::vector<NearLook> looks;
  double pixels = 0;
  for (const cv::Rect2f& box : expected) {
    const auto [area, side] = looks.emplace_back(NearLookAt(box, bgr.size()));
    if (area.empty())
      looks.pop_back();
    else
      pixels += static_cast<double>(side) * side;
  }
  const double whole = std::clamp(LongestSide(bgr.size()), kLeastFullSide, kMostFullSide);
  if (pixels > kMostNearShare * whole * whole * bgr.size().area() / std::pow(LongestSide(bgr.size()), 2))
    return Find(bgr, false, times);
  const ProcessorTimer timer(times, "near");
  const cv::Mat bright = BrightenDim(bgr);
  std::vector<std::vector<Detection>> reports;
  for (const NearLook& look : looks) {
    CROSSFACE_ASSIGN_OR_RETURN(reports.emplace_back(), LookNear(*owned_.front(), bright, look));
  }
  return FuseDetections(reports, SetOf({primary()}));
}

Result<std::vector<Detection>> FaceFinder::FindWithAll(const cv::Mat& bgr, ProcessorTimes* looks) const {
  RequireColourPicture(bgr);
  const cv::Mat bright = BrightenDim(bgr);
  std::vector<std::vector<Detection>> reports;
  for (const auto& detector : owned_)
    CROSSFACE_RETURN_IF_ERROR(
        LookEverywhere(*detector, bright, Tiles(bgr.size()), kVoteScore, looks, reports));
  std::vector<Detection> faces = FuseDetections(reports, SetOf(kinds_));
  std::erase_if(faces, [](const Detection& face) { return face.score < kKeptFusedScore; });
  return faces;
}

Result<Detection> FaceFinder::Confirm(const cv::Mat& bgr, const Detection& face,
                                      ProcessorTimes* looks) const {
  const ProcessorTimer timer(looks, "confirm");
  RequireColourPicture(bgr);
  const float side = kSurroundings * std::max(face.box.width, face.box.height);
  const cv::Rect area = Surroundings(face.box, bgr.size());
  if (area.empty()) return face;

  const cv::Mat surroundings = BrightenDim(bgr(area));
  // At the picture's edge less is cut out, and the face shall not become larger for it.
  const int look_side =
      std::max(32, cvRound(kSurroundingsSide * static_cast<float>(LongestSide(area.size())) / side));
  std::vector<Detection> members = {face};
  for (const auto& detector : owned_) {
    if (face.looked.Has(detector->kind())) continue;
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<Detection> report,
                               LookAt(*detector, surroundings, look_side, kVoteScore, kSmallestConfirmed));
    const Detection* closest = nullptr;
    float most = kSameFace;
    for (Detection& other : report) {
      Move(other, area.tl());
      const float overlap = IntersectionOverUnion(other.box, face.box);
      if (overlap < most) continue;
      most = overlap;
      closest = &other;
    }
    if (closest != nullptr) members.push_back(*closest);
  }
  DetectorSet asked = face.looked;
  asked.Merge(SetOf(kinds_));
  return FuseFace(members, asked);
}

std::map<std::string, std::string> FaceFinder::ModelHashes() const {
  std::map<std::string, std::string> hashes;
  for (const auto& detector : owned_) {
    const std::vector<std::string> names = detector->models(), sha256s = detector->sha256s();
    for (size_t i = 0; i < names.size(); ++i) hashes[names[i]] = sha256s[i];
  }
  return hashes;
}

std::vector<std::string> FaceFinder::models() const {
  std::vector<std::string> names;
  for (const auto& detector : owned_) {
    for (std::string& name : detector->models()) names.push_back(std::move(name));
  }
  return names;
}

cv::Mat BrightenDim(const cv::Mat& bgr) {
  RequireColourPicture(bgr);
  const Brightness luma = MeasureBrightness(bgr);
  if (luma.middle >= kDimMiddle) return bgr;

  const float range = std::max(luma.bright - luma.dark, kLeastRange);
  const float middle = std::clamp((luma.middle - luma.dark) / range, 0.01f, 0.99f);
  const float gamma = std::clamp(std::log(kWantedMiddle) / std::log(middle), kStrongestGamma, 1.0f);
  cv::Mat curve(1, 256, CV_8UC1);
  for (int level = 0; level < 256; ++level) {
    const float share = std::clamp((static_cast<float>(level) - luma.dark) / range, 0.0f, 1.0f);
    curve.at<uchar>(level) = cv::saturate_cast<uchar>(255 * std::pow(share, gamma));
  }
  cv::Mat bright;
  cv::LUT(bgr, curve, bright);
  return bright;
}

}  // namespace crossface

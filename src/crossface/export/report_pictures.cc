#include "crossface/export/report_pictures.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "crossface/util/jpeg.h"

namespace crossface {
namespace {

// A track is looked at in this many stretches; each gives its best face.
constexpr size_t kStretches = 4;

struct Candidate {
  FacePlace place;
  size_t source = 0;
  size_t rank = 0;  // 0 for the best face of its track
  float quality = 0;
};

// The best faces of the track's stretches, best first.
std::vector<Candidate> CandidatesOf(const CaseView& view, size_t track, const FaceRecord* except) {
  const std::vector<FaceRecord>& faces = view.tracks[track].faces;
  std::vector<Candidate> candidates;
  for (size_t stretch = 0; stretch < kStretches; ++stretch) {
    const size_t begin = faces.size() * stretch / kStretches, end = faces.size() * (stretch + 1) / kStretches;
    const FaceRecord* best = nullptr;
    for (size_t i = begin; i < end; ++i) {
      if (faces[i].jpeg_bytes == 0 || &faces[i] == except) continue;
      if (best == nullptr || faces[i].quality > best->quality) best = &faces[i];
    }
    if (best == nullptr) continue;
    candidates.push_back(
        {{track, static_cast<size_t>(best - faces.data())}, view.source_of[track], 0, best->quality});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.quality > b.quality; });
  for (size_t i = 0; i < candidates.size(); ++i) candidates[i].rank = i;
  return candidates;
}

}  // namespace

std::vector<FacePlace> ChooseReportFaces(const CaseView& view, std::span<const size_t> tracks, size_t limit,
                                         const FaceRecord* except) {
  std::vector<Candidate> candidates;
  for (const size_t track : tracks) {
    const std::vector<Candidate> own = CandidatesOf(view, track, except);
    candidates.insert(candidates.end(), own.begin(), own.end());
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(a.rank, -a.quality) < std::tuple(b.rank, -b.quality);
  });
  std::map<std::pair<size_t, size_t>, size_t> taken;  // (rank, source) -> candidates so far
  std::vector<std::tuple<size_t, size_t, size_t>> order;
  for (size_t i = 0; i < candidates.size(); ++i) {
    order.emplace_back(candidates[i].rank, taken[{candidates[i].rank, candidates[i].source}]++, i);
  }
  std::sort(order.begin(), order.end());
  std::vector<FacePlace> chosen;
  for (size_t i = 0; i < order.size() && i < limit; ++i)
    chosen.push_back(candidates[std::get<2>(order[i])].place);
  return chosen;
}

Result<std::string> Thumbnails::Make(const FaceRecord& face, int pixels, int jpeg_quality) {
  if (face.jpeg_bytes == 0) return std::string();
  CROSSFACE_ASSIGN_OR_RETURN(const std::optional<std::string> kept,
                             gallery_.ReadThumbnail(face.id, pixels, jpeg_quality));
  std::string jpeg = kept.value_or("");
  if (!kept) {
    CROSSFACE_ASSIGN_OR_RETURN(jpeg, Shrink(face, pixels, jpeg_quality));
  }
  if (jpeg.empty()) return std::string();
  std::string text = Base64(jpeg);
  shown_faces_.push_back(face.id);
  if (!kept) made_.push_back({face.id, pixels, jpeg_quality, std::move(jpeg)});
  return text;
}

Result<std::string> Thumbnails::Shrink(const FaceRecord& face, int pixels, int jpeg_quality) const {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, gallery_.ReadFacePicture(face.id));
  const cv::Mat picture = DecodeJpeg(jpeg);
  if (picture.empty()) return std::string();
  return EncodeSmallJpeg(picture, pixels, jpeg_quality);
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (size_t j = 0; j < 4; ++j) text += j <= count ? kDigits[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

}  // namespace crossface

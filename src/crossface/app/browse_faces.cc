// CaseBrowser: faces, their pictures, and what each rests on.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <set>

#include "crossface/app/case_browser.h"
#include "crossface/app/look.h"
#include "crossface/curation/curation_state.h"
#include "crossface/export/case_view.h"

namespace crossface {
namespace {

constexpr int kThumbnailQuality = 85;

Status NoFace(int64_t face) {
  return Status(StatusCode::kNotFound, fmt::format("there is no face {}", face));
}

// What rows of faces are called by.
class Names {
 public:
  static Result<Names> Read(const Gallery& gallery) {
    Names names;
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SourceRecord> sources, gallery.ReadSources());
    for (const SourceRecord& source : sources) names.sources_[source.id] = source.name;
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
    for (const PersonRecord& person : persons) names.persons_[person.id] = person.name;
    return names;
  }

  ShownFace Show(ListedFace listed) const {
    ShownFace shown{.listed = std::move(listed)};
    const auto source = sources_.find(shown.listed.source_id);
    shown.track =
        fmt::format("{}:{}", source == sources_.end() ? "" : source->second, shown.listed.track_number);
    const auto person = persons_.find(shown.listed.person_id);
    if (person != persons_.end()) shown.person = Who{person->first, person->second};
    return shown;
  }

 private:
  std::map<int64_t, std::string> sources_, persons_;
};

// Names and hashes of the models that scan settings name.
std::vector<std::pair<std::string, std::string>> ModelsOf(const std::string& settings) {
  std::vector<std::pair<std::string, std::string>> models;
  const auto json = nlohmann::json::parse(settings, nullptr, false);
  if (!json.is_object() || !json.contains("models") || !json["models"].is_object()) return models;
  for (const auto& [name, sha256] : json["models"].items()) {
    if (sha256.is_string()) models.emplace_back(name, sha256.get<std::string>());
  }
  return models;
}

Result<bool> IsConfirmed(const Gallery& gallery, int64_t person, int64_t track) {
  if (person == 0) return false;
  CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::ReadOf(gallery, {person}));
  return std::any_of(state.pins.begin(), state.pins.end(), [&](const auto& pin) {
    return state.tracks[pin.first].id == track && !pin.second.anchor;
  });
}

}  // namespace

Result<Stretch<ShownFace>> CaseBrowser::Faces(const FacesAsked& asked, Page page) const {
  return LookAtCase(case_folder_, [&](const Gallery& gallery) -> Result<Stretch<ShownFace>> {
    CROSSFACE_ASSIGN_OR_RETURN(const Names names, Names::Read(gallery));
    Stretch<ShownFace> answer{.first = static_cast<int64_t>(page.first)};
    CROSSFACE_ASSIGN_OR_RETURN(answer.total, gallery.CountFaces(asked));
    CROSSFACE_ASSIGN_OR_RETURN(
        std::vector<ListedFace> faces,
        gallery.ListFaces(asked, static_cast<int64_t>(page.first), static_cast<int64_t>(page.most)));
    for (ListedFace& face : faces) answer.rows.push_back(names.Show(std::move(face)));
    return answer;
  });
}

Result<FaceEvidenceAnswer> CaseBrowser::Face(int64_t id) const {
  return LookAtCase(case_folder_, [&](const Gallery& gallery) -> Result<FaceEvidenceAnswer> {
    CROSSFACE_ASSIGN_OR_RETURN(std::optional<ListedFace> found, gallery.FindFace(id));
    if (!found) return NoFace(id);
    CROSSFACE_ASSIGN_OR_RETURN(const Names names, Names::Read(gallery));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks,
                               gallery.ReadTracks({.faces = true, .embeddings = true}, {found->track_id}));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<SourceRecord> sources, gallery.ReadSources());
    const auto source = std::find_if(sources.begin(), sources.end(),
                                     [&](const SourceRecord& each) { return each.id == found->source_id; });
    if (tracks.empty() || source == sources.end()) return NoFace(id);
    const TrackRecord& track = tracks.front();
    FaceEvidenceAnswer answer{.face = names.Show(*std::move(found)),
                              .source = *source,
                              .shot = track.shot,
                              .track_quality = track.quality,
                              .evidence = track.evidence,
                              .models = ModelsOf(source->settings)};
    const FaceRecord& face = answer.face.listed.face;
    answer.start = WallClockOf(source->info, face.time_us, face.time_us).start;
    std::error_code error;
    answer.there = std::filesystem::is_regular_file(source->path, error);
    for (const FaceRecord& each : track.faces) {
      if (each.id != id) continue;
      for (const FaceEmbedding& vector : each.embeddings)
        answer.embeddings.emplace_back(vector.model, vector.model_sha256);
    }
    CROSSFACE_ASSIGN_OR_RETURN(answer.confirmed,
                               IsConfirmed(gallery, answer.face.listed.person_id, track.id));
    return answer;
  });
}

Result<std::string> CaseBrowser::FacePicture(int64_t face) const {
  return LookAtCase(case_folder_, [&](const Gallery& gallery) -> Result<std::string> {
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<ListedFace> found, gallery.FindFace(face));
    if (!found || found->face.jpeg_bytes == 0) return NoFace(face);
    return gallery.ReadFacePicture(face);
  });
}

// Stored pictures are as large as a detector's crop: small enough to be cut anew every time.
Result<std::string> CaseBrowser::FaceThumbnail(int64_t face, int pixels) const {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, FacePicture(face));
  const cv::Mat picture = cv::imdecode(
      cv::Mat(1, static_cast<int>(jpeg.size()), CV_8UC1, const_cast<char*>(jpeg.data())), cv::IMREAD_COLOR);
  if (picture.empty())
    return Status(StatusCode::kCorrupt, fmt::format("the picture of face {} is damaged", face));
  const double scale = static_cast<double>(pixels) / std::max(picture.cols, picture.rows);
  if (scale >= 1) return jpeg;
  cv::Mat small;
  cv::resize(picture, small,
             cv::Size(std::max(1, cvRound(picture.cols * scale)), std::max(1, cvRound(picture.rows * scale))),
             0, 0, cv::INTER_AREA);
  std::vector<uchar> encoded;
  if (!cv::imencode(".jpg", small, encoded, {cv::IMWRITE_JPEG_QUALITY, kThumbnailQuality}))
    return Status(StatusCode::kInternal, "a thumbnail cannot be encoded");
  return std::string(encoded.begin(), encoded.end());
}

Result<std::vector<std::vector<CaseBrowser::HitIds>>> CaseBrowser::IdsOf(const SearchAnswer& answer) const {
  return LookAtCase(case_folder_, [&](const Gallery& gallery) -> Result<std::vector<std::vector<HitIds>>> {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SourceRecord> sources, gallery.ReadSources());
    std::map<std::string, int64_t> source_ids;
    for (const SourceRecord& source : sources) source_ids[source.name] = source.id;
    std::set<int64_t> in;
    for (const auto& query : answer.queries) {
      for (const SearchHit& hit : query.hits) in.insert(source_ids[hit.source]);
    }
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> ids,
                               gallery.TracksOfSources({in.begin(), in.end()}));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery.ReadTracks({}, ids));
    std::vector<std::vector<HitIds>> all;
    for (const auto& query : answer.queries) {
      std::vector<HitIds>& of_query = all.emplace_back();
      for (const SearchHit& hit : query.hits) {
        HitIds& one = of_query.emplace_back(HitIds{.source = source_ids[hit.source]});
        const auto track = std::find_if(tracks.begin(), tracks.end(), [&](const TrackRecord& each) {
          return each.source_id == one.source && each.number == hit.track;
        });
        if (track == tracks.end()) continue;
        one.track = track->id;
        CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ListedFace> faces,
                                   gallery.ListFaces({.track = track->id}, hit.face - 1, 1));
        if (!faces.empty()) one.face = faces.front().face.id;
      }
    }
    return all;
  });
}

}  // namespace crossface

// CaseBrowser: faces, their pictures, and what each rests on.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "crossface/app/case_browser.h"
#include "crossface/app/look.h"
#include "crossface/app/source_media.h"
#include "crossface/export/case_view.h"
#include "crossface/util/jpeg.h"

namespace crossface {
namespace {

constexpr int kThumbnailQuality = 85;

Status NoFace(int64_t face) {
  return Status(StatusCode::kNotFound, fmt::format("there is no face {}", face));
}

ShownFace Show(const CaseFacts& facts, ListedFace listed) {
  ShownFace shown{.listed = std::move(listed)};
  shown.track = facts.TrackName(shown.listed.source_id, shown.listed.track_number);
  shown.person = facts.Person(shown.listed.person_id);
  return shown;
}

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

}  // namespace

Result<Stretch<ShownFace>> CaseBrowser::Faces(const FacesAsked& asked, Page page) const {
  return reader_.LookAt([&](const Gallery& gallery, const CaseFacts& facts) -> Result<Stretch<ShownFace>> {
    Stretch<ShownFace> answer{.first = static_cast<int64_t>(page.first)};
    CROSSFACE_ASSIGN_OR_RETURN(answer.total, gallery.CountFaces(asked));
    CROSSFACE_ASSIGN_OR_RETURN(
        std::vector<ListedFace> faces,
        gallery.ListFaces(asked, static_cast<int64_t>(page.first), static_cast<int64_t>(page.most)));
    for (ListedFace& face : faces) answer.rows.push_back(Show(facts, std::move(face)));
    return answer;
  });
}

Result<FaceEvidenceAnswer> CaseBrowser::Face(int64_t id) const {
  return reader_.LookAt([&](const Gallery& gallery, const CaseFacts& facts) -> Result<FaceEvidenceAnswer> {
    CROSSFACE_ASSIGN_OR_RETURN(std::optional<ListedFace> found, gallery.FindFace(id));
    if (!found) return NoFace(id);
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks,
                               gallery.ReadTracks({.faces = true, .embeddings = true}, {found->track_id}));
    const SourceRecord* source = facts.Source(found->source_id);
    if (tracks.empty() || source == nullptr) return NoFace(id);
    const TrackRecord& track = tracks.front();
    FaceEvidenceAnswer answer{.face = Show(facts, *std::move(found)),
                              .source = *source,
                              .shot = track.shot,
                              .track_quality = track.quality,
                              .evidence = track.evidence,
                              .models = ModelsOf(source->settings)};
    const FaceRecord& face = answer.face.listed.face;
    answer.start = WallClockOf(source->info, face.time_us, face.time_us).start;
    answer.there = IsThere(*source);
    for (const FaceRecord& each : track.faces) {
      if (each.id != id) continue;
      for (const FaceEmbedding& vector : each.embeddings)
        answer.embeddings.emplace_back(vector.model, vector.model_sha256);
    }
    CROSSFACE_ASSIGN_OR_RETURN(const auto list, ReadPeople(gallery));
    answer.confirmed = list->confirmed.contains(track.id);
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
  const cv::Mat picture = DecodeJpeg(jpeg);
  if (picture.empty())
    return Status(StatusCode::kCorrupt, fmt::format("the picture of face {} is damaged", face));
  if (std::max(picture.cols, picture.rows) <= pixels) return jpeg;
  return EncodeSmallJpeg(picture, pixels, kThumbnailQuality);
}

Result<std::vector<std::vector<CaseBrowser::HitIds>>> CaseBrowser::IdsOf(const SearchAnswer& answer) const {
  return reader_.LookAt(
      [&](const Gallery& gallery, const CaseFacts& facts) -> Result<std::vector<std::vector<HitIds>>> {
        std::map<std::string, int64_t> source_ids;
        for (const SourceRecord& source : facts.sources()) source_ids[source.name] = source.id;
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
            if (faces.empty()) continue;
            one.face = faces.front().face.id;
            one.time_us = faces.front().face.time_us;
          }
        }
        return all;
      });
}

}  // namespace crossface

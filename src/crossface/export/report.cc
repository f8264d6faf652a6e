#include "crossface/export/report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <tuple>

#include "crossface/export/report_page.h"
#include "crossface/export/report_pictures.h"
#include "crossface/gallery/facts.h"
#include "crossface/util/hash.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kCasePlace = "@CASE_JSON@";
constexpr size_t kPictureBudgetBytes = 15'000'000;
constexpr size_t kMostFacesOfAPerson = 24;
constexpr size_t kMostUnassignedFaces = 60;
// Twice what the page shows, for screens of double density.
constexpr int kPortraitPixels = 176, kPortraitQuality = 78;
constexpr int kFacePixels = 96, kFaceQuality = 72;

// A picture has one frame and no duration.
bool IsPicture(const SourceRecord& source) {
  return source.info.duration_ms == 0 && source.counts.decoded <= 1;
}

Json SourceJson(const SourceRecord& source, int64_t last_end_ms) {
  const SourceInfo& info = source.info;
  Json json = {{"name", source.name},
               {"status", SourceStateName(source.state)},
               {"message", source.message},
               {"picture", IsPicture(source)},
               {"duration", std::max(info.duration_ms, last_end_ms)},
               {"width", info.width},
               {"height", info.height},
               {"fps", info.fps},
               {"codec", info.codec},
               {"created", info.created},
               {"created_from", info.created_from},
               {"device", info.device},
               {"sha256", source.sha256},
               {"bytes", info.bytes},
               {"decoded", source.counts.decoded},
               {"dark", source.counts.dark},
               {"still", source.counts.still},
               {"kept", source.counts.kept},
               {"faces", source.faces},
               {"tracks", source.tracks}};
  if (info.latitude && info.longitude) json["place"] = {*info.latitude, *info.longitude};
  return json;
}

// The models that the sources were scanned with, out of the scan settings that the gallery keeps; empty for
// settings of another shape.
Json ModelsJson(const CaseView& view) {
  std::map<std::string, std::string> models;
  std::string last;
  for (const SourceRecord& source : view.sources) {
    if (source.settings == last) continue;
    last = source.settings;
    const Json settings = Json::parse(source.settings, nullptr, false);
    if (!settings.is_object() || !settings.contains("models") || !settings["models"].is_object()) continue;
    for (const auto& [name, sha256] : settings["models"].items()) {
      if (sha256.is_string()) models[name] = sha256.get<std::string>();
    }
  }
  Json list = Json::array();
  for (const auto& [name, sha256] : models) list.push_back({{"name", name}, {"sha256", sha256}});
  return list;
}

class ReportData {
 public:
  ReportData(const CaseView& view, const Gallery& gallery)
      : view_(view), gallery_(gallery), thumbnails_(gallery, kPictureBudgetBytes) {
    for (size_t i = 0; i < view.persons.size(); ++i) order_.push_back(i);
    std::stable_sort(order_.begin(), order_.end(), [&](size_t a, size_t b) {
      const PersonView &one = view.persons[a], &other = view.persons[b];
      return std::tuple(!one.record.ignored, one.screen_us, one.tracks.size()) >
             std::tuple(!other.record.ignored, other.screen_us, other.tracks.size());
    });
  }

  Result<Json> Make() {
    Json json = {{"version", kVersion}, {"models", ModelsJson(view_)}};
    CROSSFACE_ASSIGN_OR_RETURN(json["clustering"], gallery_.ReadFact(kMethodFact));
    AddSourcesAndTracks(&json);
    CROSSFACE_RETURN_IF_ERROR(AddPersons(&json));
    CROSSFACE_RETURN_IF_ERROR(AddUnassigned(&json));
    return json;
  }

  ReportThumbnails thumbnails() const { return {thumbnails_.made(), thumbnails_.shown_faces()}; }

 private:
  void AddSourcesAndTracks(Json* json) {
    std::vector<int> shown_as(view_.persons.size());
    for (size_t i = 0; i < order_.size(); ++i) shown_as[order_[i]] = static_cast<int>(i);
    std::vector<int64_t> last_end(view_.sources.size(), 0);
    Json& tracks = (*json)["tracks"] = Json::array();
    for (size_t i = 0; i < view_.tracks.size(); ++i) {
      const TrackRecord& track = view_.tracks[i];
      const int64_t end = Milliseconds(track.end_us);
      last_end[view_.source_of[i]] = std::max(last_end[view_.source_of[i]], end);
      const int person = view_.person_of[i] < 0 ? -1 : shown_as[static_cast<size_t>(view_.person_of[i])];
      Json& entry = tracks.emplace_back(Json{view_.source_of[i], person, Milliseconds(track.start_us), end,
                                             track.faces.size(), cvRound(view_.confidence[i] * 1000)});
      if (view_.reason[i] != UnassignedReason::kNone) entry.push_back(UnassignedReasonName(view_.reason[i]));
    }
    Json& sources = (*json)["sources"] = Json::array();
    for (size_t i = 0; i < view_.sources.size(); ++i)
      sources.push_back(SourceJson(view_.sources[i], last_end[i]));
  }

  // Everybody's portrait first, then everybody's first face, and so on: when the budget is spent, it was
  // shared.
  Status AddPersons(Json* json) {
    std::vector<std::vector<FacePlace>> faces;
    Json& persons = (*json)["persons"] = Json::array();
    for (const size_t i : order_) {
      const PersonView& person = view_.persons[i];
      const FaceRecord& portrait = view_.Face(person.portrait);
      size_t count = 0;
      for (const size_t track : person.tracks) count += view_.tracks[track].faces.size();
      Json& entry = persons.emplace_back(Json{{"id", person.record.id},
                                              {"name", person.record.name},
                                              {"folder", person.folder},
                                              {"ignored", person.record.ignored},
                                              {"screen", Milliseconds(person.screen_us)},
                                              {"sources", person.sources},
                                              {"tracks", person.tracks.size()},
                                              {"faces", count}});
      CROSSFACE_ASSIGN_OR_RETURN(entry["portrait"],
                                 thumbnails_.Make(portrait, kPortraitPixels, kPortraitQuality));
      entry["strip"] = Json::array();
      faces.push_back(ChooseReportFaces(view_, person.tracks, kMostFacesOfAPerson, &portrait));
    }
    for (size_t round = 0; round < kMostFacesOfAPerson; ++round) {
      for (size_t i = 0; i < faces.size(); ++i) {
        if (round < faces[i].size())
          CROSSFACE_RETURN_IF_ERROR(AddFace(faces[i][round], &persons[i]["strip"]));
      }
    }
    return Status();
  }

  Status AddUnassigned(Json* json) {
    int64_t count = 0;
    for (const size_t track : view_.unassigned)
      count += static_cast<int64_t>(view_.tracks[track].faces.size());
    Json& entry = (*json)["unassigned"] = {{"tracks", view_.unassigned.size()},
                                           {"faces", count},
                                           {"reasons", ReasonsJson()},
                                           {"strip", Json::array()}};
    for (const FacePlace& place : ChooseReportFaces(view_, view_.unassigned, kMostUnassignedFaces, nullptr)) {
      CROSSFACE_RETURN_IF_ERROR(AddFace(place, &entry["strip"]));
    }
    return Status();
  }

  // The most frequent first.
  Json ReasonsJson() const {
    std::vector<std::pair<int64_t, UnassignedReason>> counts;
    for (const auto& [reason, count] : view_.CountReasons()) counts.emplace_back(count, reason);
    std::sort(counts.rbegin(), counts.rend());
    Json list = Json::array();
    for (const auto& [count, reason] : counts) list.push_back({UnassignedReasonName(reason), count});
    return list;
  }

  Status AddFace(const FacePlace& place, Json* strip) {
    const FaceRecord& face = view_.Face(place);
    CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, thumbnails_.Make(face, kFacePixels, kFaceQuality));
    if (!jpeg.empty()) {
      Json& entry = strip->emplace_back(
          Json{jpeg, view_.source_of[place.track], Milliseconds(face.time_us), view_.ImagePath(place)});
      const UnassignedReason reason = view_.reason[place.track];
      if (reason != UnassignedReason::kNone) entry.push_back(UnassignedReasonName(reason));
    }
    return Status();
  }

  const CaseView& view_;
  const Gallery& gallery_;
  Thumbnails thumbnails_;
  std::vector<size_t> order_;  // persons as shown: seen longest first, the ignored last
};

std::string_view Between(std::string_view text, std::string_view begin, std::string_view end) {
  const size_t from = text.find(begin), to = text.find(end, from + begin.size());
  if (from == std::string_view::npos || to == std::string_view::npos)
    throw std::logic_error("report.html.in lacks a part");
  return text.substr(from + begin.size(), to - from - begin.size());
}

void Replace(std::string* text, std::string_view what, std::string_view by) {
  const size_t place = text->find(what);
  if (place == std::string::npos) throw std::logic_error("report.html.in lacks " + std::string(what));
  text->replace(place, what.size(), by);
}

// The name by which a content security policy knows a script.
std::string ScriptHash(std::string_view script) {
  const std::string hex = Sha256Hex(script);
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return "sha256-" + Base64(bytes);
}

}  // namespace

Result<std::string> ReportHtml(const CaseView& view, const Gallery& gallery, ReportThumbnails* thumbnails) {
  std::string page(kReportPage);
  Replace(&page, "@SCRIPT_HASH@", ScriptHash(Between(kReportPage, "<script>", "</script>")));
  std::string text;
  {
    ReportData data(view, gallery);
    CROSSFACE_ASSIGN_OR_RETURN(const Json json, data.Make());
    if (thumbnails != nullptr) *thumbnails = data.thumbnails();
    text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  const size_t place = page.find(kCasePlace);
  if (place == std::string::npos) throw std::logic_error("report.html.in lacks the place of the case");
  const std::string rest = page.substr(place + kCasePlace.size());
  page.resize(place);
  page.reserve(place + text.size() + text.size() / 64 + rest.size());
  for (const char c : text) {
    // The only character that could end the element the JSON stands in; in JSON it is found in texts alone.
    c == '<' ? page.append("\\u003c") : page.append(1, c);
  }
  return page + rest;
}

}  // namespace crossface

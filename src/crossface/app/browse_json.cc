#include "crossface/app/browse_json.h"

#include <array>
#include <nlohmann/json.hpp>

#include "crossface/app/json.h"
#include "crossface/util/text.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

Json IdOrNull(int64_t id) { return id == 0 ? Json() : Json(id); }
Json NumberOrNull(const std::optional<double>& number) { return number ? Json(*number) : Json(); }
Json Fields(const Who& who) { return {{"id", who.id}, {"name", who.name}}; }
Json WhoOrNull(const std::optional<Who>& who) { return who ? Fields(*who) : Json(); }

Json BoxFields(const cv::Rect2f& box) {
  return {{"x", box.x}, {"y", box.y}, {"w", box.width}, {"h", box.height}};
}

Json TimeBase(const SourceInfo& info) { return {info.time_base_num, info.time_base_den}; }

Json ModelFields(const std::vector<std::pair<std::string, std::string>>& models) {
  Json list = Json::array();
  for (const auto& [name, sha256] : models) list.push_back({{"name", name}, {"sha256", sha256}});
  return list;
}

Json DetectorNames(DetectorSet detectors) {
  Json names = Json::array();
  for (int i = 0; i < kDetectorKinds; ++i) {
    const auto kind = static_cast<DetectorKind>(i);
    if (detectors.Has(kind)) names.push_back(DetectorName(kind));
  }
  return names;
}

Json Fields(const ShownPerson& person) {
  Json fields = {{"person", ToJson(person.person)},
                 {"named", person.named},
                 {"portrait", IdOrNull(person.portrait)},
                 {"first_seen", nullptr}};
  if (const auto& first = person.first_seen)
    fields["first_seen"] = {{"source_id", first->source_id},
                            {"source", first->source},
                            {"start_ms", Milliseconds(first->start_us)},
                            {"start_us", first->start_us},
                            {"time", first->time.empty() ? Json() : Json(first->time)}};
  return fields;
}

Json Fields(const ShownAppearance& shown) {
  const Appearance& appearance = shown.appearance;
  return {{"track", appearance.track},
          {"track_id", shown.track_id},
          {"source_id", shown.source_id},
          {"start_ms", Milliseconds(appearance.start_us)},
          {"start_us", appearance.start_us},
          {"end_ms", Milliseconds(appearance.end_us)},
          {"faces", appearance.faces},
          {"confidence", appearance.confidence},
          {"confirmed", appearance.confirmed},
          {"face", IdOrNull(shown.face)},
          {"start", shown.start},
          {"end", shown.end}};
}

Json Fields(const ShownFace& shown) {
  const ListedFace& listed = shown.listed;
  const FaceRecord& face = listed.face;
  return {{"id", face.id},
          {"number", face.number},
          {"track_id", listed.track_id},
          {"track", shown.track},
          {"source_id", listed.source_id},
          {"time_ms", Milliseconds(face.time_us)},
          {"time_us", face.time_us},
          {"pts", face.pts},
          {"box", BoxFields(face.detection.box)},
          {"quality", face.quality},
          {"score", face.detection.score},
          {"picture", face.jpeg_bytes > 0},
          {"person", WhoOrNull(shown.person)},
          {"reason", UnassignedReasonName(listed.reason)}};
}

std::string_view PlayableName(Playable playable) {
  constexpr std::array<std::string_view, 3> kNames = {"original", "proxy", "no"};
  return kNames.at(static_cast<size_t>(playable));
}

Json Fields(const ShownSource& shown) {
  const SourceRecord& source = shown.source;
  return {{"id", source.id},
          {"name", source.name},
          {"state", SourceStateName(source.state)},
          {"message", source.message},
          {"kind", source.info.duration_ms > 0 ? "video" : "picture"},
          {"duration_ms", source.info.duration_ms},
          {"width", source.info.width},
          {"height", source.info.height},
          {"bytes", source.info.bytes},
          {"tracks", source.tracks},
          {"faces", source.faces},
          {"there", shown.there},
          {"let_go", shown.let_go ? Json{{"time", shown.let_go->time}, {"why", shown.let_go->why}} : Json()},
          {"created", source.info.created},
          {"latitude", NumberOrNull(source.info.latitude)},
          {"longitude", NumberOrNull(source.info.longitude)},
          {"device", source.info.device},
          {"poster", IdOrNull(shown.poster)},
          {"playable", PlayableName(shown.playable)}};
}

Json Fields(const ShownTrack& shown) {
  const TrackRecord& track = shown.track;
  Json faces = Json::array();
  for (const FaceRecord& face : track.faces)
    faces.push_back({{"id", face.id},
                     {"time_us", face.time_us},
                     {"duration_us", face.duration_us},
                     {"pts", face.pts},
                     {"box", BoxFields(face.detection.box)}});
  return {{"id", track.id},
          {"number", track.number},
          {"shot", track.shot},
          {"start_ms", Milliseconds(track.start_us)},
          {"end_ms", Milliseconds(track.end_us)},
          {"quality", track.quality},
          {"confidence", shown.confidence},
          {"person", WhoOrNull(shown.person)},
          {"reason", UnassignedReasonName(shown.reason)},
          {"faces", std::move(faces)}};
}

Json Fields(const HistoryAnswer::Entry& entry) { return ToJson(entry); }

Json Fields(const ShownSuggestion::Side& side) {
  return {{"face", IdOrNull(side.face)},
          {"track_id", IdOrNull(side.track_id)},
          {"source_id", IdOrNull(side.source_id)},
          {"time_ms", side.face == 0 ? Json() : Json(Milliseconds(side.time_us))},
          {"time_us", side.face == 0 ? Json() : Json(side.time_us)}};
}

Json Fields(const PairEvidence& scores) {
  Json models = Json::array();
  for (const PairEvidence::Score& score : scores.models)
    models.push_back(
        {{"model", score.model}, {"cosine", score.cosine}, {"log_odds", NumberOrNull(score.log_odds)}});
  return {{"models", std::move(models)}, {"log_odds", NumberOrNull(scores.log_odds)}};
}

Json Fields(const ShownSuggestion& shown) {
  return {{"question", ToJson(shown.question)},
          {"scores", Fields(shown.scores)},
          {"shared_sources", shown.shared_sources},
          {"together", shown.together},
          {"side", Fields(shown.side)},
          {"other_side", Fields(shown.other_side)}};
}

Json Fields(const SourceMarksAnswer::Span& span) {
  return {{"start_ms", Milliseconds(span.start_us)}, {"end_ms", Milliseconds(span.end_us)}};
}

Json Fields(const SourceShownAnswer::Copy& copy) {
  return {{"source_id", copy.other_id},
          {"source", copy.other},
          {"kind", copy.kind},
          {"start_ms", Milliseconds(copy.start_us)},
          {"other_start_ms", Milliseconds(copy.other_start_us)},
          {"length_ms", Milliseconds(copy.length_us)},
          {"mirrored", copy.mirrored}};
}

Json Fields(const SourceShownAnswer::Person& person) {
  return {{"person", Fields(person.who)},
          {"tracks", person.tracks},
          {"screen_ms", Milliseconds(person.screen_us)},
          {"portrait", IdOrNull(person.portrait)}};
}

template <typename T>
Json Rows(const std::vector<T>& rows) {
  Json list = Json::array();
  for (const T& row : rows) list.push_back(Fields(row));
  return list;
}

template <typename T>
Json PageOf(const char* name, const Stretch<T>& stretch, Page page) {
  Json fields = PageFields(stretch.total, page);
  fields[name] = Json::array();
  for (const T& row : stretch.rows) fields[name].push_back(Fields(row));
  return fields;
}

}  // namespace

Json PageFields(int64_t total, Page page) {
  const size_t next = page.first + page.most;
  return {{"total", total},
          {"next_cursor", next < static_cast<size_t>(total) ? Json(std::to_string(next)) : Json()}};
}

Json ToJson(const OverviewAnswer& answer) {
  return {{"version", answer.version},
          {"persons", answer.persons},
          {"named", answer.named},
          {"ignored", answer.ignored},
          {"tracks", answer.tracks},
          {"faces", answer.faces},
          {"unassigned_tracks", answer.unassigned_tracks},
          {"unassigned_by_reason", ReasonFields(answer.unassigned_by_reason)},
          {"sources", answer.sources},
          {"sources_by_state", answer.sources_by_state},
          {"video_ms", answer.video_ms},
          {"bytes", answer.bytes},
          {"suggestions", answer.suggestions},
          {"method", answer.method},
          {"profile", answer.profile},
          {"warnings", answer.warnings}};
}

Json ToJson(const PeoplePageAnswer& answer, Page page) {
  Json fields = PageOf("people", answer.people, page);
  fields["version"] = answer.version;
  return fields;
}

Json ToJson(const PersonShownAnswer& answer) {
  Json sources = Json::array(), together = Json::array();
  for (const auto& in : answer.sources)
    sources.push_back({{"source_id", in.source_id},
                       {"source", in.source},
                       {"tracks", in.tracks},
                       {"screen_ms", Milliseconds(in.screen_us)}});
  for (const auto& with : answer.together)
    together.push_back({{"person", Fields(with.who)}, {"moments", with.moments}, {"tracks", with.tracks}});
  return {{"version", answer.version},
          {"person", Fields(answer.person)},
          {"sources", std::move(sources)},
          {"together", std::move(together)}};
}

Json ToJson(const Stretch<ShownAppearance>& answer, Page page) { return PageOf("appearances", answer, page); }
Json ToJson(const Stretch<ShownFace>& answer, Page page) { return PageOf("faces", answer, page); }
Json ToJson(const Stretch<ShownSource>& answer, Page page) { return PageOf("sources", answer, page); }
Json ToJson(const Stretch<ShownTrack>& answer, Page page) { return PageOf("tracks", answer, page); }

Json ToJson(const CorrectionsPageAnswer& answer, Page page) {
  Json fields = PageOf("corrections", answer.corrections, page);
  fields["version"] = answer.version;
  fields["can_undo"] = answer.can_undo;
  fields["can_redo"] = answer.can_redo;
  return fields;
}

Json ToJson(const SuggestionsPageAnswer& answer, Page page) {
  Json fields = PageOf("suggestions", answer.suggestions, page);
  fields["version"] = answer.version;
  return fields;
}

Json ToJson(const FaceEvidenceAnswer& answer) {
  const FaceRecord& face = answer.face.listed.face;
  const SourceRecord& source = answer.source;
  Json landmarks = Json::array();
  for (const cv::Point2f& point : face.detection.landmarks) landmarks.push_back({point.x, point.y});
  return {{"face", Fields(answer.face)},
          {"source",
           {{"id", source.id},
            {"name", source.name},
            {"path", DisplayPath(source.path)},
            {"sha256", source.sha256},
            {"bytes", source.info.bytes},
            {"stream", source.info.stream_index},
            {"part", source.info.part},
            {"codec", source.info.codec},
            {"there", answer.there}}},
          {"frame", face.frame},
          {"time_base", TimeBase(source.info)},
          {"shot", answer.shot},
          {"start", answer.start},
          {"landmarks", std::move(landmarks)},
          {"seen_by", DetectorNames(face.detection.seen_by)},
          {"looked", DetectorNames(face.detection.looked)},
          {"track_quality", answer.track_quality},
          {"evidence", answer.evidence},
          {"confidence", answer.face.listed.confidence},
          {"confirmed", answer.confirmed},
          {"models", ModelFields(answer.models)},
          {"embeddings", ModelFields(answer.embeddings)},
          {"settings", source.settings}};
}

Json ToJson(const SourceMarksAnswer& answer) {
  return {{"shots", Rows(answer.shots)},
          {"dark", Rows(answer.dark)},
          {"still", Rows(answer.still)},
          {"exact", answer.exact},
          {"still_known", answer.still_known}};
}

Json ToJson(const FaceVerifiedAnswer& answer) {
  return {{"same", answer.same},
          {"source_is_the_same", answer.source_is_the_same},
          {"frame_found", answer.frame_found},
          {"difference", NumberOrNull(answer.difference)},
          {"told", answer.told}};
}

Json ToJson(const SourceShownAnswer& answer) {
  const SourceRecord& source = answer.source.source;
  const SourceInfo& info = source.info;
  const SelectCounts& counts = source.counts;
  Json places = Json::array();
  for (const SourcePlace& place : source.places) places.push_back(DisplayPath(place.path));
  return {{"source", Fields(answer.source)},
          {"path", DisplayPath(source.path)},
          {"sha256", source.sha256},
          {"fps", info.fps},
          {"codec", info.codec},
          {"part", info.part},
          {"stream", info.stream_index},
          {"time_base", TimeBase(info)},
          {"rotation", info.rotation},
          {"mirrored", info.mirrored},
          {"geometry", GeometryText(info)},
          {"created_from", info.created_from},
          {"located_from", info.located_from},
          {"altitude", NumberOrNull(info.altitude)},
          {"software", info.software},
          {"timecode", info.timecode},
          {"frames",
           {{"decoded", counts.decoded},
            {"dark", counts.dark},
            {"still", counts.still},
            {"paced", counts.paced},
            {"kept", counts.kept},
            {"cuts", counts.cuts}}},
          {"places", std::move(places)},
          {"settings", source.settings},
          {"copies", Rows(answer.copies)},
          {"persons", Rows(answer.persons)},
          {"unassigned_tracks", answer.unassigned_tracks}};
}

}  // namespace crossface

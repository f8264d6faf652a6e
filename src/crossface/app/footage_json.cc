// JSON of the answers about footage and faces.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "crossface/app/json.h"
#include "crossface/util/text.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

std::string_view WhomName(RedactWhom whom) {
  return whom == RedactWhom::kAll ? "all" : whom == RedactWhom::kOnly ? "only" : "except";
}

std::string IndexName(SearchIndexState state) {
  switch (state) {
    case SearchIndexState::kLoaded:
      return "as it was";
    case SearchIndexState::kUpdated:
      return "brought up to date";
    case SearchIndexState::kBuilt:
      return "made anew";
  }
  throw std::logic_error("IndexName: no such state");
}

Json MemberFields(const DuplicatesView& view, const DuplicateMember& member) {
  const SourceRecord& source = view.sources[member.source];
  return {{"source", source.name},
          {"sha256", source.sha256},
          {"start_ms", member.start_ms},
          {"end_ms", member.end_ms},
          {"duration_ms", source.info.duration_ms},
          {"width", source.info.width},
          {"height", source.info.height},
          {"bytes", source.info.bytes},
          {"longest", member.longest},
          {"largest", member.largest},
          {"best", member.best}};
}

// The fields of duplicates.csv.
Json PairFields(const DuplicatesView& view, const CopyRecord& copy) {
  const int64_t start = Milliseconds(copy.start_us), other_start = Milliseconds(copy.other_start_us);
  return {{"source", view.Source(copy.source_id).name},
          {"other", view.Source(copy.other_id).name},
          {"kind", CopyKindName(copy.kind)},
          {"start_ms", start},
          {"other_start_ms", other_start},
          {"offset_ms", other_start - start},
          {"overlap_ms", Milliseconds(copy.length_us)},
          {"alike", copy.alike},
          {"moments", copy.votes},
          {"mirrored", copy.mirrored},
          {"cut_out", CutOutName(copy.cut_out)}};
}

Json PhotoFields(const PhotoAnswer& photo) {
  Json faces = Json::array();
  for (const PhotoAnswer::Face& face : photo.faces) {
    faces.push_back({{"number", face.number},
                     {"box", ToJson(face.box)},
                     {"score", face.score},
                     {"quality", face.quality},
                     {"clear", face.clear}});
  }
  return {{"photo", DisplayPath(photo.path)}, {"sha256", photo.sha256},     {"width", photo.width},
          {"height", photo.height},           {"warnings", photo.warnings}, {"faces", std::move(faces)}};
}

Json HitFields(const SearchHit& hit, size_t rank) {
  Json json = {{"rank", rank},
               {"likely", hit.likely},
               {"log_odds", hit.log_odds},
               {"log10_likelihood_ratio", hit.log_odds / std::numbers::ln10},
               {"probability", hit.probability},
               {"expected_strangers", hit.expected_strangers},
               {"source", hit.source},
               {"source_sha256", hit.source_sha256},
               {"track", hit.track},
               {"start_ms", Milliseconds(hit.start_us)},
               {"end_ms", Milliseconds(hit.end_us)},
               {"best_face",
                {{"face", hit.face},
                 {"frame", hit.frame},
                 {"pts", hit.pts},
                 {"time_base", {hit.time_base_num, hit.time_base_den}},
                 {"time_ms", Milliseconds(hit.time_us)},
                 {"box", ToJson(hit.box)},
                 {"quality", hit.quality}}},
               {"picture", hit.picture},
               {"person", nullptr}};
  if (hit.person_id != 0)
    json["person"] = {{"id", hit.person_id}, {"name", hit.person}, {"ignored", hit.ignored}};
  return json;
}

Json QueryFields(const SearchAnswer::Query& query) {
  Json fields = {{"faces", Json::array()}, {"hits", Json::array()}, {"likely", query.likely}};
  for (const auto& [photo, face] : query.faces) fields["faces"].push_back({{"photo", photo}, {"face", face}});
  for (size_t i = 0; i < query.hits.size(); ++i) fields["hits"].push_back(HitFields(query.hits[i], i + 1));
  return fields;
}

}  // namespace

Json ToJson(const Box& box) { return {{"x", box.x}, {"y", box.y}, {"w", box.width}, {"h", box.height}}; }

Json ToJson(const ReembedAnswer& answer) {
  Json fields = Json::object();
  if (answer.summary)
    fields["reembed"] = {{"models", answer.models},
                         {"sources", answer.summary->sources},
                         {"tracks", answer.summary->tracks},
                         {"faces", answer.summary->faces},
                         {"from_pictures", answer.summary->from_pictures}};
  if (answer.group) fields["cluster"] = ToJson(*answer.group);
  if (answer.exported) fields["export"] = ToJson(*answer.exported);
  return fields;
}

Json ToJson(const DuplicatesAnswer& answer) {
  Json fields = Json::object();
  if (!answer.summary) return fields;
  const DuplicatesView& view = answer.view;
  Json groups = Json::array(), left_out = Json::array();
  for (size_t i = 0; i < view.groups.size(); ++i) {
    const DuplicateGroup& group = view.groups[i];
    Json members = Json::array(), pairs = Json::array();
    for (const DuplicateMember& member : group.members) members.push_back(MemberFields(view, member));
    for (const size_t copy : group.copies) pairs.push_back(PairFields(view, view.copies[copy]));
    groups.push_back(
        {{"group", i + 1}, {"sources", group.CountSources()}, {"members", members}, {"pairs", pairs}});
  }
  for (const auto& [source, message] : answer.summary->left_out)
    left_out.push_back({{"source", source}, {"message", message}});
  fields["duplicates"] = {{"sources", answer.summary->sources},
                          {"decoded", answer.summary->decoded},
                          {"left_out", answer.summary->left_out.size()},
                          {"pairs", answer.summary->pairs},
                          {"groups", view.groups.size()}};
  fields["groups"] = std::move(groups);
  fields["left_out"] = std::move(left_out);
  if (answer.exported) fields["export"] = ToJson(*answer.exported);
  return fields;
}

// Persons by number: names may be forgotten, and the log cannot.
Json ToJson(const RedactAnswer& answer) {
  Json fields = Json::object();
  if (!answer.summary) return fields;
  const RedactSummary& summary = *answer.summary;
  fields["redact"] = {{"source", answer.source},
                      {"source_sha256", answer.source_sha256},
                      {"output", answer.output.filename().string()},
                      {"output_sha256", summary.sha256},
                      {"whom", WhomName(answer.options.whom)},
                      {"persons", answer.options.persons},
                      {"method", HideMethodName(answer.options.method)},
                      {"strip_metadata", answer.options.strip_metadata},
                      {"exhaustive", answer.options.exhaustive},
                      {"detectors", summary.detectors},
                      {"encoder", summary.encoder},
                      {"frames", summary.frames},
                      {"frames_changed", summary.frames_changed},
                      {"places", summary.places},
                      {"found_again", summary.found_again},
                      {"notes", summary.notes}};
  return fields;
}

Json ToJson(const SearchAnswer& answer) {
  Json fields = Json::object();
  if (!answer.warnings.empty()) fields["warnings"] = answer.warnings;
  if (!answer.of_case) return fields;
  const SearchAnswer::Case& of_case = *answer.of_case;
  fields["tracks"] = of_case.tracks;
  fields["tracks_not_compared"] = of_case.tracks_not_compared;
  fields["exact"] = of_case.exact;
  if (!of_case.exact) fields["index"] = IndexName(of_case.index);
  fields["prior_odds"] = fmt::format("1:{}", of_case.tracks);
  fields["models"] = Json::array();
  for (const auto& [name, sha256] : of_case.models)
    fields["models"].push_back({{"name", name}, {"sha256", sha256}});
  fields["photos"] = Json::array();
  for (const PhotoAnswer& photo : answer.photos) fields["photos"].push_back(PhotoFields(photo));
  for (const SearchAnswer::Query& query : answer.queries) fields["queries"].push_back(QueryFields(query));
  return fields;
}

}  // namespace crossface

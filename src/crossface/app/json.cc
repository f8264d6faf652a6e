#include "crossface/app/json.h"

#include <nlohmann/json.hpp>

#include "crossface/curation/curation_event.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

// Sources with what is said of each.
Json MessageFields(const std::vector<std::pair<std::string, std::string>>& sources) {
  Json list = Json::array();
  for (const auto& [name, message] : sources) list.push_back({{"source", name}, {"message", message}});
  return list;
}

Json WhoFields(const SuggestionAnswer::Who& who) { return {{"id", who.id}, {"name", who.name}}; }

Json PersonsFields(const std::vector<PersonAnswer>& persons) {
  Json list = Json::array();
  for (const PersonAnswer& person : persons) list.push_back(ToJson(person));
  return list;
}

Json EnrolledFields(const std::vector<EnrolledFaceAnswer>& faces) {
  Json list = Json::array();
  for (const EnrolledFaceAnswer& face : faces)
    list.push_back({{"name", face.name},
                    {"photo", face.photo},
                    {"photo_sha256", face.photo_sha256},
                    {"box", ToJson(face.box)},
                    {"quality", face.quality},
                    {"time", face.time},
                    {"by", face.by}});
  return list;
}

Json DecodedFields(const std::map<std::string, CardUse>& films) {
  Json list = Json::array();
  for (const auto& [name, use] : films)
    list.push_back({{"source", name},
                    {"nvdec_frames", use.card_frames},
                    {"software_frames", use.processor_frames},
                    {"why_not", use.why_not}});
  return list;
}

Json CpuFields(const StageSeconds& cpu) {
  return {{"read", cpu.read},     {"decode", cpu.decode}, {"select", cpu.select},
          {"detect", cpu.detect}, {"track", cpu.track},   {"embed", cpu.embed},
          {"store", cpu.store},   {"looks", cpu.looks},   {"embedders", cpu.embedders}};
}

}  // namespace

Json ReasonFields(const std::map<UnassignedReason, int64_t>& tracks) {
  Json fields = Json::object();
  for (const auto& [reason, count] : tracks) fields[std::string(UnassignedReasonName(reason))] = count;
  return fields;
}

Json ToJson(const DeviceUse& use) {
  Json fields = {{"device", use.device}, {"nets", Json::array()}};
  for (const NetPlacement& net : use.nets) {
    Json nodes = Json::array();
    for (const auto& [provider, count] : net.nodes)
      nodes.push_back({{"provider", provider}, {"count", count}});
    fields["nets"].push_back({{"net", net.model}, {"nodes", std::move(nodes)}});
  }
  if (use.card) {
    fields["card"] = {{"name", use.card->name},
                      {"memory_bytes", use.card->memory_bytes},
                      {"free_bytes", use.card->free_bytes}};
  }
  return fields;
}

Json ToJson(const ScanAnswer& answer) {
  const ScanSummary& summary = answer.summary;
  const LeftOut& left_out = answer.left_out;
  Json bad = Json::array();
  for (const auto& [name, message] : summary.failed)
    bad.push_back({{"source", name}, {"status", "failed"}, {"message", message}});
  for (const auto& [name, message] : summary.damaged)
    bad.push_back({{"source", name}, {"status", "damaged"}, {"message", message}});
  return {{"sources", summary.sources},
          {"scanned", summary.scanned},
          {"unchanged", summary.unchanged},
          {"copies", summary.copies.size()},
          {"scanned_otherwise", summary.kept},
          {"turned", summary.turned.size()},
          {"left_out",
           {{"hidden", left_out.hidden},
            {"other_files", left_out.other_files},
            {"special", left_out.special},
            {"dead_links", left_out.dead_links},
            {"cases", left_out.cases}}},
          {"bad_sources", std::move(bad)},
          {"noted_sources", MessageFields(summary.noted)},
          {"frames", summary.frames},
          {"faces", summary.faces},
          {"tracks", summary.tracks},
          {"video_seconds", static_cast<double>(summary.video_ms) / 1000},
          {"pictures", summary.pictures},
          {"seconds", summary.seconds},
          {"cpu_seconds", CpuFields(summary.cpu)},
          {"decoded_by", DecodedFields(summary.decoded)},
          {"ran_on", answer.use ? ToJson(*answer.use) : Json()}};
}

Json ToJson(const ClusterSummary& answer) {
  return {{"method", answer.method},
          {"models", answer.models},
          {"device", answer.device},
          {"tracks", answer.tracks},
          {"persons", answer.persons},
          {"unassigned", answer.unassigned},
          {"unassigned_by_reason", ReasonFields(answer.unassigned_by_reason)},
          {"copied_tracks", answer.copied_tracks},
          {"cpu_seconds", answer.cpu_seconds}};
}

Json ToJson(const ExportSummary& summary) {
  return {{"persons", summary.persons},
          {"tracks", summary.tracks},
          {"faces", summary.faces},
          {"unassigned_tracks", summary.unassigned_tracks},
          {"unassigned_by_reason", ReasonFields(summary.unassigned_by_reason)},
          {"files_written", summary.files_written},
          {"files_removed", summary.files_removed},
          {"cpu_seconds", summary.cpu_seconds},
          {"sha256", summary.sha256}};
}

Json ToJson(const IdentifyAnswer& answer) {
  Json fields = Json::object();
  if (answer.scan) fields["scan"] = ToJson(*answer.scan);
  if (answer.group) fields["cluster"] = ToJson(*answer.group);
  if (answer.exported) fields["export"] = ToJson(*answer.exported);
  return fields;
}

Json ToJson(const PersonAnswer& answer) {
  return {{"id", answer.id},
          {"name", answer.name},
          {"ignored", answer.ignored},
          {"by_reference", answer.by_reference},
          {"folder", (answer.ignored ? "ignored/" : "people/") + answer.name},
          {"tracks", answer.tracks},
          {"faces", answer.faces},
          {"sources", answer.sources},
          {"screen_ms", Milliseconds(answer.screen_us)},
          {"cohesion", answer.cohesion ? Json(*answer.cohesion) : Json()},
          {"confirmed_tracks", answer.confirmed_tracks}};
}

Json ToJson(const PeopleAnswer& answer) {
  return {{"persons", PersonsFields(answer.persons)},
          {"unassigned_tracks", answer.unassigned_tracks},
          {"unassigned_by_reason", ReasonFields(answer.unassigned_by_reason)}};
}

Json ToJson(const PersonDetailAnswer& answer) {
  Json appearances = Json::array();
  for (const Appearance& appearance : answer.appearances)
    appearances.push_back({{"track", appearance.track},
                           {"start_ms", Milliseconds(appearance.start_us)},
                           {"end_ms", Milliseconds(appearance.end_us)},
                           {"faces", appearance.faces},
                           {"confidence", appearance.confidence},
                           {"confirmed", appearance.confirmed}});
  return {{"person", ToJson(answer.person)}, {"appearances", std::move(appearances)}};
}

Json ToJson(const EnrolAnswer& answer) {
  Json fields{{"enrolled", EnrolledFields(answer.enrolled)},
              {"named", PersonsFields(answer.named)},
              {"warnings", answer.warnings},
              {"cluster", nullptr}};
  if (answer.group) fields["cluster"] = ToJson(*answer.group);
  return fields;
}

Json ToJson(const ReferencesAnswer& answer) {
  return {{"references", EnrolledFields(answer.references)}, {"named", PersonsFields(answer.named)}};
}

Json ToJson(const SuggestionAnswer& suggestion) {
  return {{"rank", suggestion.rank},
          {"kind", suggestion.kind},
          {"person", WhoFields(suggestion.person)},
          {"other", suggestion.other ? WhoFields(*suggestion.other) : Json()},
          {"tracks", suggestion.tracks},
          {"probability", suggestion.probability},
          {"gain", suggestion.gain},
          {"picture", suggestion.picture},
          {"other_picture", suggestion.other_picture}};
}

Json ToJson(const SuggestionsAnswer& answer) {
  Json suggestions = Json::array();
  for (const SuggestionAnswer& suggestion : answer.suggestions) suggestions.push_back(ToJson(suggestion));
  return {{"suggestions", std::move(suggestions)}};
}

Json ToJson(const HistoryAnswer::Entry& entry) {
  Json fields = Describe(entry.event);
  fields["time"] = entry.event.time;
  fields["standing"] = entry.standing;
  return fields;
}

Json ToJson(const HistoryAnswer& answer) {
  Json corrections = Json::array();
  for (const HistoryAnswer::Entry& entry : answer.entries) corrections.push_back(ToJson(entry));
  return {{"corrections", std::move(corrections)}};
}

Json ToJson(const CorrectionAnswer& answer) {
  Json fields = Json::object();
  if (!answer.event) return fields;
  fields["dry_run"] = answer.dry_run;
  fields["correction"] = Describe(*answer.event);
  fields["notes"] = answer.notes;
  return fields;
}

std::string Document(const std::filesystem::path& case_folder, Json fields, const Ending& ending) {
  fields["schema"] = "crossface/1";
  if (!case_folder.empty())
    fields["case"] = std::filesystem::absolute(case_folder).lexically_normal().string();
  fields["exit"] = static_cast<int>(ending.code);
  if (const Status& status = ending.status; !status.ok()) {
    fields["error"] = {{"code", StatusCodeName(status.code())}, {"message", status.message()}};
    if (status.remedy() != Remedy::kNone) fields["error"]["remedy"] = RemedyName(status.remedy());
  }
  return fields.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace crossface

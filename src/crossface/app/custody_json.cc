// JSON of the answers about custody, formats and evaluation.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "crossface/app/json.h"
#include "crossface/io/store.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

Json ToJson(const EvaluatedReference& where) {
  return {{"source", where.source},
          {"track", where.track == 0 ? Json() : Json(where.track)},
          {"start_ms", where.start_us / 1000},
          {"end_ms", where.end_us / 1000},
          {"picture", where.picture}};
}

// The parts of a person who is mixed or split; `name` gives a part's.
template <typename Part>
Json PartsToJson(const std::vector<Part>& parts, const char* key, std::string Part::*name) {
  Json list = Json::array();
  for (const Part& part : parts) {
    Json tracks = Json::array();
    for (const EvaluatedReference& track : part.tracks) tracks.push_back(ToJson(track));
    list.push_back({{key, part.*name}, {"seconds", part.seconds}, {"tracks", tracks}});
  }
  return list;
}

template <typename Item, typename Convert>
Json Worst(const std::vector<Item>& items, size_t most, Convert convert) {
  Json list = Json::array();
  for (size_t i = 0; i < std::min(most, items.size()); ++i) list.push_back(convert(items[i]));
  return list;
}

Json ToJson(const Mistake& mistake) {
  Json entry = ToJson(mistake.track);
  entry.update({{"kind", MistakeName(mistake.kind)},
                {"seconds", mistake.seconds},
                {"person", mistake.person},
                {"true_person", mistake.true_person}});
  return entry;
}

std::vector<Mistake> FalseOnes(const Evaluation& evaluation) {
  std::vector<Mistake> list;
  for (const Mistake& mistake : evaluation.mistakes) {
    if (mistake.kind == Mistake::Kind::kFalse) list.push_back(mistake);
  }
  return list;
}

Json WorstToJson(const Evaluation& evaluation, size_t most) {
  const std::vector<Mistake> nobody = FalseOnes(evaluation);
  return {{"mixed", Worst(evaluation.mixed, most,
                          [](const MixedPerson& mixed) {
                            return Json{{"person", mixed.person},
                                        {"parts", PartsToJson(mixed.parts, "true_person",
                                                              &MixedPerson::Part::true_person)}};
                          })},
          {"missed", Worst(evaluation.missed, most,
                           [](const MissedTime& missed) {
                             Json entry = ToJson(missed.where);
                             entry.update({{"true_person", missed.true_person}, {"seconds", missed.seconds}});
                             return entry;
                           })},
          {"split", Worst(evaluation.split, most,
                          [](const SplitPerson& split) {
                            return Json{
                                {"true_person", split.true_person},
                                {"parts", PartsToJson(split.parts, "person", &SplitPerson::Part::person)}};
                          })},
          {"nobody", Worst(nobody, most, [](const Mistake& mistake) { return ToJson(mistake); })},
          {"counts",
           {{"mixed", evaluation.mixed.size()},
            {"missed", evaluation.missed.size()},
            {"split", evaluation.split.size()},
            {"nobody", nobody.size()}}}};
}

Json ConfidenceToJson(const Confidence& confidence) {
  Json json = {{"level", 0.95},
               {"resampled", "sources"},
               {"sources", confidence.sources},
               {"resamples", confidence.resamples},
               {"seed", kBootstrapSeed},
               {"intervals", Json::object()}};
  for (const auto& [name, interval] : confidence.of)
    json["intervals"][Json::json_pointer(name)] = {interval.low, interval.high};
  return json;
}

Json EvaluationFields(const Evaluation& evaluation, size_t most) {
  Json json = Json::object();
  for (const auto& [name, value] : NamedScores(evaluation)) json[Json::json_pointer(name)] = value;
  json["truth"] = evaluation.kind == TruthKind::kBoxes ? "boxes" : "intervals";
  json["confidence"] = ConfidenceToJson(evaluation.confidence);
  json["persons"] = {{"true", evaluation.true_persons},
                     {"predicted", evaluation.predicted_persons},
                     {"predicted_with_truth", evaluation.main().predicted_persons}};
  json["clicks"] = {{"needed", evaluation.clicks.needed},
                    {"least", evaluation.clicks.least},
                    {"most", evaluation.clicks.most}};
  json["tracks"] = {{"labelled", evaluation.tracks_labelled},
                    {"unlabelled", evaluation.tracks_unlabelled},
                    {"ignored", evaluation.tracks_ignored},
                    {"false", evaluation.tracks_false},
                    {"unlabelled_with_labelled", evaluation.unlabelled_with_labelled}};
  json["persons_where_nobody_is"] = evaluation.persons_where_nobody_is;
  json["missing_videos"] = evaluation.missing_videos;
  json["worst"] = WorstToJson(evaluation, most);
  json["mistakes"] = Json::array();
  for (const Mistake& mistake : evaluation.mistakes) json["mistakes"].push_back(ToJson(mistake));
  return json;
}

}  // namespace

Json ToJson(const VerifyAnswer& answer) {
  Json fields = Json::object();
  if (!answer.summary) return fields;
  Json findings = Json::array();
  for (const Finding& finding : answer.summary->findings)
    findings.push_back(
        {{"kind", FindingKindName(finding.kind)}, {"what", finding.what}, {"message", finding.message}});
  return {{"sources", answer.summary->sources},     {"files", answer.summary->files},
          {"log_lines", answer.summary->log_lines}, {"log_head", answer.summary->log_head},
          {"notes", answer.summary->notes},         {"findings", std::move(findings)}};
}

Json ToJson(const LocateAnswer& answer) {
  Json fields = Json::object();
  if (answer.summary) {
    fields["found"] = Json::array();
    for (const auto& [name, path] : answer.summary->found)
      fields["found"].push_back({{"source", name}, {"path", DisplayPath(path)}});
    fields["others"] = answer.summary->others;
    fields["missing"] = answer.summary->missing;
  }
  if (answer.exported) fields["export"] = ToJson(*answer.exported);
  return fields;
}

Json ToJson(const ForgetAnswer& answer) {
  Json fields = Json::object();
  if (answer.plan) {
    fields["dry_run"] = answer.dry_run;
    fields["forget"] = {{"persons", answer.plan->persons},
                        {"sources", answer.plan->sources},
                        {"tracks", answer.plan->tracks.size()},
                        {"faces", answer.plan->faces}};
  }
  if (answer.summary) {
    const ForgetSummary& summary = *answer.summary;
    fields["forgotten"] = {{"tracks", summary.tracks},
                           {"faces", summary.faces},
                           {"corrections_redacted", summary.corrections},
                           {"log_lines_redacted", summary.log_lines},
                           {"searched_for", summary.needles},
                           {"searched_files", summary.searched_files},
                           {"searched_bytes", summary.searched_bytes},
                           {"finished", summary.unfinished.empty()},
                           {"found_in", summary.found_in}};
  }
  if (answer.was_pending) fields["was_pending"] = *answer.was_pending;
  if (answer.exported) fields["export"] = ToJson(*answer.exported);
  return fields;
}

Json ToJson(const FormatsAnswer& answer) {
  Json formats = Json::array();
  for (const FormatSummary& summary : answer.formats)
    formats.push_back({{"format", summary.format}, {"files", summary.files}});
  return {{"out", io::AbsolutePlace(answer.out)}, {"formats", std::move(formats)}, {"tracks", answer.tracks}};
}

Json ToJson(const EvaluateAnswer& answer) {
  return answer.evaluation ? EvaluationFields(*answer.evaluation, answer.worst) : Json::object();
}

}  // namespace crossface

// evaluate: a case against the truth.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crossface/cli/commands.h"
#include "crossface/gallery/gallery.h"
#include "crossface/pipeline/evaluate.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

constexpr size_t kShownMistakes = 10;

nlohmann::json ToJson(const PrecisionRecall& score) {
  return {{"precision", score.precision}, {"recall", score.recall}, {"f", score.F()}};
}

nlohmann::json ToJson(const ClusterMetrics& metrics) {
  return {{"pairwise", ToJson(metrics.pairwise)}, {"bcubed", ToJson(metrics.bcubed)}, {"nmi", metrics.nmi}, {"purity", metrics.purity}};
}

nlohmann::json ToJson(const CoverageShare& share) {
  return {{"by_any_track", share.by_any_track}, {"by_assigned_track", share.by_assigned_track}};
}

nlohmann::json ToJson(const EvaluatedReference& track) {
  return {{"source", track.source}, {"track", track.track}, {"start_ms", track.start_us / 1000}};
}

nlohmann::json MixedToJson(const MixedPerson& mixed) {
  nlohmann::json parts = nlohmann::json::array();
  for (const MixedPerson::Part& part : mixed.parts) {
    nlohmann::json tracks = nlohmann::json::array();
    for (const EvaluatedReference& track : part.tracks) tracks.push_back(ToJson(track));
    parts.push_back({{"true_person", part.true_person}, {"seconds", part.seconds}, {"tracks", tracks}});
  }
  return {{"person", mixed.person}, {"parts", parts}};
}

// The samples decide where there are boxes: they weigh by time on screen and know who is where.
const ClusterMetrics& MainMetrics(const Evaluation& evaluation) {
  return evaluation.samples ? *evaluation.samples : evaluation.tracks;
}

nlohmann::json ToJson(const Evaluation& evaluation) {
  nlohmann::json json = ToJson(MainMetrics(evaluation));
  json["schema"] = "crossface/1";
  json["truth"] = evaluation.kind == Truth::Kind::kBoxes ? "boxes" : "intervals";
  json["by_track"] = ToJson(evaluation.tracks);
  json["persons"] = {{"true", evaluation.true_persons}, {"predicted", evaluation.predicted_persons},
                     {"predicted_with_truth", MainMetrics(evaluation).predicted_persons}};
  json["tracks"] = {{"labelled", evaluation.tracks_labelled}, {"unlabelled", evaluation.tracks_unlabelled}, {"ignored", evaluation.tracks_ignored},
                    {"false", evaluation.tracks_false}, {"unlabelled_with_labelled", evaluation.unlabelled_with_labelled}};
  json["coverage"] = ToJson(evaluation.coverage);
  if (evaluation.detectable_coverage) json["detectable_coverage"] = ToJson(*evaluation.detectable_coverage);
  if (evaluation.time) json["time"] = ToJson(*evaluation.time);
  json["persons_where_nobody_is"] = evaluation.persons_where_nobody_is;
  json["missing_videos"] = evaluation.missing_videos;
  json["mixed"] = nlohmann::json::array();
  for (const MixedPerson& mixed : evaluation.mixed) json["mixed"].push_back(MixedToJson(mixed));
  json["mistakes"] = nlohmann::json::array();
  for (const Mistake& mistake : evaluation.mistakes) {
    nlohmann::json entry = ToJson(mistake.track);
    entry.update({{"kind", MistakeName(mistake.kind)}, {"seconds", mistake.seconds}, {"person", mistake.person}, {"true_person", mistake.true_person}});
    json["mistakes"].push_back(entry);
  }
  return json;
}

void PrintScore(Terminal& terminal, const char* name, const PrecisionRecall& score) {
  terminal.Print(fmt::format("{:<28}precision {:.4f}  recall {:.4f}  F {:.4f}", name, score.precision, score.recall, score.F()));
}

void PrintPlain(const Evaluation& evaluation, Terminal& terminal) {
  const ClusterMetrics& metrics = MainMetrics(evaluation);
  PrintScore(terminal, "BCubed", metrics.bcubed);
  PrintScore(terminal, "pairwise", metrics.pairwise);
  if (evaluation.time) PrintScore(terminal, "time", *evaluation.time);
  terminal.Print(fmt::format("{:<28}{:.4f}", "NMI", metrics.nmi));
  terminal.Print(fmt::format("{:<28}{:.4f}", "weighted purity", metrics.purity));
  terminal.Print(fmt::format("{:<28}{} in folders, {} true ({} folders hold someone of the truth)", "persons", evaluation.predicted_persons,
                             evaluation.true_persons, metrics.predicted_persons));
  terminal.Print(fmt::format("{:<28}{:.4f} in folders, {:.4f} found at all", "coverage of true time", evaluation.coverage.by_assigned_track,
                             evaluation.coverage.by_any_track));
  if (evaluation.detectable_coverage) {
    terminal.Print(fmt::format("{:<28}{:.4f} in folders, {:.4f} found at all", "  outside dark shots", evaluation.detectable_coverage->by_assigned_track,
                               evaluation.detectable_coverage->by_any_track));
  }
  for (const std::string& person : evaluation.persons_where_nobody_is) terminal.Print("a person where nobody is: " + person);
  for (const MixedPerson& mixed : evaluation.mixed) {
    std::string line = "mixed: " + mixed.person;
    for (const MixedPerson::Part& part : mixed.parts) {
      line += fmt::format("  {} {:.1f} s ({} track {})", part.true_person, part.seconds, part.tracks.front().source, part.tracks.front().track);
    }
    terminal.Print(line);
  }
  const size_t shown = std::min(kShownMistakes, evaluation.mistakes.size());
  for (size_t i = 0; i < shown; ++i) {
    const Mistake& mistake = evaluation.mistakes[i];
    terminal.Print(fmt::format("{}: {} track {} at {} ({:.1f} s): {} is {}", MistakeName(mistake.kind), mistake.track.source, mistake.track.track,
                               Timecode(mistake.track.start_us / 1000), mistake.seconds, mistake.person.empty() ? "unassigned" : mistake.person,
                               mistake.true_person.empty() ? "nobody" : mistake.true_person));
  }
  if (shown < evaluation.mistakes.size()) terminal.Print(fmt::format("... and {} more; --json lists them", evaluation.mistakes.size() - shown));
}

}  // namespace

ExitCode RunEvaluate(const std::filesystem::path& case_folder, const std::filesystem::path& truth, const CommonOptions& common, Terminal& terminal) {
  const auto gallery = Gallery::Open(case_folder, Gallery::Mode::kRead);
  if (!gallery.ok()) return Report(gallery.status(), terminal);
  const auto evaluation = EvaluateCase(**gallery, truth);
  if (!evaluation.ok()) return Report(evaluation.status(), terminal);
  if (common.json) {
    terminal.Print(ToJson(*evaluation).dump(2));
  } else {
    PrintPlain(*evaluation, terminal);
  }
  return kExitDone;
}

}  // namespace crossface

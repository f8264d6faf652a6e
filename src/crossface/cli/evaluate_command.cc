// evaluate: a case against the truth.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crossface/cli/commands.h"
#include "crossface/evaluation/evaluate.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/time.h"

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

Json ToJson(const Evaluation& evaluation, size_t most) {
  Json json = {{"schema", "crossface/1"}};
  for (const auto& [name, value] : NamedScores(evaluation)) json[Json::json_pointer(name)] = value;
  json["truth"] = evaluation.kind == Truth::Kind::kBoxes ? "boxes" : "intervals";
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

class PlainPrinter {
 public:
  PlainPrinter(const Evaluation& evaluation, size_t most, Terminal& terminal)
      : evaluation_(evaluation), most_(most), terminal_(terminal), scores_(NamedScores(evaluation)) {}

  void Print() {
    PrintScores();
    PrintConfidence();
    PrintMixed();
    PrintMissed();
    PrintSplit();
    PrintNobody();
    if (without_picture_)
      terminal_.Note("faces without a picture here: crossface export writes the missing ones");
  }

 private:
  std::string Value(const std::string& name) const {
    const auto interval = evaluation_.confidence.of.find(name);
    if (interval == evaluation_.confidence.of.end()) return fmt::format("{:.4f}", scores_.at(name));
    return fmt::format("{:.4f} [{:.4f}, {:.4f}]", scores_.at(name), interval->second.low,
                       interval->second.high);
  }

  void Line(const char* name, const std::string& text) {
    terminal_.Print(fmt::format("{:<28}{}", name, text));
  }

  void PrintScore(const char* name, const std::string& place) {
    Line(name, fmt::format("precision {}  recall {}  F {}", Value(place + "/precision"),
                           Value(place + "/recall"), Value(place + "/f")));
  }

  void PrintShare(const char* name, const std::string& place) {
    Line(name, fmt::format("{} in folders, {} found at all", Value(place + "/by_assigned_track"),
                           Value(place + "/by_any_track")));
  }

  void PrintScores() {
    PrintScore("BCubed", "/bcubed");
    PrintScore("pairwise", "/pairwise");
    if (evaluation_.end_to_end) PrintScore("pairwise, misses counted", "/end_to_end/pairwise");
    if (evaluation_.time) PrintScore("time", "/time");
    Line("NMI", Value("/nmi"));
    Line("weighted purity", Value("/purity"));
    Line("persons", fmt::format("{} in folders, {} true ({} folders hold someone of the truth)",
                                evaluation_.predicted_persons, evaluation_.true_persons,
                                evaluation_.main().predicted_persons));
    Line("clicks to put all right", fmt::format("{} (least {}, track by track {})", evaluation_.clicks.needed,
                                                evaluation_.clicks.least, evaluation_.clicks.most));
    PrintShare("coverage of true time", "/coverage");
    if (evaluation_.detectable_coverage) PrintShare("  outside dark shots", "/detectable_coverage");
  }

  void PrintConfidence() {
    const Confidence& confidence = evaluation_.confidence;
    if (confidence.sources < 2) {
      terminal_.Print(
          "no intervals: there is one video with truth only, and the faces of one video are not independent");
    } else if (confidence.resamples > 0) {
      terminal_.Print(fmt::format(
          "in brackets: 95 % intervals from {} draws of {} videos, whole and with replacement{}",
          confidence.resamples, confidence.sources,
          confidence.sources < kFewSources ? "; so few videos give intervals that are too narrow" : ""));
      const bool point = std::any_of(confidence.of.begin(), confidence.of.end(),
                                     [](const auto& entry) { return entry.second.low == entry.second.high; });
      if (point)
        terminal_.Print("an interval of one point says that no video here differs, not that none ever will");
    }
  }

  // The face to look at, or where it is when no picture shows it.
  std::string Look(const EvaluatedReference& where) {
    if (!where.picture.empty()) return where.picture;
    without_picture_ |= where.track != 0;
    return where.track == 0 ? std::string("no face found")
                            : fmt::format("{} track {}", where.source, where.track);
  }

  static std::string Where(const EvaluatedReference& where) {
    return fmt::format("{} {} - {}", where.source, Timecode(where.start_us / 1000),
                       Timecode(where.end_us / 1000));
  }

  void Heading(const char* text, size_t count) {
    if (count == 0) return;
    terminal_.Print(fmt::format("\n{}: {}{}", text, count,
                                count > most_ ? fmt::format(", the worst {}", most_) : std::string()));
  }

  void PrintMixed() {
    Heading("persons that mix people", evaluation_.mixed.size());
    for (size_t i = 0; i < std::min(most_, evaluation_.mixed.size()); ++i) {
      terminal_.Print(fmt::format("  {}", evaluation_.mixed[i].person));
      for (const auto& part : evaluation_.mixed[i].parts)
        terminal_.Print(fmt::format("    {:>7.1f} s  {:<20}  {}", part.seconds, part.true_person,
                                    Look(part.tracks.front())));
    }
  }

  void PrintMissed() {
    Heading("people in no folder", evaluation_.missed.size());
    for (size_t i = 0; i < std::min(most_, evaluation_.missed.size()); ++i) {
      const MissedTime& missed = evaluation_.missed[i];
      terminal_.Print(fmt::format("    {:>7.1f} s  {:<20}  {}  {}", missed.seconds, missed.true_person,
                                  Where(missed.where), Look(missed.where)));
    }
  }

  void PrintSplit() {
    Heading("people with several folders", evaluation_.split.size());
    for (size_t i = 0; i < std::min(most_, evaluation_.split.size()); ++i) {
      terminal_.Print(fmt::format("  {}", evaluation_.split[i].true_person));
      for (const auto& part : evaluation_.split[i].parts)
        terminal_.Print(
            fmt::format("    {:>7.1f} s  {:<20}  {}", part.seconds, part.person, Look(part.tracks.front())));
    }
  }

  void PrintNobody() {
    const std::vector<Mistake> nobody = FalseOnes(evaluation_);
    Heading("faces in folders where nobody is", nobody.size());
    for (size_t i = 0; i < std::min(most_, nobody.size()); ++i)
      terminal_.Print(fmt::format("    {:>7.1f} s  {:<20}  {}  {}", nobody[i].seconds, nobody[i].person,
                                  Where(nobody[i].track), Look(nobody[i].track)));
    for (const std::string& person : evaluation_.persons_where_nobody_is)
      terminal_.Print("a person where nobody is: " + person);
  }

  // Below about ten clusters the bootstrap's intervals are markedly too narrow (Cameron, Gelbach & Miller
  // 2008).
  static constexpr int kFewSources = 10;

  const Evaluation& evaluation_;
  const size_t most_;
  Terminal& terminal_;
  const std::map<std::string, double> scores_;
  bool without_picture_ = false;
};

}  // namespace

ExitCode RunEvaluate(const EvaluateOptions& options, const CommonOptions& common, Terminal& terminal) {
  const auto gallery = Gallery::Open(options.case_folder, Gallery::Mode::kRead);
  if (!gallery.ok()) return Fail(gallery.status(), common, terminal, options.case_folder);
  const auto evaluation = EvaluateCase(**gallery, options.truth, options.resamples);
  if (!evaluation.ok()) return Fail(evaluation.status(), common, terminal, options.case_folder);
  if (common.json) {
    Json answer = ToJson(*evaluation, options.worst);
    answer["case"] = std::filesystem::absolute(options.case_folder).lexically_normal().string();
    answer["exit"] = static_cast<int>(kExitDone);
    terminal.PrintJson(answer.dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    PlainPrinter(*evaluation, options.worst, terminal).Print();
  }
  return kExitDone;
}

}  // namespace crossface

// evaluate: a case against the truth.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/commands.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

std::vector<Mistake> FalseOnes(const Evaluation& evaluation) {
  std::vector<Mistake> list;
  for (const Mistake& mistake : evaluation.mistakes) {
    if (mistake.kind == Mistake::Kind::kFalse) list.push_back(mistake);
  }
  return list;
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
  EvaluateAnswer answer;
  Ending ending = CaseService(options.case_folder).Evaluate(options.request, &answer);
  if (answer.evaluation && !common.json)
    PlainPrinter(*answer.evaluation, options.request.worst, terminal).Print();
  return Finish(options.case_folder, ToJson(answer), "", std::move(ending), common, terminal);
}

}  // namespace crossface

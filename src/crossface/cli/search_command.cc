#include "crossface/cli/search_command.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <numbers>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cli/answer.h"
#include "crossface/util/counted.h"
#include "crossface/util/text.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

struct SearchArguments {
  std::filesystem::path case_folder;
  SearchRequest request;
};

std::string HitLine(const SearchHit& hit, size_t rank) {
  const std::string strangers =
      hit.expected_strangers < 0.001 ? "<0.001" : fmt::format("{:.3g}", hit.expected_strangers);
  const std::string person =
      hit.person_id == 0 ? "nobody yet" : hit.person + (hit.ignored ? " (ignored)" : "");
  return fmt::format("{:>4}  {}  {:>11.3f}  {:>+8.1f}  {:>9}  {}  {} - {}  {}:{}  {}  {}", rank,
                     hit.likely ? "likely" : "      ", hit.probability, hit.log_odds / std::numbers::ln10,
                     strangers, Timecode(Milliseconds(hit.time_us)), Timecode(Milliseconds(hit.start_us)),
                     Timecode(Milliseconds(hit.end_us)), hit.source, hit.track, person, hit.picture);
}

std::string PhotoText(const PhotoAnswer& photo) {
  std::string text = fmt::format("{}: {} face{}\n", DisplayPath(photo.path), photo.faces.size(),
                                 photo.faces.size() == 1 ? "" : "s, the largest first");
  for (const PhotoAnswer::Face& face : photo.faces) {
    const Box& box = face.box;
    text += fmt::format("  face {}: {:.0f}x{:.0f} pixels at {:.0f},{:.0f}, quality {:.2f}\n", face.number,
                        box.width, box.height, box.x, box.y, face.quality);
  }
  return text;
}

std::string QueryText(const SearchAnswer::Query& query, const SearchAnswer::Case& of_case) {
  std::string text =
      fmt::format("{}, among {}{}: {}\n", Printable(query.told), Counted(of_case.tracks, "track"),
                  of_case.exact ? "" : " (by the index)",
                  query.likely > 0 ? fmt::format("{} likely", query.likely)
                                   : "no track is likely to show this person; the nearest are");
  text +=
      "rank          probability  log10 LR  strangers  best face     appearance                     "
      "source:track  person  picture\n";
  for (size_t i = 0; i < query.hits.size(); ++i) text += HitLine(query.hits[i], i + 1) + '\n';
  return text;
}

std::string Text(const SearchAnswer& answer) {
  std::string text;
  for (const PhotoAnswer& photo : answer.photos) {
    if (!photo.faces.empty()) text += (text.empty() ? "" : "\n") + PhotoText(photo);
  }
  for (const SearchAnswer::Query& query : answer.queries) text += "\n" + QueryText(query, *answer.of_case);
  return text;
}

ExitCode RunSearch(const SearchArguments& options, const CommonOptions& common, Terminal& terminal) {
  TerminalObserver observer(terminal);
  SearchAnswer answer;
  Ending ending = CaseService(options.case_folder).Search(options.request, WatchWith(observer), &answer);
  return Finish(options.case_folder, ToJson(answer), Text(answer), std::move(ending), common, terminal);
}

}  // namespace

void DeclareSearch(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<SearchArguments>();
  CLI::App* verb = app.add_subcommand("search", "who in the case is the person of a photo?");
  verb->add_option("photos", options->request.photos, "pictures with the face to look for")
      ->required()
      ->type_name("PHOTO");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  verb->add_option("--face", options->request.face, "only this face of each photo, 1 being the largest")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  verb->add_flag(
      "--same-person", options->request.same_person,
      "the photos show one person: search with all of them together (with the largest face of each, or "
      "that of --face)");
  verb->add_option("--limit", options->request.limit, "how many tracks to list per face")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_flag("--exact", options->request.exact, "compare with every track, in a large case too");
  verb->add_option("--models", options->request.models, "folder of the installed models")
      ->type_name("FOLDER");
  verb->add_option("--device", options->request.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return RunSearch(*options, *common, terminal); }; });
}

}  // namespace crossface

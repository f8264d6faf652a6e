#include "crossface/cli/duplicates_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/threads_option.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

struct DuplicatesArguments {
  std::filesystem::path case_folder;
  int threads = 1;
};

std::string PairLine(const DuplicatesView& view, const CopyRecord& copy) {
  const std::string both =
      fmt::format("    {}  =  {}", view.Source(copy.source_id).name, view.Source(copy.other_id).name);
  if (copy.kind == CopyRecord::Kind::kIdentical) return both + ": the same file\n";
  std::string line = both + ": ";
  if (copy.kind == CopyRecord::Kind::kVideo) {
    line +=
        fmt::format("{} at {}, {:.1f} s, ", Timecode(Milliseconds(copy.start_us)),
                    Timecode(Milliseconds(copy.other_start_us)), static_cast<double>(copy.length_us) / 1e6);
  }
  line += fmt::format("alike {:.3f}", copy.alike);
  if (copy.mirrored) line += ", mirrored";
  if (copy.cut_out != CopyRecord::CutOut::kNone) {
    line += fmt::format(
        ", {} is cut out",
        view.Source(copy.cut_out == CopyRecord::CutOut::kSource ? copy.source_id : copy.other_id).name);
  }
  return line + "\n";
}

std::string GroupsText(const DuplicatesView& view) {
  if (view.groups.empty()) return "no copies among the sources";
  std::string text;
  for (size_t i = 0; i < view.groups.size(); ++i) {
    const DuplicateGroup& group = view.groups[i];
    text += fmt::format("{}{}. {} sources hold one piece of footage\n", i > 0 ? "\n" : "", i + 1,
                        group.CountSources());
    for (const DuplicateMember& member : group.members) {
      const SourceRecord& source = view.sources[member.source];
      text += fmt::format("  {} {:>9}  {} to {}  {}{}{}\n", member.best ? '*' : ' ',
                          fmt::format("{}x{}", source.info.width, source.info.height),
                          Timecode(member.start_ms), Timecode(member.end_ms), Printable(source.name),
                          member.longest ? ", longest" : "", member.largest ? ", largest picture" : "");
    }
    for (const size_t copy : group.copies) text += PairLine(view, view.copies[copy]);
  }
  return text +
         "\n* likeliest to be nearest to the original\n"
         "\nThe next grouping (crossface cluster, or identify) gives a face that nobody could be told by to "
         "whom "
         "it is in another copy";
}

ExitCode RunDuplicates(const DuplicatesArguments& options, const CommonOptions& common, Terminal& terminal) {
  TerminalObserver observer(terminal);
  DuplicatesAnswer answer;
  Ending ending = CaseService(options.case_folder).Duplicates(options.threads, WatchWith(observer), &answer);
  nlohmann::json fields = ToJson(answer);
  return Finish(options.case_folder, std::move(fields), answer.summary ? GroupsText(answer.view) : "",
                std::move(ending), common, terminal);
}

}  // namespace

void DeclareDuplicates(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<DuplicatesArguments>();
  CLI::App* verb =
      app.add_subcommand("duplicates", "which sources are copies of each other, whole or in part");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  AddThreads(verb, &options->threads, "worker threads; results do not depend on it");
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no progress and no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return RunDuplicates(*options, *common, terminal); }; });
}

}  // namespace crossface

#include "crossface/cli/duplicates_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "crossface/cli/case_writer.h"
#include "crossface/cli/threads_option.h"
#include "crossface/export/case_view.h"
#include "crossface/export/duplicates_log.h"
#include "crossface/pipeline/duplicates.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kBetweenNotes(5);

struct Options {
  std::filesystem::path case_folder;
  int threads = 1;
};

Json MemberJson(const DuplicatesView& view, const DuplicateMember& member) {
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
Json PairJson(const DuplicatesView& view, const CopyRecord& copy) {
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

Json GroupsJson(const DuplicatesView& view) {
  Json groups = Json::array();
  for (size_t i = 0; i < view.groups.size(); ++i) {
    const DuplicateGroup& group = view.groups[i];
    Json members = Json::array(), pairs = Json::array();
    for (const DuplicateMember& member : group.members) members.push_back(MemberJson(view, member));
    for (const size_t copy : group.copies) pairs.push_back(PairJson(view, view.copies[copy]));
    groups.push_back(
        {{"group", i + 1}, {"sources", group.CountSources()}, {"members", members}, {"pairs", pairs}});
  }
  return groups;
}

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
  return text + "\n* likeliest to be nearest to the original";
}

ExitCode Run(const Options& options, const CommonOptions& common, Terminal& terminal) {
  CaseWriter writer(options.case_folder, common, terminal);
  std::string plain;
  bool left_out = false;
  const auto run = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(writer.Open("duplicates"));
    auto last_note = std::chrono::steady_clock::now();
    DuplicatesOptions duplicates{.threads = options.threads, .keep_going = KeepGoing};
    duplicates.progress = [&](const std::string& what, int64_t done, int64_t all) {
      const auto now = std::chrono::steady_clock::now();
      if (now - last_note < kBetweenNotes) return;
      last_note = now;
      terminal.Note(fmt::format("{} {} of {}", what, done, all));
    };
    CROSSFACE_ASSIGN_OR_RETURN(const DuplicatesSummary summary, FindDuplicates(writer.gallery(), duplicates));
    Json left = Json::array();
    for (const auto& [source, message] : summary.left_out) {
      writer.Warn(fmt::format("{}: left out: {}", source, message));
      left.push_back({{"source", source}, {"message", message}});
    }
    left_out = !summary.left_out.empty();
    CROSSFACE_ASSIGN_OR_RETURN(const DuplicatesView view, DuplicatesView::Read(writer.gallery()));
    const Json counts = {{"sources", summary.sources},
                         {"decoded", summary.decoded},
                         {"left_out", summary.left_out.size()},
                         {"pairs", summary.pairs},
                         {"groups", view.groups.size()}};
    writer.answer()["duplicates"] = counts;
    writer.answer()["groups"] = GroupsJson(view);
    writer.answer()["left_out"] = left;
    plain = GroupsText(view);
    CROSSFACE_RETURN_IF_ERROR(writer.Log("duplicates", counts));
    return writer.Export();
  };
  const Status status = run();
  return writer.End(status, plain, left_out ? kExitSomeSourcesBad : kExitDone);
}

}  // namespace

void DeclareDuplicates(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("duplicates", "which sources are copies of each other, whole or in part");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  AddThreads(verb, &options->threads, "worker threads; results do not depend on it");
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no progress and no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return Run(*options, *common, terminal); }; });
}

}  // namespace crossface

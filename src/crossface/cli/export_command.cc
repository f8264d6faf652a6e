// export --format: a case in the formats of other programs.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crossface/cli/commands.h"
#include "crossface/export/format_writer.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/counted.h"

namespace crossface {
namespace {

Result<nlohmann::json> WriteAll(const ExportFormatsOptions& options) {
  const bool bag = std::find(options.formats.begin(), options.formats.end(), "bag") != options.formats.end();
  // A bag holds the gallery's file: nobody may write to it while it is copied.
  CROSSFACE_ASSIGN_OR_RETURN(
      const std::unique_ptr<Gallery> gallery,
      Gallery::Open(options.case_folder, bag ? Gallery::Mode::kWrite : Gallery::Mode::kRead));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<FormatSummary> summaries,
                             WriteFormats(*gallery, options.formats, options.out, KeepGoing));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery->ReadTracks({}));
  nlohmann::json formats = nlohmann::json::array();
  for (const FormatSummary& summary : summaries)
    formats.push_back({{"format", summary.format}, {"files", summary.files}});
  return nlohmann::json{{"schema", "crossface/1"},
                        {"case", std::filesystem::absolute(options.case_folder).lexically_normal().string()},
                        {"out", std::filesystem::absolute(options.out).lexically_normal().string()},
                        {"formats", formats},
                        {"tracks", tracks.size()}};
}

std::string Dump(const nlohmann::json& answer) {
  return answer.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

ExitCode RunExportFormats(const ExportFormatsOptions& options, const CommonOptions& common,
                          Terminal& terminal) {
  Result<nlohmann::json> answer = WriteAll(options);
  if (!answer.ok()) return Fail(answer.status(), common, terminal, options.case_folder);
  const ExitCode code = (*answer)["tracks"] == 0 ? kExitNothingFound : kExitDone;
  (*answer)["exit"] = static_cast<int>(code);
  if (common.json) {
    terminal.PrintJson(Dump(*answer));
  } else {
    for (const auto& format : (*answer)["formats"]) {
      terminal.Print(fmt::format("{:<8} {}  {}", format["format"].get<std::string>(),
                                 Counted(format["files"].get<int64_t>(), "file"),
                                 (options.out / format["format"].get<std::string>()).string()));
    }
  }
  return code;
}

}  // namespace crossface

// export --format: a case in the formats of other programs.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crossface/app/case_service.h"
#include "crossface/app/json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/commands.h"
#include "crossface/util/counted.h"

namespace crossface {

ExitCode RunExportFormats(const ExportFormatsOptions& options, const CommonOptions& common,
                          Terminal& terminal) {
  TerminalObserver observer(terminal);
  FormatsAnswer answer;
  Ending ending =
      CaseService(options.case_folder).WriteFormats(options.request, WatchWith(observer), &answer);
  std::string plain;
  for (const FormatSummary& format : answer.formats)
    plain += fmt::format("{}{:<8} {}  {}", plain.empty() ? "" : "\n", format.format,
                         Counted(static_cast<int64_t>(format.files), "file"),
                         (options.request.out / format.format).string());
  nlohmann::json fields = ending.status.ok() ? ToJson(answer) : nlohmann::json::object();
  return Finish(options.case_folder, std::move(fields), plain, std::move(ending), common, terminal);
}

}  // namespace crossface

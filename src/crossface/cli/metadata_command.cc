// metadata: what files say about when, where and with what they were taken, without a case.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crossface/app/installation_json.h"
#include "crossface/cli/answer.h"
#include "crossface/cli/commands.h"

namespace crossface {
namespace {

using nlohmann::ordered_json;

void PrintPlain(const ordered_json& source, Terminal& terminal) {
  terminal.Print(Printable(source["source"].get<std::string>()));
  for (const auto& [field, value] : source.items()) {
    if (field == "source" || value.is_null()) continue;
    terminal.Print(fmt::format("  {:<14} {}", field,
                               value.is_string() ? Printable(value.get<std::string>()) : value.dump()));
  }
}

}  // namespace

ExitCode RunMetadata(const std::vector<std::filesystem::path>& sources, const CommonOptions& common,
                     Terminal& terminal) {
  TerminalObserver observer(terminal);
  MetadataAnswer answer;
  const Ending ending = ReadMetadata(
      sources, WatchWith(observer),
      [&](const MetadataAnswer::Source& source) {
        if (!common.json) PrintPlain(ToJson(source), terminal);
      },
      &answer);
  if (!ending.status.ok()) return Fail(ending.status, common, terminal);
  if (const std::string left_out = LeftOutText(answer.left_out); !left_out.empty()) terminal.Note(left_out);
  if (common.json)
    terminal.PrintJson(ToJson(answer, ending).dump(2, ' ', false, ordered_json::error_handler_t::replace));
  return ending.code;
}

}  // namespace crossface

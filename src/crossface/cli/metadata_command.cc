// metadata: what files say about when, where and with what they were taken, without a case.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "crossface/cli/commands.h"
#include "crossface/media/file/source.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/scan/further_parts.h"

namespace crossface {
namespace {

using nlohmann::ordered_json;

ordered_json OrNull(const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); }
ordered_json OrNull(const std::optional<double>& number) {
  return number ? ordered_json(*number) : ordered_json();
}

ordered_json Describe(const std::string& name, const SourceInfo& info) {
  return {{"source", name},
          {"created", OrNull(info.created)},
          {"created_from", OrNull(info.created_from)},
          {"latitude", OrNull(info.latitude)},
          {"longitude", OrNull(info.longitude)},
          {"altitude", OrNull(info.altitude)},
          {"located_from", OrNull(info.located_from)},
          {"make", OrNull(info.make)},
          {"model", OrNull(info.model)},
          {"software", OrNull(info.software)},
          {"rotation", info.rotation},
          {"mirrored", info.mirrored},
          {"pixel_aspect", info.pixel_aspect.ToString()},
          {"timecode", OrNull(info.timecode)},
          {"timecode_from", OrNull(info.timecode_from)},
          {"codec", OrNull(info.codec)},
          {"width", info.width},
          {"height", info.height},
          {"fps", info.fps},
          {"duration_ms", info.duration_ms}};
}

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
  const Result<SourceSearch> search = FindSources(sources);
  if (!search.ok()) return Fail(search.status(), common, terminal);
  for (const Status& unreadable : search->unreadable) terminal.Warn(unreadable.message());
  if (const std::string left_out = LeftOutText(search->left_out); !left_out.empty()) terminal.Note(left_out);
  ordered_json described = ordered_json::array();
  bool bad = !search->unreadable.empty();
  std::vector<SourceFile> files = search->files;
  for (size_t i = 0; i < files.size(); ++i) {
    if (!KeepGoing()) return Fail(Status(StatusCode::kInterrupted, "stopped"), common, terminal);
    const SourceFile file = files[i];
    std::vector<std::string> parts;
    const auto reader = OpenSource(file.path, {.part = file.part, .keep_going = KeepGoing}, &parts);
    const std::vector<SourceFile> further = NameParts({{file, parts}}, {}, files);
    files.insert(files.begin() + static_cast<ptrdiff_t>(i) + 1, further.begin(), further.end());
    if (reader.ok()) {
      described.push_back(Describe(file.name, (*reader)->info()));
    } else {
      bad = true;
      described.push_back({{"source", file.name}, {"error", reader.status().message()}});
    }
    if (!common.json) PrintPlain(described.back(), terminal);
  }
  const ExitCode code = search->files.empty() ? kExitNothingFound : bad ? kExitSomeSourcesBad : kExitDone;
  if (common.json) {
    ordered_json answer = {
        {"schema", "crossface/1"}, {"sources", described}, {"exit", static_cast<int>(code)}};
    for (const Status& unreadable : search->unreadable) answer["unreadable"].push_back(unreadable.message());
    terminal.PrintJson(answer.dump(2, ' ', false, ordered_json::error_handler_t::replace));
  }
  return code;
}

}  // namespace crossface

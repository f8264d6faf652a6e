#include "crossface/custody/run_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "crossface/gallery/facts.h"
#include "crossface/util/counted.h"
#include "crossface/util/directory.h"
#include "crossface/util/hash.h"
#include "crossface/util/nesting.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kFileName[] = "run.jsonl";
const std::string kBeforeTheFirst(64, '0');

Result<std::vector<std::string>> ReadLines(const Directory& case_folder) {
  auto text = case_folder.Read(kFileName);
  if (!text.ok() && text.status().code() != StatusCode::kNotFound) return text.status();
  std::vector<std::string> lines;
  if (!text.ok()) return lines;
  std::istringstream stream(std::move(*text));
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Json Parsed(const std::string& line) {
  return IsNestedTooDeep(line) ? Json(Json::value_t::discarded) : Json::parse(line, nullptr, false);
}

void ChangeTexts(const std::function<std::string(std::string_view)>& change, Json* json) {
  if (json->is_string()) *json = change(json->get_ref<const std::string&>());
  if (!json->is_structured()) return;
  for (auto& [key, value] : json->items()) {
    if (key != "prev") ChangeTexts(change, &value);
  }
}

// The line with its texts changed, byte by byte the same where none is. What is no JSON is changed as it is.
std::string ChangedLine(const std::string& line, const std::function<std::string(std::string_view)>& change) {
  const Json before = Parsed(line);
  if (before.is_discarded()) return change(line);
  Json after = before;
  ChangeTexts(change, &after);
  return after == before ? line : after.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A line that followed what stood before it follows what stands there now.
std::string ChainedAnew(const std::string& line, const std::string& old_head, const std::string& new_head) {
  Json json = Parsed(line);
  if (!json.is_object() || json.value("prev", Json()) != old_head) return line;
  json["prev"] = new_head;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The films that a line says are let go.
void TakeLetGo(const Json& line, std::map<std::string, std::string>* let_go) {
  if (!line.is_object() || line.value("event", Json()) != kLetGoEvent) return;
  const auto segments = line.find("segments"), time = line.find("time");
  if (segments == line.end() || !segments->is_array() || time == line.end() || !time->is_string()) return;
  for (const Json& segment : *segments) {
    const auto sha256 = segment.is_object() ? segment.find("sha256") : segment.end();
    if (sha256 != segment.end() && sha256->is_string())
      (*let_go)[sha256->get<std::string>()] = time->get<std::string>();
  }
}

// What the last finished run left in the gallery: the number of lines and the last one's hash.
void CheckSeal(const std::string& seal, const std::vector<std::string>& lines, RunLogCheck* check) {
  std::istringstream stream(seal);
  size_t count = 0;
  std::string head;
  if (!(stream >> count >> head)) return;
  if (lines.size() < count) {
    check->problems.push_back(fmt::format(
        "its last {} missing", Counted(static_cast<int64_t>(count - lines.size()), "line is", "lines are")));
  } else if (count > 0 && Sha256Hex(lines[count - 1]) != head) {
    check->problems.push_back(fmt::format("line {} is not the one that the gallery remembers", count));
  }
}

}  // namespace

RunLog::RunLog(std::filesystem::path case_folder)
    : case_folder_(std::move(case_folder)), run_(fmt::format("{}-{}", UtcNow(), ::getpid())) {}

Status RunLog::ReadHead(const Directory& case_folder) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<std::string> lines, ReadLines(case_folder));
  lines_ = static_cast<int64_t>(lines.size());
  head_ = lines.empty() ? kBeforeTheFirst : Sha256Hex(lines.back());
  return Status();
}

Status RunLog::Write(const std::string& event, const nlohmann::json& fields) {
  CROSSFACE_ASSIGN_OR_RETURN(const Directory case_folder, Directory::Open(case_folder_));
  if (lines_ < 0) CROSSFACE_RETURN_IF_ERROR(ReadHead(case_folder));
  Json line = {{"time", UtcNow()}, {"run", run_}, {"event", event}};
  for (const auto& [key, value] : fields.items()) line[key] = value;
  if (!rewritten_head_.empty()) line["rewritten_head"] = rewritten_head_;
  line["prev"] = head_;
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace);
  CROSSFACE_RETURN_IF_ERROR(case_folder.AppendLine(kFileName, text));
  head_ = Sha256Hex(text);
  ++lines_;
  rewritten_head_.clear();
  return Status();
}

Result<int64_t> RunLog::Rewrite(const std::function<std::string(std::string_view)>& change) {
  CROSSFACE_ASSIGN_OR_RETURN(const Directory case_folder, Directory::Open(case_folder_));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<std::string> lines, ReadLines(case_folder));
  std::string text, old_head = kBeforeTheFirst, new_head = kBeforeTheFirst;
  int64_t changed = 0;
  for (const std::string& line : lines) {
    std::string rewritten = ChangedLine(line, change);
    changed += rewritten != line;
    if (old_head != new_head) rewritten = ChainedAnew(rewritten, old_head, new_head);
    old_head = Sha256Hex(line);
    new_head = Sha256Hex(rewritten);
    text += rewritten + "\n";
  }
  lines_ = static_cast<int64_t>(lines.size());
  head_ = new_head;
  if (changed == 0) return changed;
  CROSSFACE_RETURN_IF_ERROR(case_folder.Write(kFileName, text, Durability::kSync));
  rewritten_head_ = old_head;
  return changed;
}

Status RunLog::Seal(Gallery& gallery) const {
  if (lines_ < 0) return Status();
  return gallery.WriteFact(kRunLogFact, fmt::format("{} {}", lines_, head_));
}

Result<RunLogCheck> CheckRunLog(const Gallery& gallery) {
  RunLogCheck check;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<std::string> lines, ReadLines(gallery.directory()));
  check.lines = static_cast<int64_t>(lines.size());
  std::string head = kBeforeTheFirst;
  bool chained = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    const Json line = Parsed(lines[i]);
    const auto prev = line.is_object() ? line.find("prev") : line.end();
    if (!line.is_object()) {
      check.notes.push_back(
          fmt::format("line {} is no JSON: a crash cut it short, or somebody changed it", i + 1));
    } else if (prev == line.end()) {
      if (chained)
        check.problems.push_back(fmt::format("line {} is not chained to the one before it", i + 1));
    } else if (*prev != head) {
      check.problems.push_back(fmt::format(
          "line {} does not follow what stands before it: a line was changed, removed or added", i + 1));
      chained = true;
    } else {
      if (!chained && i > 0)
        check.notes.push_back(fmt::format("its first {} lines are older than the chain", i));
      chained = true;
    }
    if (line.is_object() && line.value("event", "") == "export" && line.contains("sha256") &&
        line["sha256"].is_object()) {
      check.sha256.clear();
      for (const auto& [name, sha256] : line["sha256"].items())
        check.sha256[name] = sha256.is_string() ? sha256.get<std::string>() : "";
    }
    TakeLetGo(line, &check.let_go);
    head = Sha256Hex(lines[i]);
  }
  check.head = head;
  CROSSFACE_ASSIGN_OR_RETURN(const std::string seal, gallery.ReadFact(kRunLogFact));
  CheckSeal(seal, lines, &check);
  return check;
}

}  // namespace crossface

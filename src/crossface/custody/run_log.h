// CASE/run.jsonl: one JSON object per line for every run: what, when, with which models and settings;
// warnings and errors. Lines are only ever appended, each flushed to the disk, and each carries the SHA-256
// of the line before it as "prev", so that a line that was changed, removed or slipped in shows. Not
// thread-safe; one program writes at a time (the gallery's lock).
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

// The event that says which recordings are about to be let go.
inline constexpr char kLetGoEvent[] = "letting go";

class RunLog {
 public:
  explicit RunLog(std::filesystem::path case_folder);

  // Adds {"time": now, "run": id of this run, "event": event, ...fields, "prev": hash of the line before}.
  Status Write(const std::string& event, const nlohmann::json& fields);

  // Changes what the texts of the log say, and chains the lines anew; a chain that was broken stays broken at
  // that place. Returns how many lines were changed; the last line's old hash is told by the next line that
  // is written, as "rewritten_head". For forgetting alone.
  Result<int64_t> Rewrite(const std::function<std::string(std::string_view)>& change);

  // Notes in the gallery how far the log goes and its last line's hash, so that a log that was cut off shows
  // too. At the end of every run.
  Status Seal(Gallery& gallery) const;

 private:
  Status ReadHead(const Directory& case_folder);

  std::filesystem::path case_folder_;
  std::string run_;
  int64_t lines_ = -1;          // -1: not read yet
  std::string head_;            // SHA-256 of the last line
  std::string rewritten_head_;  // what it was before Rewrite(), until that is told
};

struct RunLogCheck {
  int64_t lines = 0;
  std::string head;                   // SHA-256 of the last line
  std::vector<std::string> problems;  // what was changed, removed or slipped in
  std::vector<std::string> notes;     // harmless: a line that a crash cut short, lines older than the chain
  // Films that were let go, by SHA-256: when. See custody/let_go.h.
  std::map<std::string, std::string> let_go;
  std::map<std::string, std::string> sha256;  // of the files that the last export wrote, as far as logged
};

// Errors: kPermissionDenied, kIo.
Result<RunLogCheck> CheckRunLog(const Gallery& gallery);

}  // namespace crossface

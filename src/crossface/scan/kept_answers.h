// What workers have answered about parts of a source, kept in the case until the source is complete: whoever
// asks may die meanwhile, and asks for nothing twice. Files in CASE/ranges/, by a hash of what was asked.
// Not thread-safe.
#pragma once

#include <optional>
#include <string>

#include "crossface/util/directory.h"

namespace crossface {

class KeptAnswers {
 public:
  // Of a case; outlives the object.
  explicit KeptAnswers(const Directory& case_folder) : case_folder_(case_folder) {}

  // `asked`: all that the answer depends on.
  static std::string KeyOf(std::string_view asked);

  // Whether there may be any.
  bool any() const { return case_folder_.Look(kFolder).kind == Directory::Kind::kFolder; }
  // Nothing where there is none, or none that can be read.
  std::optional<std::string> Find(const std::string& key) const;
  // Errors: those of Directory::Write.
  Status Keep(const std::string& key, std::string_view answer) const;
  // What cannot be removed stays until the next RemoveAll.
  void Remove(const std::string& key) const;
  // Nothing else that lies in the folder. Errors: those of Directory::RemoveFile.
  static Status RemoveAll(const Directory& case_folder);

 private:
  static constexpr char kFolder[] = "ranges";
  static std::string FileOf(const std::string& key) { return std::string(kFolder) + "/" + key; }

  const Directory& case_folder_;
};

}  // namespace crossface

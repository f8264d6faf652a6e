// The cases that a front end works on: those it was given, and those in a folder of cases, where new ones are
// made. Thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crossface/app/case_browser.h"
#include "crossface/util/mutex.h"
#include "crossface/util/status.h"

namespace crossface {

// 16 hexadecimal digits of the hash of its real place: the same next time.
std::string CaseId(const std::filesystem::path& case_folder);

struct CaseEntry {
  std::string id;
  std::filesystem::path folder;
  int64_t bytes = 0;    // of its database
  std::string problem;  // why it cannot be read; empty when it can
};

class CaseFolders {
 public:
  // `folder_of_cases` may be empty. Errors: kNotFound, kInvalidArgument for what is no folder.
  static Result<std::unique_ptr<CaseFolders>> Open(const std::vector<std::filesystem::path>& cases,
                                                   const std::filesystem::path& folder_of_cases);

  const std::filesystem::path& folder_of_cases() const { return folder_of_cases_; }
  // By name. Cases that appear in the folder of cases are found; links in it are not followed.
  std::vector<CaseEntry> List();
  // Errors: kNotFound.
  Result<std::shared_ptr<const CaseBrowser>> Find(const std::string& id);
  // An empty case in the folder of cases. Errors: kInvalidArgument (no such folder was given, a name that is
  // taken or no good), and those of making it.
  Result<CaseEntry> Create(const std::string& name);
  // Those that were found so far, by id.
  std::map<std::string, std::shared_ptr<const CaseBrowser>> known() const;

 private:
  CaseFolders() = default;
  void Look();

  std::vector<std::filesystem::path> cases_;
  std::filesystem::path folder_of_cases_;
  mutable Mutex mutex_;
  std::map<std::string, std::shared_ptr<const CaseBrowser>> known_ CROSSFACE_GUARDED_BY(mutex_);
};

}  // namespace crossface

// What nearly every look at a case needs and few changes touch: its sources, and what its people are called.
// Kept as long as the case's files are as they were when it was read.
#pragma once

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "crossface/app/look.h"
#include "crossface/util/mutex.h"

namespace crossface {

// Immutable.
class CaseFacts {
 public:
  // Takes the sources of `before`, which may be null, where they are the same still.
  static Result<std::shared_ptr<const CaseFacts>> Read(const Gallery& gallery, const CaseFacts* before);

  const std::vector<SourceRecord>& sources() const { return sources_->records; }  // by name
  const SourceRecord* Source(int64_t id) const;                                   // null: there is none
  std::optional<Who> Person(int64_t id) const;                                    // nothing: there is none
  std::string TrackName(int64_t source, int64_t number) const;                    // "clips/a.mp4:3"

 private:
  struct Sources {
    std::string written;  // kSourcesFact; empty where the gallery does not say
    std::vector<SourceRecord> records;
    std::unordered_map<int64_t, size_t> position;
  };
  std::shared_ptr<const Sources> sources_;
  std::unordered_map<int64_t, std::string> persons_;
};

// Looks at one case. Thread-safe.
class CaseReader {
 public:
  explicit CaseReader(std::filesystem::path case_folder) : case_folder_(std::move(case_folder)) {}

  // `look` gets the gallery at one moment, and facts that are as old or a little older.
  template <typename Look>
  auto LookAt(const Look& look) const
      -> decltype(look(std::declval<const Gallery&>(), std::declval<const CaseFacts&>())) {
    using Outcome = decltype(look(std::declval<const Gallery&>(), std::declval<const CaseFacts&>()));
    // Before the moment: what is read is never older than the stamp that it is kept under.
    const Stamp stamp = StampOf(case_folder_);
    return LookAtCase(case_folder_, [&](const Gallery& gallery) -> Outcome {
      CROSSFACE_ASSIGN_OR_RETURN(const auto facts, FactsAt(gallery, stamp));
      return look(gallery, *facts);
    });
  }

 private:
  // Size and time of the database and of what was written last.
  using Stamp = std::array<int64_t, 6>;
  static Stamp StampOf(const std::filesystem::path& case_folder);
  Result<std::shared_ptr<const CaseFacts>> FactsAt(const Gallery& gallery, const Stamp& stamp) const;

  const std::filesystem::path case_folder_;
  mutable Mutex mutex_;
  mutable Stamp stamp_ CROSSFACE_GUARDED_BY(mutex_){};
  mutable std::shared_ptr<const CaseFacts> facts_ CROSSFACE_GUARDED_BY(mutex_);
};

}  // namespace crossface

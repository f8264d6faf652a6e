// Where sources lie, and what they are called by it. Thread-safe but for RealPaths.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "crossface/gallery/records.h"

namespace crossface {

// Absolute paths without symbolic links. Files of one folder share the work of finding out; not thread-safe.
class RealPaths {
 public:
  // Of a file; where that cannot be found out, the absolute path as it is given.
  std::string Of(const std::filesystem::path& path);

 private:
  std::map<std::filesystem::path, std::filesystem::path> folders_;
};

// `name`, or, where that is taken, the name with as many folders of the file's path in front as it needs.
// Marks it as taken.
std::string FreeName(const std::string& name, const std::filesystem::path& path,
                     std::set<std::string>* taken);

// Where the source may lie below `folder`, which is thought to hold what was scanned: its name, and ends of
// its path there, longest first. Only files that are there.
std::vector<std::filesystem::path> PlacesBelow(const std::filesystem::path& folder,
                                               const SourceRecord& source);

}  // namespace crossface

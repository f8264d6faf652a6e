#include "crossface/scan/further_parts.h"

#include <algorithm>
#include <set>

#include "crossface/media/file/source_part.h"

namespace crossface {

std::vector<SourceFile> NameParts(const std::vector<FoundParts>& found,
                                  const std::vector<SourceRecord>& sources,
                                  const std::vector<SourceFile>& files) {
  std::set<std::string> taken;
  for (const SourceRecord& source : sources) taken.insert(source.name);
  for (const SourceFile& file : files) taken.insert(file.name);
  std::vector<SourceFile> named;
  for (const auto& [file, parts] : found) {
    const std::string_view file_name = FileNameOf(file.name, file.part);
    int number = 2;
    for (const std::string& part : parts) {
      const auto known = std::find_if(sources.begin(), sources.end(), [&](const SourceRecord& source) {
        return source.info.part == part && FileNameOf(source.name, part) == file_name;
      });
      std::string name = known == sources.end() ? PartName(file_name, number) : known->name;
      while (known == sources.end() && !taken.insert(name).second) name = PartName(file_name, ++number);
      ++number;
      named.push_back({file.path, std::move(name), part});
    }
  }
  return named;
}

std::vector<SourceFile> KnownParts(const SourceFile& file, const SourceRecord& as,
                                   const std::vector<SourceRecord>& sources) {
  std::vector<SourceFile> here, anywhere;
  for (const SourceRecord& source : sources) {
    if (source.sha256 != as.sha256 || !LeadsTo(as.info.part, source.info.part)) continue;
    (source.path == as.path ? here : anywhere).push_back({file.path, source.name, source.info.part});
  }
  // The file may have been moved, and its first part with it.
  return here.empty() ? anywhere : here;
}

}  // namespace crossface

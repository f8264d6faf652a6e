#include "crossface/scan/source_place.h"

#include <fmt/format.h>

#include <algorithm>

#include "crossface/io/store.h"
#include "crossface/media/file/source_part.h"
#include "crossface/util/text.h"

namespace crossface {

namespace fs = std::filesystem;

std::string RealPaths::Of(const fs::path& path) {
  const fs::path absolute = io::AbsolutePlace(path);
  // Links are of this machine.
  if (!io::SchemeOf(absolute.native()).empty()) return absolute.string();
  const auto kind = io::KindOf(absolute, io::Links::kTell);
  if (kind.ok() && *kind == io::Kind::kLink) {
    const auto real = io::RealPlace(absolute);
    return real.ok() ? *real : absolute.string();
  }
  const auto [known, added] = folders_.try_emplace(absolute.parent_path());
  if (added) {
    const auto real = io::RealPlace(absolute.parent_path());
    known->second = real.ok() ? fs::path(*real) : absolute.parent_path();
  }
  return (known->second / absolute.filename()).string();
}

std::string FreeName(const std::string& name, const fs::path& path, std::set<std::string>* taken) {
  fs::path folder = io::AbsolutePlace(path);
  for (auto depth = std::count(name.begin(), name.end(), '/'); depth >= 0; --depth)
    folder = folder.parent_path();
  std::string free = name;
  for (int n = 2; !taken->insert(free).second;) {
    if (folder.has_filename()) {
      free = EscapeInvalidUtf8(folder.filename().string()) + "/" + free;
      folder = folder.parent_path();
    } else {
      free = fmt::format("{} ({})", name, n++);
    }
  }
  return free;
}

std::vector<fs::path> PlacesBelow(const fs::path& folder, const SourceRecord& source) {
  std::vector<fs::path> places;
  const auto consider = [&](const fs::path& relative) {
    const fs::path place = folder / relative;
    if (io::IsFile(place) && std::find(places.begin(), places.end(), place) == places.end())
      places.push_back(place);
  };
  consider(FileNameOf(source.name, source.info.part));
  for (fs::path left = fs::path(source.path).relative_path(); !left.empty();) {
    consider(left);
    left = left.lexically_relative(*left.begin());
    if (left == ".") break;
  }
  return places;
}

}  // namespace crossface

#include "crossface/calibration/labelled_photos.h"

#include <algorithm>
#include <map>

#include "crossface/io/store.h"
#include "crossface/media/file/source.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

Status AddRoot(const fs::path& root, std::map<std::string, std::vector<fs::path>>* photos_of,
               LabelledPhotos* found) {
  CROSSFACE_ASSIGN_OR_RETURN(const SourceSearch search, FindSources({root}));
  if (!search.unreadable.empty()) return search.unreadable.front();
  for (const SourceFile& file : search.files) {
    const size_t slash = file.name.find('/');
    if (slash == std::string::npos) {
      found->of_nobody.push_back(file.path);
    } else {
      (*photos_of)[file.name.substr(0, slash)].push_back(file.path);
    }
  }
  // A folder without photos is somebody too.
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<io::Entry> entries, io::List(root.string()));
  for (const io::Entry& entry : entries) {
    if (entry.name.starts_with('.')) continue;
    CROSSFACE_ASSIGN_OR_RETURN(const io::Kind kind, io::KindOf((root / entry.name).string()));
    if (kind == io::Kind::kFolder) (void)(*photos_of)[EscapeInvalidUtf8(entry.name)];
  }
  return Status();
}

}  // namespace

Result<LabelledPhotos> FindLabelledPhotos(const std::vector<fs::path>& roots) {
  std::map<std::string, std::vector<fs::path>> photos_of;
  LabelledPhotos found;
  for (const fs::path& root : roots) {
    std::error_code error;
    if (fs::exists(root, error) && !fs::is_directory(root, error))
      return Status(StatusCode::kInvalidArgument,
                    DisplayPath(root) + " is no folder; a folder per person is looked for in it");
    CROSSFACE_RETURN_IF_ERROR(AddRoot(root, &photos_of, &found));
  }
  for (auto& [person, paths] : photos_of) {
    if (paths.empty()) {
      found.empty.push_back(person);
      continue;
    }
    std::sort(paths.begin(), paths.end());
    for (fs::path& path : paths)
      found.photos.push_back({std::move(path), static_cast<int>(found.people.size())});
    found.people.push_back(person);
  }
  return found;
}

}  // namespace crossface

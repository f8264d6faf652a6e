#include "crossface/custody/locate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "crossface/gallery/recordings.h"
#include "crossface/io/store.h"
#include "crossface/scan/file_content.h"
#include "crossface/scan/source_place.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

class Locating {
 public:
  Locating(Gallery& gallery, const LocateOptions& options) : gallery_(gallery), options_(options) {}

  Result<LocateSummary> Run() {
    CROSSFACE_ASSIGN_OR_RETURN(const io::Kind kind,
                               io::KindOf(options_.place, io::Links::kFollow, options_.stop));
    if (kind == io::Kind::kNothing)
      return Status(StatusCode::kNotFound, DisplayPath(options_.place) + " is not there");
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<SourceRecord> sources, gallery_.ReadSources());
    const bool is_known = std::any_of(sources.begin(), sources.end(), [&](const SourceRecord& source) {
      return source.name == options_.source;
    });
    if (!options_.source.empty() && !is_known)
      return Status(StatusCode::kNotFound, fmt::format("there is no source {}", options_.source));
    std::erase_if(sources, [&](const SourceRecord& source) { return !IsLookedFor(source); });
    std::vector<SourceRecord> moved;
    int64_t done = 0;
    for (SourceRecord& source : sources) {
      CROSSFACE_ASSIGN_OR_RETURN(const bool found, Find(&source));
      if (found) moved.push_back(source);
      if (options_.progress) options_.progress(++done, static_cast<int64_t>(sources.size()));
    }
    if (!moved.empty()) CROSSFACE_RETURN_IF_ERROR(gallery_.WritePlaces(moved));
    return std::move(summary_);
  }

 private:
  bool IsLookedFor(const SourceRecord& source) const {
    if (source.sha256.empty()) return false;
    if (!options_.source.empty()) return source.name == options_.source;
    const auto version = io::VersionOf(source.path);
    return !version.ok() || version->bytes != source.info.bytes;
  }

  // Gives the source its new place, when its content lies there.
  Result<bool> Find(SourceRecord* source) {
    const bool is_file = io::IsFile(options_.place);
    const auto places =
        is_file ? std::vector<fs::path>{options_.place} : PlacesBelow(options_.place, *source);
    bool other = false;
    for (const fs::path& place : places) {
      CROSSFACE_ASSIGN_OR_RETURN(const FileContent* content, Read(place, source->info.bytes));
      other = true;
      if (content == nullptr || content->sha256 != source->sha256) continue;
      source->path = real_.Of(place);
      source->modified_ns = content->version.modified_ns;
      std::erase_if(source->places, [&](const SourcePlace& each) { return each.path == source->path; });
      summary_.found.emplace_back(source->name, source->path);
      return true;
    }
    // A recording that was let go is nowhere, and nobody misses it.
    CROSSFACE_ASSIGN_OR_RETURN(const auto let_go, FindLetGo(gallery_, source->sha256));
    if (other || !let_go || !options_.source.empty())
      (other ? summary_.others : summary_.missing).push_back(source->name);
    return false;
  }

  // What lies there; null where it has another size than is looked for, or cannot be read.
  Result<const FileContent*> Read(const fs::path& place, int64_t bytes) {
    const auto [known, added] = read_.try_emplace(place);
    if (added) {
      const auto version = io::VersionOf(place);
      if (!version.ok() || version->bytes != bytes) {
        read_.erase(known);
        return nullptr;
      }
      auto content = ReadFileContent(place, options_.stop);
      if (content.status().code() == StatusCode::kInterrupted) return content.status();
      if (content.ok()) known->second = *std::move(content);
    }
    return known->second ? &*known->second : nullptr;
  }

  Gallery& gallery_;
  const LocateOptions& options_;
  RealPaths real_;
  std::map<fs::path, std::optional<FileContent>> read_;  // several sources may be parts of one file
  LocateSummary summary_;
};

}  // namespace

Result<LocateSummary> LocateSources(Gallery& gallery, const LocateOptions& options) {
  return Locating(gallery, options).Run();
}

}  // namespace crossface

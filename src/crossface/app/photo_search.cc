#include "crossface/app/photo_search.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>

#include "crossface/media/read/frame_reader.h"
#include "crossface/util/file.h"
#include "crossface/util/jpeg.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

class PrivateFolder {
 public:
  static Result<PrivateFolder> Make() {
    std::error_code error;
    std::string path = (fs::temp_directory_path(error) / "crossface-XXXXXX").string();
    if (error || ::mkdtemp(path.data()) == nullptr)
      return ErrnoStatus(error ? error.value() : errno, "cannot make a temporary folder");
    return PrivateFolder(path);
  }
  PrivateFolder(PrivateFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  ~PrivateFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit PrivateFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

void Replace(const std::string& from, const std::string& to, std::string* text) {
  for (size_t at = text->find(from); at != std::string::npos; at = text->find(from, at + to.size()))
    text->replace(at, from.size(), to);
}

// Calls `use` with the path of a file that holds the photo. Where it lies is nobody's business: no error
// names it.
template <typename Use>
Ending WithPhoto(std::string_view photo, const std::string& name, const Use& use) {
  const auto folder = PrivateFolder::Make();
  if (!folder.ok()) return {folder.status(), ExitCodeFor(folder.status())};
  const fs::path path = folder->path() / "photo";
  if (Status written = WriteFileAtomically(path, photo); !written.ok()) {
    const ExitCode code = ExitCodeFor(written);
    return {std::move(written), code};
  }
  Ending ending = use(path);
  std::string message = ending.status.message();
  Replace(DisplayPath(path), name, &message);
  if (!ending.status.ok()) ending.status = Status(ending.status.code(), message, ending.status.remedy());
  return ending;
}

Result<std::string> SmallJpegOf(const fs::path& photo, int most_side, const std::stop_token& stop) {
  constexpr int kQuality = 85;
  CROSSFACE_ASSIGN_OR_RETURN(const auto reader, OpenSource(photo, {.stop = stop}));
  CROSSFACE_ASSIGN_OR_RETURN(const auto frame, reader->Next());
  if (!frame) return Status(StatusCode::kNoVideo, "there is no picture in it");
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, frame->picture->Bgr());
  return EncodeSmallJpeg(bgr, most_side, kQuality);
}

}  // namespace

Ending SearchByPhoto(const CaseService& service, std::string_view photo, SearchRequest request,
                     const Watch& watch, SearchAnswer* answer) {
  const std::string name = "photo";
  return WithPhoto(photo, name, [&](const fs::path& path) {
    request.photos = {path};
    Ending ending = service.Search(request, watch, answer);
    const std::string shown = DisplayPath(path);
    for (PhotoAnswer& each : answer->photos) {
      each.path = name;
      for (std::string& warning : each.warnings) Replace(shown, name, &warning);
    }
    for (std::string& warning : answer->warnings) Replace(shown, name, &warning);
    for (auto& query : answer->queries) {
      Replace(shown, name, &query.told);
      for (auto& [file, face] : query.faces) Replace(shown, name, &file);
    }
    return ending;
  });
}

Ending EnrolByPhoto(const CaseService& service, std::string_view photo, EnrolRequest request,
                    const Watch& watch, EnrolAnswer* answer) {
  const std::string name = request.called;
  return WithPhoto(photo, name, [&](const fs::path& path) {
    request.photos = {path};
    Ending ending = service.Enrol(request, watch, answer);
    for (std::string& warning : answer->warnings) Replace(DisplayPath(path), name, &warning);
    return ending;
  });
}

Result<std::string> JpegOfPhoto(std::string_view photo, int most_side, const std::stop_token& stop) {
  Result<std::string> jpeg = std::string();
  const Ending ending = WithPhoto(photo, "photo", [&](const fs::path& path) {
    jpeg = SmallJpegOf(path, most_side, stop);
    return Ending{jpeg.status(), ExitCodeFor(jpeg.status())};
  });
  CROSSFACE_RETURN_IF_ERROR(ending.status);
  return jpeg;
}

}  // namespace crossface

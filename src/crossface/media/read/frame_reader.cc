#include "crossface/media/read/frame_reader.h"

#include <utility>

#include "crossface/media/file/opened_part.h"
#include "crossface/media/read/card_reader.h"
#include "crossface/media/read/libav_reader.h"
#include "crossface/util/text.h"

namespace crossface {

namespace {

Result<std::unique_ptr<FrameReader>> OpenByLibav(const std::filesystem::path& path,
                                                 const ReaderOptions& options,
                                                 std::vector<std::string>* parts) {
  parts->clear();
  CROSSFACE_ASSIGN_OR_RETURN(OpenedPart opened, OpenPart(path, options.part, options.stop));
  *parts = opened.appended;
  const MediaType& type = opened.type;
  const std::string name = DisplayPath(path);
  if (type.format == nullptr && !type.tiff && !type.heif && !type.camera_raw) {
    return Status(StatusCode::kCorrupt,
                  name + ": is neither a video nor an image: nothing in its content says so");
  }
  if (type.names_other_files) {
    return Status(
        StatusCode::kUnsupported,
        name +
            ": is a list or text, not pictures, and what it names is not opened; name the files themselves");
  }
  return LibavReader::Open(std::move(opened.file), type, options, opened.part, parts);
}

}  // namespace

Result<std::unique_ptr<FrameReader>> OpenSource(const std::filesystem::path& path,
                                                const ReaderOptions& options,
                                                std::vector<std::string>* parts) {
  std::vector<std::string> unwanted;
  if (parts == nullptr) parts = &unwanted;
  if (!options.card) return OpenByLibav(path, options, parts);
  const auto open = [path](const ReaderOptions& with, std::vector<std::string>* of_file) {
    return OpenByLibav(path, with, of_file);
  };
  return CardReader::Open(DisplayPath(path), open, options, parts);
}

}  // namespace crossface

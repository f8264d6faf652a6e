#include "crossface/media/frame_reader.h"

#include <utility>

#include "crossface/media/input_file.h"
#include "crossface/media/libav_reader.h"
#include "crossface/media/media_type.h"
#include "crossface/media/text.h"

namespace crossface {

Result<std::unique_ptr<FrameReader>> OpenSource(const std::filesystem::path& path,
                                                const ReaderOptions& options) {
  CROSSFACE_ASSIGN_OR_RETURN(std::unique_ptr<InputFile> file, InputFile::Open(path, options.keep_going));
  const std::string name = DisplayPath(path);
  if (file->size() == 0)
    return Status(StatusCode::kCorrupt, name + ": is empty (0 bytes); get another copy of the file");
  CROSSFACE_ASSIGN_OR_RETURN(const MediaType type, RecogniseMedia(*file, Look::kThorough));
  if (type.heif) {
    return Status(StatusCode::kUnsupported,
                  name + ": HEIF and AVIF pictures cannot be read; convert it to JPEG or PNG");
  }
  if (type.format == nullptr) {
    return Status(StatusCode::kCorrupt,
                  name + ": is neither a video nor an image: nothing in its content says so");
  }
  if (type.names_other_files) {
    return Status(
        StatusCode::kUnsupported,
        name +
            ": is a list or text, not pictures, and what it names is not opened; name the files themselves");
  }
  return LibavReader::Open(std::move(file), type, options);
}

}  // namespace crossface

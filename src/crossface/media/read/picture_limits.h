// What a picture may come to, so that no file asks for more memory than there is. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crossface/media/file/input_file.h"
#include "crossface/util/status.h"

namespace crossface {

// kUnsupported, naming the file, for one of more than 1 GiB. `what` it is: "an image", "an animation".
Status CheckPictureBytes(const InputFile& file, std::string_view what);

// The whole file. Errors: those of CheckPictureBytes and of InputFile::ReadAt.
Result<std::string> ReadPictureFile(const InputFile& file, std::string_view what);

// kUnsupported, naming the file as `name`: that its pictures have so many pixels, and how many they may have.
Status TooManyPixels(const std::string& name, uint64_t pixels, int64_t max_pixels);
// The same for pictures of more pixels than these.
Status CheckPixels(const std::string& name, int64_t pixels, int64_t max_pixels);

}  // namespace crossface

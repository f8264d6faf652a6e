// Raw pictures of cameras that are no TIFF files (Canon, Fujifilm, Minolta, Olympus, Panasonic, Sigma):
// telling them, and finding the JPEG that the camera developed. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace crossface {

// By the bytes that the file begins with.
bool IsRawPicture(std::string_view file);

struct DevelopedCopy {
  size_t begin = 0, bytes = 0;
  int64_t pixels = 0;
};

// The largest whole JPEG in it, wherever it lies: makers keep its place in structures of their own.
std::optional<DevelopedCopy> FindDevelopedCopy(std::string_view file);

}  // namespace crossface

#include "crossface/media/file/camera_raw.h"

#include <algorithm>
#include <array>

#include "crossface/media/file/jpeg_layout.h"

namespace crossface {

bool IsRawPicture(std::string_view file) {
  using namespace std::string_view_literals;
  // Fujifilm, Olympus (three), Panasonic and Leica, Sigma, Minolta.
  constexpr std::array kBegins = {"FUJIFILMCCD-RAW"sv, "IIRO"sv, "IIRS"sv, "MMOR"sv,
                                  "IIU\0"sv,           "FOVb"sv, "\0MRM"sv};
  if (std::any_of(kBegins.begin(), kBegins.end(),
                  [&](std::string_view each) { return file.starts_with(each); }))
    return true;
  // Canon's CRW and CR3.
  return file.substr(0, 14).ends_with("HEAPCCDR"sv) || file.substr(0, 12).ends_with("ftypcrx "sv);
}

std::optional<DevelopedCopy> FindDevelopedCopy(std::string_view file) {
  constexpr std::string_view kStart("\xFF\xD8\xFF", 3);
  std::optional<DevelopedCopy> largest;
  size_t at = file.find(kStart);
  while (at != std::string_view::npos) {
    const JpegLayout layout = ReadJpegLayout(file.substr(at));
    if (layout.pixels > 0 && (!largest || layout.pixels > largest->pixels))
      largest = {.begin = at, .bytes = layout.end, .pixels = layout.pixels};
    // A thumbnail lies within the picture that it is of.
    at = file.find(kStart, at + (layout.pixels > 0 ? std::max<size_t>(layout.end, 1) : 1));
  }
  return largest;
}

}  // namespace crossface

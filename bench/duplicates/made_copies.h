// Copies of videos as they go round: made with ffmpeg, one file per video and kind.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace crossface::bench {

struct MadeFile {
  std::filesystem::path path;
  std::string kind;           // "original", or how the copy was made
  std::vector<int> families;  // whose footage is in it: originals that share footage are one family
  int original = 0;           // position of the original it was made from
  double length_s = 0;        // of the original
  double offset_s = 0;        // a moment of the original is so much later in it
};

// The videos of a folder by name, and their copies in `work`, which are made where they are missing. Every
// second family is of half 0, the others of half 1; compilations are made within a half. `report` is told of
// files that could not be made.
std::vector<MadeFile> MakeCopies(const std::filesystem::path& videos, const std::filesystem::path& work,
                                 const std::function<void(const std::string&)>& report);

// In the order of the tables.
const std::vector<std::string>& CopyKinds();

}  // namespace crossface::bench

// Finds the pieces of metadata in a picture file, each for itself: one that is damaged takes no other with
// it. What is found may be damaged; whoever reads it has to be ready for that. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crossface {

struct MetadataPieces {
  std::vector<std::string> exif;  // TIFF structures
  std::vector<std::string> xmp;   // packets
  bool is_tiff = false;           // the whole file is a TIFF structure
};

// From a whole JPEG, PNG, WebP, HEIF, AVIF or TIFF file, or a camera's raw picture, in memory.
MetadataPieces FindMetadataPieces(std::string_view file);

// Takes metadata and colour profiles out of a JPEG, PNG or WebP, or makes them nameless; returns whether
// there were any. A decoder does not need them, and may refuse the picture, or call it damaged, because of
// them.
bool DropMetadata(std::string& file);

}  // namespace crossface

// Looks through every file of a case for what should be gone: pieces of pictures and vectors, and names.
// Files are read in blocks, so the memory does not depend on their size.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crossface/custody/forgotten_names.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

using Needles = std::set<std::string>;

// Faces of so many are in memory at a time.
inline constexpr size_t kTracksAtOnce = 64;

// Adds pieces of `bytes` long enough never to stand anywhere by chance; several, because the database may
// break any of them at the end of a page.
void AddPieces(std::string_view bytes, Needles* needles);
// Of these tracks' faces: pictures, vectors, templates. Errors: the gallery's.
Status AddPiecesOfTracks(const Gallery& gallery, const std::vector<int64_t>& track_ids, Needles* needles);

// Finds many strings at once, in a text that comes in blocks. Keeps pointers to the needles. Not thread-safe.
class BlockSearcher {
 public:
  explicit BlockSearcher(const Needles& needles);
  // Goes on with the next block; what stands across two blocks is found too.
  void Push(std::string_view block, std::set<std::string>* found);
  // Begins another text.
  void Reset() { tail_.clear(); }

 private:
  void Look(std::string_view text, std::set<std::string>* found) const;

  std::unordered_map<uint64_t, std::vector<const std::string*>> by_key_;
  std::vector<bool> filter_;
  std::vector<const std::string*> short_;  // shorter than a key
  size_t longest_ = 1;
  std::string tail_;  // of the blocks before, too short to hold a needle
};

struct FileSearch {
  int64_t files = 0, bytes = 0;
  std::vector<std::string> found_in;  // files, relative to the case folder; columns of the gallery's tables
  std::set<std::string> pieces;       // that were found
};

// Errors: the gallery's, and those of reading files.
Result<FileSearch> SearchCase(const Gallery& gallery, const Needles& pieces, const ForgottenNames& names);

}  // namespace crossface

#include "crossface/custody/forget_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "crossface/gallery/stored_texts.h"

namespace crossface {
namespace {

constexpr size_t kPieceBytes = 24;
constexpr size_t kPieces = 4;
// All JPEGs of one quality begin with the same tables.
constexpr size_t kJpegTables = 640;
constexpr size_t kMostHeldText = 2 << 20;
constexpr size_t kKeyBytes = 8;
constexpr size_t kFilterBits = 22;

uint64_t KeyOf(const char* bytes) {
  uint64_t key;
  std::memcpy(&key, bytes, sizeof key);
  return key;
}

size_t FilterPlace(uint64_t key) { return key * 0x9E3779B97F4A7C15u >> (64 - kFilterBits); }

void AddVectors(const std::vector<FaceEmbedding>& embeddings, Needles* needles) {
  for (const FaceEmbedding& embedding : embeddings)
    AddPieces(
        {reinterpret_cast<const char*>(embedding.vector.data()), embedding.vector.size() * sizeof(float)},
        needles);
}

// Looks for names in a text that comes in blocks, cutting it only between words.
class NameSearcher {
 public:
  explicit NameSearcher(const ForgottenNames& names) : names_(names) {}
  bool Push(std::string_view block) {
    if (begun_ && !is_text_) return false;
    if (!begun_) is_text_ = block.find('\0') == std::string_view::npos;
    begun_ = true;
    if (!is_text_) return false;
    rest_ += block;
    const size_t cut = rest_.find_last_of("\n\r");
    if (cut == std::string::npos && rest_.size() < kMostHeldText) return false;
    const std::string text = rest_.substr(0, cut == std::string::npos ? rest_.size() : cut);
    rest_.erase(0, text.size());
    return names_.IsIn(text);
  }
  bool End() const { return names_.IsIn(rest_); }

 private:
  const ForgottenNames& names_;
  bool begun_ = false, is_text_ = false;
  std::string rest_;
};

}  // namespace

void AddPieces(std::string_view bytes, Needles* needles) {
  if (bytes.size() < kPieceBytes) return;
  needles->insert(std::string(bytes.substr(bytes.size() - kPieceBytes)));
  for (size_t i = 1; i <= kPieces; ++i)
    needles->insert(std::string(bytes.substr((bytes.size() - kPieceBytes) * i / (kPieces + 1), kPieceBytes)));
}

Status AddPiecesOfTracks(const Gallery& gallery, const std::vector<int64_t>& track_ids, Needles* needles) {
  for (size_t first = 0; first < track_ids.size(); first += kTracksAtOnce) {
    const size_t end = std::min(track_ids.size(), first + kTracksAtOnce);
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks,
                               gallery.ReadTracks({.faces = true, .embeddings = true, .templates = true},
                                                  {track_ids.begin() + static_cast<ptrdiff_t>(first),
                                                   track_ids.begin() + static_cast<ptrdiff_t>(end)}));
    for (const TrackRecord& track : tracks) {
      AddVectors(track.templates, needles);
      for (const FaceRecord& face : track.faces) {
        AddVectors(face.embeddings, needles);
        CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, gallery.ReadFacePicture(face.id));
        if (jpeg.size() > kJpegTables) AddPieces(std::string_view(jpeg).substr(kJpegTables), needles);
      }
    }
  }
  return Status();
}

BlockSearcher::BlockSearcher(const Needles& needles) : filter_(size_t{1} << kFilterBits) {
  for (const std::string& needle : needles) {
    longest_ = std::max(longest_, needle.size());
    if (needle.size() < kKeyBytes) {
      short_.push_back(&needle);
      continue;
    }
    const uint64_t key = KeyOf(needle.data());
    by_key_[key].push_back(&needle);
    filter_[FilterPlace(key)] = true;
  }
}

void BlockSearcher::Push(std::string_view block, std::set<std::string>* found) {
  // What was too short to be looked through, with as much of the block as a needle may go on.
  if (!tail_.empty()) Look(tail_ + std::string(block.substr(0, longest_ - 1)), found);
  Look(block, found);
  tail_ += block.substr(block.size() > longest_ - 1 ? block.size() - (longest_ - 1) : 0);
  if (tail_.size() > longest_ - 1) tail_.erase(0, tail_.size() - (longest_ - 1));
}

void BlockSearcher::Look(std::string_view text, std::set<std::string>* found) const {
  for (const std::string* needle : short_) {
    if (text.find(*needle) != std::string_view::npos) found->insert(*needle);
  }
  if (by_key_.empty()) return;
  for (size_t i = 0; i + kKeyBytes <= text.size(); ++i) {
    const uint64_t key = KeyOf(text.data() + i);
    if (!filter_[FilterPlace(key)]) continue;
    const auto candidates = by_key_.find(key);
    if (candidates == by_key_.end()) continue;
    for (const std::string* needle : candidates->second) {
      if (text.substr(i, needle->size()) == *needle) found->insert(*needle);
    }
  }
}

Result<FileSearch> SearchCase(const Gallery& gallery, const Needles& pieces, const ForgottenNames& names) {
  FileSearch search;
  const std::vector<std::string> strings = names.ByteStrings();
  const Needles written(strings.begin(), strings.end());
  BlockSearcher piece_searcher(pieces), string_searcher(written);
  const Directory& folder = gallery.directory();
  // What the last export wrote says what the gallery says, whose texts are looked through below; in its
  // scripts and pictures short names stand by chance.
  std::set<std::string> exported;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ExportedFile> files, gallery.ReadExportedFiles());
  for (const ExportedFile& file : files) exported.insert(file.path);
  const Status searched = folder.ForEachFile([&](const std::string& path) -> Status {
    ++search.files;
    std::set<std::string> found_pieces, found_strings;
    NameSearcher name_searcher(names);
    bool named = names.IsIn(path);
    piece_searcher.Reset();
    string_searcher.Reset();
    CROSSFACE_RETURN_IF_ERROR(folder.ReadBlocks(path, [&](std::string_view block) {
      search.bytes += static_cast<int64_t>(block.size());
      piece_searcher.Push(block, &found_pieces);
      string_searcher.Push(block, &found_strings);
      named = named || (!exported.contains(path) && name_searcher.Push(block));
      return true;
    }));
    named = named || name_searcher.End();
    if (named || !found_pieces.empty() || !found_strings.empty()) search.found_in.push_back(path);
    search.pieces.merge(found_pieces);
    return Status();
  });
  CROSSFACE_RETURN_IF_ERROR(searched);
  if (names.empty()) return search;
  // The database is no text, and short names stand in its pictures by chance.
  std::set<std::string> columns;
  CROSSFACE_RETURN_IF_ERROR(ForEachStoredText(folder.path() / "crossface.db",
                                              [&](const std::string& column, std::string_view text) {
                                                if (!columns.contains(column) && names.IsIn(text))
                                                  columns.insert(column);
                                                return true;
                                              }));
  for (const std::string& column : columns) search.found_in.push_back("crossface.db: " + column);
  return search;
}

}  // namespace crossface

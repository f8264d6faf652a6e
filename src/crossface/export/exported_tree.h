// The files of a case folder that exports write, kept in step with what they should be. The gallery remembers
// every path that an export wrote: only those are replaced, moved or removed. A path is remembered before its
// file is written, and whose picture it is only afterwards, so that an export that was killed at any moment
// is completed by the next.
//
// Nothing outside the case folder is touched, whatever the gallery says and whatever links lie in the folder.
// A file of the user's that stands where an export has to write is renamed, never lost. Not thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "crossface/export/streamed_file.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

// A face's picture and where it belongs, relative to the case folder.
struct PicturePlace {
  std::string path;
  int64_t face_id = 0;
  int64_t bytes = 0;
};

// Whether a killed export can have left a file of this name.
inline bool IsHalfWritten(std::string_view name) {
  return name.starts_with(".crossface-") && name.ends_with(".tmp");
}

// All methods' errors: kPermissionDenied, kOutOfResources, kIo, each naming the file; the gallery's.
class ExportedTree {
 public:
  static Result<ExportedTree> Open(Gallery& gallery);
  // As if earlier exports had written nothing but the files below these folders and these files: the others
  // stay as they are.
  static Result<ExportedTree> OpenPart(Gallery& gallery, std::vector<std::string> folders,
                                       std::vector<std::string> files);

  // Renames the folders of persons whose names have changed, with everything in them. Call first.
  Status MoveFolders(const std::vector<ExportedFolder>& wanted);

  // Pictures that are in place stay untouched, those that belong elsewhere now are moved, missing ones are
  // written. `advance` is called after each picture; its error ends the writing.
  Status WritePictures(const std::vector<PicturePlace>& pictures, const std::function<Status()>& advance);

  // Writes the file unless it has this content already; soon, with others, in the order of the calls. Gives
  // the content's SHA-256, which the gallery keeps once the file is there.
  Result<std::string> WriteFile(const std::string& path, std::string content);

  // The same for a file that is too large to be held: `fill` appends its content, at once.
  Result<std::string> StreamFile(const std::string& path, const std::function<Status(StreamedFile&)>& fill);

  // Removes what earlier exports wrote and this one did not ask for, folders that are empty after that, and
  // what a killed export left half written. Call last.
  Status RemoveObsolete();

  int64_t written() const { return written_; }
  int64_t removed() const { return removed_; }

 private:
  struct Known {
    int64_t face_id = 0;
    bool wanted = false;
  };

  explicit ExportedTree(Gallery& gallery) : gallery_(&gallery) {}

  Status ReadKnownFiles();
  Status FinishMoves(std::vector<ExportedFolder>* folders);
  // For each picture whether it is where it belongs; calls `advance` for those that are. Looks into each
  // folder once, and remembers what a killed export left half written there.
  Result<std::vector<char>> FindInPlace(const std::vector<PicturePlace>& pictures,
                                        const std::function<Status()>& advance);
  Status WriteQueued();
  void Note(const std::string& path, const std::string& sha256);
  Status WriteBatch(const std::vector<const PicturePlace*>& batch, const std::function<Status()>& advance);
  Status PutPicture(const PicturePlace& picture, std::vector<std::string>* moved_away);
  Status Announce(const std::vector<ExportedFile>& files);
  Status KeepUserFile(const std::string& path) const;
  Status MoveInto(const std::string& from, const std::string& to) const;
  void RemoveEmptyFolders(const std::set<std::string>& folders) const;
  void RemoveHalfWritten() const;

  Gallery* gallery_;
  struct Part {
    std::vector<std::string> folders, files;
  };
  std::optional<Part> part_;                      // nothing: all that exports wrote
  std::unordered_map<std::string, Known> known_;  // by path
  std::unordered_map<int64_t, std::string>
      elsewhere_;                                // by face: where a picture is that belongs somewhere else
  std::set<std::string> moved_from_;             // folders that pictures were moved out of
  std::unordered_set<std::string> looked_into_;  // folders
  std::vector<std::string> half_written_;        // in these
  std::unordered_map<std::string, std::string> digests_;  // of files that are no pictures, by path
  std::vector<ExportedFile> to_note_;                     // whose digest the gallery has not yet
  struct Queued {
    std::string path, content, sha256;
  };
  std::vector<Queued> queued_;
  size_t queued_bytes_ = 0;
  int64_t written_ = 0, removed_ = 0;
};

}  // namespace crossface

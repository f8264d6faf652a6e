#include "crossface/export/exported_tree.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_set>
#include <utility>

#include "crossface/media/text.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

// Pictures per transaction of the gallery: enough that its flushes to the disk do not count beside the
// pictures.
constexpr size_t kBatch = 500;

bool Exists(const fs::path& path) {
  struct stat facts;
  return ::lstat(path.c_str(), &facts) == 0;
}

bool IsFileOfSize(const fs::path& path, int64_t bytes) {
  struct stat facts;
  return ::lstat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size == bytes;
}

Status Rename(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return Status();
  return ErrnoStatus(errno, fmt::format("cannot rename {} to {}", DisplayPath(from), DisplayPath(to)));
}

Status CreateFolders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) return Status();
  return ErrnoStatus(error.value(), fmt::format("cannot create the folder {}", DisplayPath(folder)));
}

std::string MovingFolder(int64_t person_id) { return fmt::format("people/.moving-{}", person_id); }

}  // namespace

Result<ExportedTree> ExportedTree::Open(Gallery& gallery) {
  ExportedTree tree(gallery);
  CROSSFACE_RETURN_IF_ERROR(tree.ReadKnownFiles());
  return tree;
}

Status ExportedTree::ReadKnownFiles() {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ExportedFile> files, gallery_->ReadExportedFiles());
  known_.clear();
  for (const ExportedFile& file : files) known_[file.path] = {.face_id = file.face_id};
  return Status();
}

Status ExportedTree::MoveFolders(const std::vector<ExportedFolder>& wanted) {
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<ExportedFolder> recorded, gallery_->ReadExportedFolders());
  CROSSFACE_RETURN_IF_ERROR(FinishMoves(&recorded));  // what a killed export began
  std::unordered_map<int64_t, std::string> now;
  for (const ExportedFolder& folder : recorded) now[folder.person_id] = folder.folder;
  std::vector<ExportedFolder> plan = wanted;
  for (ExportedFolder& folder : plan) {
    const auto old = now.find(folder.person_id);
    if (old == now.end() || old->second == folder.folder) continue;
    folder.moving_to = std::exchange(folder.folder, old->second);
  }
  if (plan == recorded) return Status();
  CROSSFACE_RETURN_IF_ERROR(gallery_->WriteExportedFolders(plan));
  return FinishMoves(&plan);
}

// By way of a folder that only this person can have, so that two persons can exchange their names. The
// gallery knows the target and which of the two steps is under way: within a step, a folder that is still at
// its start has not been moved.
Status ExportedTree::FinishMoves(std::vector<ExportedFolder>* folders) {
  const fs::path& root = gallery_->case_folder();
  const auto moving = [](const ExportedFolder& folder) { return !folder.moving_to.empty(); };
  if (std::none_of(folders->begin(), folders->end(), moving)) return Status();
  for (ExportedFolder& folder : *folders) {
    if (!moving(folder)) continue;
    const std::string away = MovingFolder(folder.person_id);
    if (folder.folder != away && Exists(root / folder.folder)) {
      moved_from_.insert(fs::path(folder.folder).parent_path());
      CROSSFACE_RETURN_IF_ERROR(CreateFolders((root / away).parent_path()));
      CROSSFACE_RETURN_IF_ERROR(Rename(root / folder.folder, root / away));
    }
    folder.folder = away;
  }
  CROSSFACE_RETURN_IF_ERROR(gallery_->WriteExportedFolders(*folders));
  for (ExportedFolder& folder : *folders) {
    if (!moving(folder)) continue;
    if (Exists(root / folder.folder))
      CROSSFACE_RETURN_IF_ERROR(MoveInto(root / folder.folder, root / folder.moving_to));
    folder.folder = std::exchange(folder.moving_to, "");
  }
  CROSSFACE_RETURN_IF_ERROR(gallery_->WriteExportedFolders(*folders));
  return ReadKnownFiles();
}

Status ExportedTree::MoveInto(const fs::path& from, const fs::path& to) const {
  if (!Exists(to)) {
    CROSSFACE_RETURN_IF_ERROR(CreateFolders(to.parent_path()));
    return Rename(from, to);
  }
  if (!fs::is_directory(fs::symlink_status(from)) || !fs::is_directory(fs::symlink_status(to))) {
    // What an earlier export wrote for somebody else of that name may go; what a user put there may not.
    const std::string path = to.lexically_relative(gallery_->case_folder()).generic_string();
    if (!known_.contains(path)) CROSSFACE_RETURN_IF_ERROR(KeepUserFile(path));
    return Rename(from, to);
  }
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator entry(from, error), end; !error && entry != end; entry.increment(error)) {
    entries.push_back(entry->path().filename());
  }
  if (error) return ErrnoStatus(error.value(), fmt::format("cannot read the folder {}", DisplayPath(from)));
  for (const fs::path& name : entries) CROSSFACE_RETURN_IF_ERROR(MoveInto(from / name, to / name));
  if (::rmdir(from.c_str()) == 0) return Status();
  return ErrnoStatus(errno, fmt::format("cannot remove the folder {}", DisplayPath(from)));
}

Status ExportedTree::KeepUserFile(const std::string& path) const {
  const fs::path taken = gallery_->case_folder() / path;
  for (int number = 1;; ++number) {
    const fs::path kept = taken.parent_path() / fmt::format("{} (kept {}){}", taken.stem().string(), number,
                                                            taken.extension().string());
    if (!Exists(kept)) return Rename(taken, kept);
  }
}

bool ExportedTree::IsInPlace(const PicturePlace& picture) const {
  const auto known = known_.find(picture.path);
  return known != known_.end() && known->second.face_id == picture.face_id &&
         IsFileOfSize(gallery_->case_folder() / picture.path, picture.bytes);
}

Status ExportedTree::WritePictures(const std::vector<PicturePlace>& pictures,
                                   const std::function<bool()>& keep_going) {
  std::unordered_set<int64_t> missing;
  std::vector<const PicturePlace*> to_write;
  int64_t in_place = 0;
  for (const PicturePlace& picture : pictures) {
    if (!IsInPlace(picture)) {
      to_write.push_back(&picture);
      missing.insert(picture.face_id);
      continue;
    }
    known_[picture.path].wanted = true;
    ++in_place;
  }
  elsewhere_.clear();
  for (const auto& [path, known] : known_) {
    if (known.face_id != 0 && !known.wanted && missing.contains(known.face_id))
      elsewhere_[known.face_id] = path;
  }
  for (; in_place > 0; --in_place) {
    if (!keep_going()) return Status(StatusCode::kInterrupted, "stopped");
  }
  for (size_t begin = 0; begin < to_write.size(); begin += kBatch) {
    const size_t end = std::min(to_write.size(), begin + kBatch);
    CROSSFACE_RETURN_IF_ERROR(WriteBatch(
        {to_write.begin() + static_cast<ptrdiff_t>(begin), to_write.begin() + static_cast<ptrdiff_t>(end)},
        keep_going));
  }
  return Status();
}

Status ExportedTree::Announce(const std::vector<ExportedFile>& files) {
  for (const ExportedFile& file : files) {
    if (!known_.contains(file.path) && Exists(gallery_->case_folder() / file.path)) {
      CROSSFACE_RETURN_IF_ERROR(KeepUserFile(file.path));
    }
  }
  CROSSFACE_RETURN_IF_ERROR(gallery_->WriteExportedFiles(files, {}));
  for (const ExportedFile& file : files) known_[file.path] = {.face_id = 0, .wanted = true};
  return Status();
}

Status ExportedTree::WriteBatch(const std::vector<const PicturePlace*>& batch,
                                const std::function<bool()>& keep_going) {
  std::vector<ExportedFile> announced;
  for (const PicturePlace* picture : batch) announced.push_back({.path = picture->path});
  CROSSFACE_RETURN_IF_ERROR(Announce(announced));

  std::vector<ExportedFile> done;
  std::vector<std::string> moved_away;
  Status status;
  for (const PicturePlace* picture : batch) {
    status = PutPicture(*picture, &moved_away);
    if (status.ok()) done.push_back({.path = picture->path, .face_id = picture->face_id});
    if (status.ok() && !keep_going()) status = Status(StatusCode::kInterrupted, "stopped");
    if (!status.ok()) break;
  }
  CROSSFACE_RETURN_IF_ERROR(gallery_->WriteExportedFiles(done, moved_away));
  for (const ExportedFile& file : done) known_[file.path] = {.face_id = file.face_id, .wanted = true};
  return status;
}

Status ExportedTree::PutPicture(const PicturePlace& picture, std::vector<std::string>* moved_away) {
  const fs::path target = gallery_->case_folder() / picture.path;
  ++written_;
  if (const auto old = elsewhere_.find(picture.face_id); old != elsewhere_.end()) {
    const auto known = known_.find(old->second);
    const bool still_there = known != known_.end() && known->second.face_id == picture.face_id &&
                             IsFileOfSize(gallery_->case_folder() / old->second, picture.bytes);
    if (still_there) {
      CROSSFACE_RETURN_IF_ERROR(CreateFolders(target.parent_path()));
      CROSSFACE_RETURN_IF_ERROR(Rename(gallery_->case_folder() / old->second, target));
      moved_away->push_back(old->second);
      moved_from_.insert(fs::path(old->second).parent_path());
      known_.erase(known);
      return Status();
    }
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, gallery_->ReadFacePicture(picture.face_id));
  return WriteFileAtomically(target, jpeg);
}

Status ExportedTree::WriteFile(const std::string& path, std::string_view content) {
  const fs::path target = gallery_->case_folder() / path;
  const auto known = known_.find(path);
  if (known != known_.end() && IsFileOfSize(target, static_cast<int64_t>(content.size()))) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::string before, ReadFile(target));
    if (before == content) {
      known->second.wanted = true;
      return Status();
    }
  }
  CROSSFACE_RETURN_IF_ERROR(Announce({{.path = path}}));
  ++written_;
  return WriteFileAtomically(target, content);
}

Status ExportedTree::RemoveObsolete() {
  const fs::path& root = gallery_->case_folder();
  std::vector<std::string> obsolete;
  std::set<fs::path> folders = moved_from_;
  for (const auto& [path, known] : known_) {
    if (!known.wanted) obsolete.push_back(path);
  }
  for (const std::string& path : obsolete) {
    if (::unlink((root / path).c_str()) == 0) {
      ++removed_;
    } else if (errno != ENOENT && errno != ENOTDIR) {
      return ErrnoStatus(errno, fmt::format("cannot remove {}", DisplayPath(root / path)));
    }
    folders.insert(fs::path(path).parent_path());
  }
  CROSSFACE_RETURN_IF_ERROR(gallery_->WriteExportedFiles({}, obsolete));
  for (const std::string& path : obsolete) known_.erase(path);
  RemoveHalfWritten();
  RemoveEmptyFolders(std::move(folders));
  return Status();
}

void ExportedTree::RemoveEmptyFolders(std::set<fs::path> folders) const {
  // Deepest first; rmdir itself refuses what is not empty.
  while (!folders.empty()) {
    const auto deepest =
        std::max_element(folders.begin(), folders.end(), [](const fs::path& a, const fs::path& b) {
          return std::distance(a.begin(), a.end()) < std::distance(b.begin(), b.end());
        });
    const fs::path folder = *deepest;
    folders.erase(deepest);
    if (folder.empty()) continue;
    if (::rmdir((gallery_->case_folder() / folder).c_str()) == 0 || errno == ENOENT)
      folders.insert(folder.parent_path());
  }
}

void ExportedTree::RemoveHalfWritten() const {
  std::unordered_set<std::string> folders = {""};
  for (const auto& [path, known] : known_) {
    if (const size_t slash = path.rfind('/'); slash != std::string::npos)
      folders.insert(path.substr(0, slash));
  }
  for (const std::string& folder : folders) {
    std::error_code ignored;
    std::vector<fs::path> half_written;
    for (fs::directory_iterator entry(gallery_->case_folder() / folder, ignored), end;
         !ignored && entry != end; entry.increment(ignored)) {
      const std::string name = entry->path().filename().string();
      if (name.starts_with(".crossface-") && name.ends_with(".tmp")) half_written.push_back(entry->path());
    }
    for (const fs::path& path : half_written) fs::remove(path, ignored);
  }
}

}  // namespace crossface

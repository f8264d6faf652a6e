#include "crossface/export/exported_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <unordered_set>
#include <utility>

#include "crossface/util/hash.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

// Pictures per transaction of the gallery: enough that its flushes to the disk do not count beside the
// pictures.
constexpr size_t kBatch = 500;
// And files: what waits to be written is held.
constexpr size_t kMostQueuedBytes = 4 << 20;

bool Exists(const Directory& root, const std::string& path) {
  return root.Look(path).kind != Directory::Kind::kNothing;
}

bool IsFileOfSize(const Directory& root, const std::string& path, int64_t bytes) {
  const Directory::Entry entry = root.Look(path);
  return entry.kind == Directory::Kind::kFile && entry.bytes == bytes;
}

// A block at a time: logs of large cases are large.
Result<bool> HasContent(const Directory& root, const std::string& path, std::string_view content) {
  bool is_same = true;
  CROSSFACE_RETURN_IF_ERROR(root.ReadBlocks(path, [&](std::string_view block) {
    is_same = content.starts_with(block);
    if (is_same) content.remove_prefix(block.size());
    return is_same;
  }));
  return is_same && content.empty();
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string MovingFolder(int64_t person_id) { return fmt::format("people/.moving-{}", person_id); }

}  // namespace

Result<ExportedTree> ExportedTree::Open(Gallery& gallery) {
  ExportedTree tree(gallery);
  CROSSFACE_RETURN_IF_ERROR(tree.ReadKnownFiles());
  return tree;
}

Result<ExportedTree> ExportedTree::OpenPart(Gallery& gallery, std::vector<std::string> folders,
                                            std::vector<std::string> files) {
  ExportedTree tree(gallery);
  tree.part_ = {std::move(folders), std::move(files)};
  CROSSFACE_RETURN_IF_ERROR(tree.ReadKnownFiles());
  return tree;
}

Status ExportedTree::ReadKnownFiles() {
  known_.clear();
  if (part_) {
    for (const std::string& file : part_->files) known_[file] = {.wanted = true};
  }
  CROSSFACE_ASSIGN_OR_RETURN(
      const std::vector<ExportedFile> files,
      part_ ? gallery_->ReadExportedFiles(part_->folders) : gallery_->ReadExportedFiles());
  digests_.clear();
  for (const ExportedFile& file : files) {
    known_[file.path] = {.face_id = file.face_id};
    if (!file.sha256.empty()) digests_[file.path] = file.sha256;
  }
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
  const Directory& root = gallery_->directory();
  const auto moving = [](const ExportedFolder& folder) { return !folder.moving_to.empty(); };
  if (std::none_of(folders->begin(), folders->end(), moving)) return Status();
  for (ExportedFolder& folder : *folders) {
    if (!moving(folder)) continue;
    const std::string away = MovingFolder(folder.person_id);
    if (folder.folder != away && Exists(root, folder.folder)) {
      moved_from_.insert(FolderOf(folder.folder));
      CROSSFACE_RETURN_IF_ERROR(root.Rename(folder.folder, away));
    }
    folder.folder = away;
  }
  CROSSFACE_RETURN_IF_ERROR(gallery_->WriteExportedFolders(*folders));
  for (ExportedFolder& folder : *folders) {
    if (!moving(folder)) continue;
    if (Exists(root, folder.folder)) CROSSFACE_RETURN_IF_ERROR(MoveInto(folder.folder, folder.moving_to));
    folder.folder = std::exchange(folder.moving_to, "");
  }
  CROSSFACE_RETURN_IF_ERROR(gallery_->WriteExportedFolders(*folders));
  return ReadKnownFiles();
}

Status ExportedTree::MoveInto(const std::string& from, const std::string& to) const {
  using Kind = Directory::Kind;
  const Directory& root = gallery_->directory();
  const Kind source = root.Look(from).kind, target = root.Look(to).kind;
  if (target == Kind::kNothing) return root.Rename(from, to);
  if (source != Kind::kFolder || target != Kind::kFolder) {
    // What an earlier export wrote for somebody else of that name may go; what a user put there may not.
    if (!known_.contains(to)) CROSSFACE_RETURN_IF_ERROR(KeepUserFile(to));
    return root.Rename(from, to);
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Directory::Entry> entries, root.List(from));
  for (const Directory::Entry& entry : entries)
    CROSSFACE_RETURN_IF_ERROR(MoveInto(from + "/" + entry.name, to + "/" + entry.name));
  return root.RemoveFolder(from);
}

Status ExportedTree::KeepUserFile(const std::string& path) const {
  const fs::path taken = path;
  for (int number = 1;; ++number) {
    const fs::path kept = taken.parent_path() / fmt::format("{} (kept {}){}", taken.stem().string(), number,
                                                            taken.extension().string());
    if (!Exists(gallery_->directory(), kept.string()))
      return gallery_->directory().Rename(path, kept.string());
  }
}

Result<std::vector<char>> ExportedTree::FindInPlace(const std::vector<PicturePlace>& pictures,
                                                    const std::function<Status()>& advance) {
  std::vector<char> in_place(pictures.size(), 0);
  std::unordered_map<std::string_view, std::vector<size_t>> by_folder;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const auto known = known_.find(pictures[i].path);
    if (known == known_.end() || known->second.face_id != pictures[i].face_id) continue;
    const std::string_view path = pictures[i].path;
    by_folder[path.substr(0, path.rfind('/'))].push_back(i);
  }
  for (const auto& [folder, own] : by_folder) {
    const auto entries = gallery_->directory().List(std::string(folder));
    if (!entries.ok()) continue;
    looked_into_.emplace(folder);
    for (const Directory::Entry& entry : *entries) {
      if (IsHalfWritten(entry.name)) half_written_.push_back(fmt::format("{}/{}", folder, entry.name));
    }
    for (const size_t i : own) {
      const std::string_view name = std::string_view(pictures[i].path).substr(folder.size() + 1);
      const auto entry =
          std::lower_bound(entries->begin(), entries->end(), name,
                           [](const Directory::Entry& a, std::string_view b) { return a.name < b; });
      in_place[i] = entry != entries->end() && entry->name == name && entry->kind == Directory::Kind::kFile &&
                    entry->bytes == pictures[i].bytes;
      if (in_place[i] != 0) CROSSFACE_RETURN_IF_ERROR(advance());
    }
  }
  return in_place;
}

Status ExportedTree::WritePictures(const std::vector<PicturePlace>& pictures,
                                   const std::function<Status()>& advance) {
  std::unordered_set<int64_t> missing;
  std::vector<const PicturePlace*> to_write;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<char> is_in_place, FindInPlace(pictures, advance));
  for (size_t i = 0; i < pictures.size(); ++i) {
    const PicturePlace& picture = pictures[i];
    if (is_in_place[i] == 0) {
      to_write.push_back(&picture);
      missing.insert(picture.face_id);
      continue;
    }
    known_[picture.path].wanted = true;
  }
  elsewhere_.clear();
  for (const auto& [path, known] : known_) {
    if (known.face_id != 0 && !known.wanted && missing.contains(known.face_id))
      elsewhere_[known.face_id] = path;
  }
  for (size_t begin = 0; begin < to_write.size(); begin += kBatch) {
    const size_t end = std::min(to_write.size(), begin + kBatch);
    CROSSFACE_RETURN_IF_ERROR(WriteBatch(
        {to_write.begin() + static_cast<ptrdiff_t>(begin), to_write.begin() + static_cast<ptrdiff_t>(end)},
        advance));
  }
  return Status();
}

Status ExportedTree::Announce(const std::vector<ExportedFile>& files) {
  for (const ExportedFile& file : files) {
    // No export made a folder of this name, whatever it wrote there.
    const Directory::Kind there = gallery_->directory().Look(file.path).kind;
    const bool is_known = known_.contains(file.path) && there != Directory::Kind::kFolder;
    if (!is_known && there != Directory::Kind::kNothing) CROSSFACE_RETURN_IF_ERROR(KeepUserFile(file.path));
  }
  CROSSFACE_RETURN_IF_ERROR(gallery_->WriteExportedFiles(files, {}));
  for (const ExportedFile& file : files) {
    known_[file.path] = {.face_id = 0, .wanted = true};
    digests_.erase(file.path);
  }
  return Status();
}

Status ExportedTree::WriteBatch(const std::vector<const PicturePlace*>& batch,
                                const std::function<Status()>& advance) {
  std::vector<ExportedFile> announced;
  announced.reserve(batch.size());
  for (const PicturePlace* picture : batch) announced.push_back({.path = picture->path});
  CROSSFACE_RETURN_IF_ERROR(Announce(announced));

  std::vector<ExportedFile> done;
  std::vector<std::string> moved_away;
  Status status;
  for (const PicturePlace* picture : batch) {
    status = PutPicture(*picture, &moved_away);
    if (status.ok()) done.push_back({.path = picture->path, .face_id = picture->face_id});
    if (status.ok()) status = advance();
    if (!status.ok()) break;
  }
  CROSSFACE_RETURN_IF_ERROR(gallery_->WriteExportedFiles(done, moved_away));
  for (const ExportedFile& file : done) known_[file.path] = {.face_id = file.face_id, .wanted = true};
  return status;
}

Status ExportedTree::PutPicture(const PicturePlace& picture, std::vector<std::string>* moved_away) {
  ++written_;
  if (const auto old = elsewhere_.find(picture.face_id); old != elsewhere_.end()) {
    const auto known = known_.find(old->second);
    const bool still_there = known != known_.end() && known->second.face_id == picture.face_id &&
                             IsFileOfSize(gallery_->directory(), old->second, picture.bytes);
    if (still_there) {
      CROSSFACE_RETURN_IF_ERROR(gallery_->directory().Rename(old->second, picture.path));
      moved_away->push_back(old->second);
      moved_from_.insert(FolderOf(old->second));
      known_.erase(known);
      return Status();
    }
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::string jpeg, gallery_->ReadFacePicture(picture.face_id));
  return gallery_->directory().Write(picture.path, jpeg);
}

Result<std::string> ExportedTree::WriteFile(const std::string& path, std::string content) {
  std::string sha256 = Sha256Hex(content);
  const Directory& root = gallery_->directory();
  const auto known = known_.find(path);
  if (known != known_.end() && IsFileOfSize(root, path, static_cast<int64_t>(content.size()))) {
    CROSSFACE_ASSIGN_OR_RETURN(const bool is_same, HasContent(root, path, content));
    if (is_same) {
      known->second.wanted = true;
      Note(path, sha256);
      return sha256;
    }
  }
  queued_bytes_ += content.size();
  queued_.push_back({path, std::move(content), sha256});
  if (queued_.size() >= kBatch || queued_bytes_ >= kMostQueuedBytes) CROSSFACE_RETURN_IF_ERROR(WriteQueued());
  return sha256;
}

void ExportedTree::Note(const std::string& path, const std::string& sha256) {
  std::string& noted = digests_[path];
  if (noted == sha256) return;
  noted = sha256;
  to_note_.push_back({path, 0, sha256});
}

Result<std::string> ExportedTree::StreamFile(const std::string& path,
                                             const std::function<Status(StreamedFile&)>& fill) {
  const auto known = known_.find(path);
  if (known == known_.end() || gallery_->directory().Look(path).kind == Directory::Kind::kFolder) {
    CROSSFACE_RETURN_IF_ERROR(Announce({{.path = path}}));
  } else {
    known->second.wanted = true;
  }
  StreamedFile file(gallery_->directory(), path);
  CROSSFACE_RETURN_IF_ERROR(fill(file));
  CROSSFACE_ASSIGN_OR_RETURN(const bool is_written, file.Finish());
  written_ += is_written;
  std::string sha256 = file.HexDigest();
  Note(path, sha256);
  return sha256;
}

Status ExportedTree::WriteQueued() {
  std::vector<ExportedFile> unknown;
  for (const Queued& file : queued_) {
    const auto known = known_.find(file.path);
    const bool is_folder = gallery_->directory().Look(file.path).kind == Directory::Kind::kFolder;
    if (known != known_.end() && known->second.face_id == 0 && !is_folder) {
      known->second.wanted = true;
    } else {
      unknown.push_back({.path = file.path});
    }
  }
  if (!unknown.empty()) CROSSFACE_RETURN_IF_ERROR(Announce(unknown));
  for (const Queued& file : queued_) {
    ++written_;
    CROSSFACE_RETURN_IF_ERROR(gallery_->directory().Write(file.path, file.content));
    Note(file.path, file.sha256);
  }
  queued_.clear();
  queued_bytes_ = 0;
  if (to_note_.empty()) return Status();
  return gallery_->WriteExportedFiles(std::exchange(to_note_, {}), {});
}

Status ExportedTree::RemoveObsolete() {
  CROSSFACE_RETURN_IF_ERROR(WriteQueued());
  std::vector<std::string> obsolete;
  std::set<std::string> folders = moved_from_;
  for (const auto& [path, known] : known_) {
    if (!known.wanted) obsolete.push_back(path);
  }
  for (const std::string& path : obsolete) {
    Status removed = gallery_->directory().RemoveFile(path);
    if (!removed.ok() && removed.code() != StatusCode::kNotFound) return removed;
    removed_ += removed.ok();
    folders.insert(FolderOf(path));
    // An export that was cut off may have moved all pictures out of it already.
    folders.insert(FolderOf(path) + "/faces");
  }
  if (!obsolete.empty()) CROSSFACE_RETURN_IF_ERROR(gallery_->WriteExportedFiles({}, obsolete));
  for (const std::string& path : obsolete) known_.erase(path);
  RemoveHalfWritten();
  RemoveEmptyFolders(folders);
  return Status();
}

void ExportedTree::RemoveEmptyFolders(const std::set<std::string>& folders) const {
  // Deepest first; what is not empty stays. A folder that goes may leave the one above it empty.
  std::map<ptrdiff_t, std::set<std::string>> by_depth;
  const auto add = [&](std::string folder) {
    const ptrdiff_t depth = std::count(folder.begin(), folder.end(), '/');
    if (!folder.empty()) by_depth[depth].insert(std::move(folder));
  };
  for (const std::string& folder : folders) add(folder);
  while (!by_depth.empty()) {
    const auto deepest = std::prev(by_depth.end());
    const std::set<std::string> now = std::move(deepest->second);
    by_depth.erase(deepest);
    for (const std::string& folder : now) {
      const Status removed = gallery_->directory().RemoveFolder(folder);
      if (removed.ok() || removed.code() == StatusCode::kNotFound) add(FolderOf(folder));
    }
  }
}

void ExportedTree::RemoveHalfWritten() const {
  std::unordered_set<std::string> folders = {""};
  for (const auto& [path, known] : known_) folders.insert(FolderOf(path));
  for (const std::string& path : half_written_) gallery_->directory().RemoveFile(path).ok();
  for (const std::string& folder : folders) {
    if (looked_into_.contains(folder)) continue;
    const auto entries = gallery_->directory().List(folder);
    if (!entries.ok()) continue;
    for (const Directory::Entry& entry : *entries) {
      if (!IsHalfWritten(entry.name)) continue;
      gallery_->directory().RemoveFile(folder.empty() ? entry.name : folder + "/" + entry.name).ok();
    }
  }
}

}  // namespace crossface

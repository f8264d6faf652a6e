#include "crossface/gallery/template_index.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <hnswlib/hnswlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <stdexcept>

#include "crossface/gallery/graph_check.h"
#include "crossface/util/hash.h"
#include "crossface/util/mapped_floats.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

// The list of what is in the graph, and the graph's own file, which is named after its content: writing the
// list is the moment at which a new graph takes the place of an old one.
constexpr char kListName[] = "tracks.index";
constexpr char kGraphPrefix[] = "graph-", kGraphEnding[] = ".hnsw";
// As util/file.h names its own: a crash may leave one.
constexpr char kTemporaryPrefix[] = ".crossface-";
constexpr size_t kHashDigits = 64;
// What hnswlib writes in front of the nodes.
constexpr int64_t kGraphHeader = 96;

std::string GraphName(const std::string& sha256) {
  return kGraphPrefix + sha256.substr(0, 16) + kGraphEnding;
}

Status Damaged(const fs::path& path, std::string_view what) {
  return Status(StatusCode::kCorrupt, fmt::format("{} is damaged ({})", DisplayPath(path), what));
}

struct List {
  std::string identity, graph_sha256;
  std::unordered_map<int64_t, int64_t> versions;
};

// SHA-256 of all that follows, the graph's SHA-256, and the identity, a line each; then pairs of numbers.
std::string Serialise(const List& list) {
  std::string text = list.graph_sha256 + '\n' + list.identity + '\n';
  for (const auto& [track, version] : std::map(list.versions.begin(), list.versions.end())) {
    text.append(reinterpret_cast<const char*>(&track), sizeof track);
    text.append(reinterpret_cast<const char*>(&version), sizeof version);
  }
  return Sha256Hex(text) + '\n' + text;
}

Result<List> ReadList(const Directory& folder) {
  const fs::path path = folder.path() / kListName;
  CROSSFACE_ASSIGN_OR_RETURN(const std::string file, folder.Read(kListName));
  const std::string_view text = std::string_view(file).substr(std::min(file.size(), kHashDigits + 1));
  if (file.substr(0, kHashDigits) != Sha256Hex(text)) return Damaged(path, "its SHA-256 does not fit");
  const size_t graph_end = text.find('\n'), identity_end = text.find('\n', graph_end + 1);
  if (graph_end != kHashDigits || identity_end == std::string_view::npos) return Damaged(path, "no list");
  List list{.identity = std::string(text.substr(graph_end + 1, identity_end - graph_end - 1)),
            .graph_sha256 = std::string(text.substr(0, graph_end))};
  for (size_t at = identity_end + 1; at + 2 * sizeof(int64_t) <= text.size(); at += 2 * sizeof(int64_t)) {
    int64_t pair[2];
    std::memcpy(pair, text.data() + at, sizeof pair);
    list.versions[pair[0]] = pair[1];
  }
  return list;
}

Status Flush(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  return flushed ? Status() : ErrnoStatus(error, fmt::format("cannot flush {}", DisplayPath(path)));
}

// The file's SHA-256; fails for whatever is not a file of this folder.
Result<std::string> HashOf(const Directory& folder, const std::string& name) {
  CROSSFACE_RETURN_IF_ERROR(folder.OpenFile(name).status());
  return Sha256OfFile(folder.path() / name);
}

void RemoveAllBut(const Directory& folder, const std::string& graph) {
  const auto entries = folder.List("");
  if (!entries.ok()) return;
  for (const Directory::Entry& entry : *entries) {
    const bool ours = entry.name.starts_with(kGraphPrefix) || entry.name.starts_with(kTemporaryPrefix);
    if (ours && entry.name != graph) folder.RemoveFile(entry.name).ok();
  }
}

}  // namespace

class TemplateIndex::Graph {
 public:
  Graph(int dimensions, size_t capacity, const TemplateIndexOptions& options)
      : space_(static_cast<size_t>(dimensions)), dimensions_(static_cast<size_t>(dimensions)) {
    hnsw_ = std::make_unique<Hnsw>(&space_, std::max<size_t>(1, capacity), static_cast<size_t>(options.links),
                                   static_cast<size_t>(options.build_breadth));
    hnsw_->setEf(static_cast<size_t>(options.breadth));
  }
  Graph(int dimensions, const fs::path& file, const TemplateIndexOptions& options)
      : space_(static_cast<size_t>(dimensions)), dimensions_(static_cast<size_t>(dimensions)) {
    hnsw_ = std::make_unique<Hnsw>(&space_, file.string());
    hnsw_->setEf(static_cast<size_t>(options.breadth));
    // hnswlib 0.6.2 counts from an undefined number.
    hnsw_->num_deleted_ = 0;
    for (unsigned i = 0; i < hnsw_->cur_element_count; ++i) hnsw_->num_deleted_ += hnsw_->isMarkedDeleted(i);
  }

  void Add(int64_t track_id, std::span<const float> unit) {
    if (unit.size() != dimensions_) throw std::logic_error("a vector of another length than the index has");
    if (Knows(track_id)) throw std::logic_error("a track was added to an index twice");
    if (hnsw_->cur_element_count >= hnsw_->max_elements_)
      hnsw_->resizeIndex(hnsw_->max_elements_ + hnsw_->max_elements_ / 4 + 1);
    hnsw_->addPoint(unit.data(), static_cast<hnswlib::labeltype>(track_id));
  }
  bool Knows(int64_t track_id) const {
    return hnsw_->label_lookup_.count(static_cast<hnswlib::labeltype>(track_id)) > 0;
  }
  void Remove(int64_t track_id) { hnsw_->markDelete(static_cast<hnswlib::labeltype>(track_id)); }
  size_t removed() const { return hnsw_->num_deleted_; }
  size_t nodes() const { return hnsw_->cur_element_count; }

  std::vector<int64_t> Nearest(std::span<const float> unit, size_t wanted) const {
    if (unit.size() != dimensions_) throw std::logic_error("a vector of another length than the index has");
    auto found = hnsw_->searchKnn(unit.data(), wanted);
    std::vector<int64_t> tracks(found.size());
    for (size_t i = tracks.size(); i-- > 0; found.pop()) tracks[i] = static_cast<int64_t>(found.top().second);
    return tracks;
  }

  // hnswlib does not tell when it could not write: the length does.
  Status Save(const fs::path& file) const {
    int64_t bytes = kGraphHeader;
    for (size_t i = 0; i < nodes(); ++i) {
      bytes += static_cast<int64_t>(hnsw_->size_data_per_element_ + sizeof(unsigned) +
                                    hnsw_->size_links_per_element_ *
                                        static_cast<size_t>(hnsw_->element_levels_[i]));
    }
    errno = 0;
    hnsw_->saveIndex(file.string());
    const int system_error = errno;
    std::error_code error;
    if (static_cast<int64_t>(fs::file_size(file, error)) == bytes && !error) return Flush(file);
    return ErrnoStatus(system_error != 0 ? system_error : EIO,
                       fmt::format("cannot write {}", DisplayPath(file)));
  }

 private:
  using Hnsw = hnswlib::HierarchicalNSW<float>;
  hnswlib::InnerProductSpace space_;
  size_t dimensions_;
  std::unique_ptr<Hnsw> hnsw_;
};

namespace {

std::string FullIdentity(const std::string& identity, int dimensions, const TemplateIndexOptions& options) {
  return fmt::format("{} {} {} {}", identity, dimensions, options.links, options.build_breadth);
}

}  // namespace

TemplateIndex::TemplateIndex(int dimensions, std::string identity, size_t capacity,
                             TemplateIndexOptions options)
    : graph_(std::make_unique<Graph>(dimensions, capacity, options)),
      identity_(FullIdentity(identity, dimensions, options)) {}

TemplateIndex::TemplateIndex(std::unique_ptr<Graph> graph, std::string identity)
    : graph_(std::move(graph)), identity_(std::move(identity)) {}

TemplateIndex::~TemplateIndex() = default;

Result<std::unique_ptr<TemplateIndex>> TemplateIndex::Load(const Directory& folder, int dimensions,
                                                           const std::string& identity,
                                                           TemplateIndexOptions options) {
  CROSSFACE_ASSIGN_OR_RETURN(List list, ReadList(folder));
  if (list.identity != FullIdentity(identity, dimensions, options))
    return Status(StatusCode::kMismatch,
                  fmt::format("{} is of other vectors", DisplayPath(folder.path() / kListName)));
  const fs::path file = folder.path() / GraphName(list.graph_sha256);
  CROSSFACE_ASSIGN_OR_RETURN(const std::string sha256, HashOf(folder, GraphName(list.graph_sha256)));
  // Before hnswlib sees it: it follows the numbers that it finds.
  if (sha256 != list.graph_sha256) return Damaged(file, "its SHA-256 does not fit");
  // Whoever made the file may have made the list too.
  CROSSFACE_ASSIGN_OR_RETURN(const MappedFloats graph, MappedFloats::Open(file));
  if (!IsSoundGraph(std::as_bytes(graph.numbers()), static_cast<size_t>(dimensions),
                    static_cast<size_t>(options.links)))
    return Damaged(file, "it is no graph");
  try {
    std::unique_ptr<TemplateIndex> index(
        new TemplateIndex(std::make_unique<Graph>(dimensions, file, options), std::move(list.identity)));
    index->versions_ = std::move(list.versions);
    const bool known = std::all_of(index->versions_.begin(), index->versions_.end(),
                                   [&](const auto& version) { return index->graph_->Knows(version.first); });
    if (!known || index->versions_.size() + index->removed() != index->graph_->nodes())
      return Damaged(folder.path() / kListName, "it lists other tracks than the graph has");
    return index;
  } catch (const std::runtime_error& error) {
    return Damaged(file, error.what());
  }
}

Status TemplateIndex::Save(const Directory& folder) const {
  const auto write = [&]() -> Status {
    // hnswlib writes by name, into the file that was made for it.
    CROSSFACE_ASSIGN_OR_RETURN(const Directory::Temporary temporary, folder.CreateTemporary(""));
    CROSSFACE_RETURN_IF_ERROR(graph_->Save(folder.path() / temporary.path));
    CROSSFACE_ASSIGN_OR_RETURN(const std::string sha256, HashOf(folder, temporary.path));
    const std::string name = GraphName(sha256);
    CROSSFACE_RETURN_IF_ERROR(folder.Rename(temporary.path, name));
    CROSSFACE_RETURN_IF_ERROR(
        folder.Write(kListName, Serialise({identity_, sha256, versions_}), Durability::kSync));
    RemoveAllBut(folder, name);
    return Status();
  };
  const Status written = write();
  if (!written.ok()) {
    // Disk space that a graph without a list would only waste.
    const auto former = ReadList(folder);
    RemoveAllBut(folder, former.ok() ? GraphName(former->graph_sha256) : "");
  }
  return written;
}

void TemplateIndex::Add(int64_t track_id, int64_t version, std::span<const float> unit) {
  graph_->Add(track_id, unit);
  versions_[track_id] = version;
}

void TemplateIndex::Remove(int64_t track_id) {
  graph_->Remove(track_id);
  versions_.erase(track_id);
}

std::vector<int64_t> TemplateIndex::Nearest(std::span<const float> unit, size_t wanted) const {
  return graph_->Nearest(unit, wanted);
}

size_t TemplateIndex::removed() const { return graph_->removed(); }

Result<std::vector<TemplateIndexProblem>> CheckTemplateIndex(const Directory& case_folder) {
  const std::string prefix = std::string(TemplateIndex::kFolder) + "/";
  std::vector<TemplateIndexProblem> problems;
  if (case_folder.Look(TemplateIndex::kFolder).kind == Directory::Kind::kNothing) return problems;
  CROSSFACE_ASSIGN_OR_RETURN(const Directory folder, case_folder.OpenInside(TemplateIndex::kFolder));
  std::string graph;
  const auto list = ReadList(folder);
  if (list.ok()) {
    graph = GraphName(list->graph_sha256);
    const auto sha256 = HashOf(folder, graph);
    if (!sha256.ok() || *sha256 != list->graph_sha256)
      problems.push_back({prefix + graph, "its SHA-256 does not fit; the next search makes it anew"});
  } else if (list.status().code() != StatusCode::kNotFound) {
    problems.push_back({prefix + kListName, "its SHA-256 does not fit; the next search makes it anew"});
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Directory::Entry> entries, folder.List(""));
  for (const Directory::Entry& entry : entries) {
    if (entry.name != kListName && entry.name != graph) problems.push_back({prefix + entry.name, "", true});
  }
  return problems;
}

Status DeleteTemplateIndex(const Directory& case_folder) {
  return case_folder.RemoveTree(TemplateIndex::kFolder);
}

}  // namespace crossface

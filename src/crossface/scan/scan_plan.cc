#include "crossface/scan/scan_plan.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "crossface/io/store.h"
#include "crossface/scan/case_settings.h"
#include "crossface/scan/source_place.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

constexpr size_t kNone = static_cast<size_t>(-1);

using Place = std::pair<std::string, std::string>;    // path, part
using Content = std::pair<std::string, std::string>;  // SHA-256, part

class Planner {
 public:
  Planner(const ScanModels& models, const ScanSettings& settings, ThreadPool& pool,
          const PlanCallbacks& callbacks)
      : models_(models), settings_(settings), pool_(pool), callbacks_(callbacks) {}

  Result<ScanPlan> Run(const Gallery& gallery, const std::vector<SourceFile>& files) {
    CROSSFACE_ASSIGN_OR_RETURN(known_, gallery.ReadSources());
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<SourceRecord> rescans, gallery.ReadRescans());
    for (SourceRecord& rescan : rescans) rescans_[rescan.replaces] = std::move(rescan);
    IndexKnown();
    LookAt(files);
    CROSSFACE_RETURN_IF_ERROR(ReadContents());
    for (Entry& entry : entries_) Recognise(&entry);
    ListHolders();
    for (size_t source = 0; source < known_.size(); ++source) FollowSource(source);
    GiveNames();
    Decide();
    return std::move(plan_);
  }

 private:
  struct Entry {
    const SourceFile* file = nullptr;
    std::string path;
    std::optional<io::Version> version;
    std::optional<FileContent> content;
    size_t at = kNone;  // the source one of whose places this is, and which: kNone for the first
    size_t at_place = kNone;
    size_t source = kNone;  // the known source whose content it holds
    bool unreadable = false;
    bool new_place = false;  // of `source`
  };
  struct Known {
    std::vector<size_t> holders;  // entries that hold its content
    std::vector<size_t> here;     // entries at its places
    size_t first = kNone;         // that at its path
    size_t reader = kNone;        // the holder to scan it from
    std::string wanted;           // another name, since it was moved
    bool placed = false;          // name, path, time or places have changed
    bool replaced = false;        // other content is at its path, and its own is nowhere
  };
  void IndexKnown() {
    state_.resize(known_.size());
    for (size_t i = 0; i < known_.size(); ++i) {
      const SourceRecord& source = known_[i];
      taken_.insert(source.name);
      AddPlace({source.path, source.info.part}, i, kNone);
      for (size_t k = 0; k < source.places.size(); ++k) {
        taken_.insert(source.places[k].name);
        AddPlace({source.places[k].path, source.info.part}, i, k);
      }
      if (source.sha256.empty() || source.info.bytes == 0) continue;
      by_content_.try_emplace({source.sha256, source.info.part}, i);
      sizes_.insert(source.info.bytes);
    }
  }

  void LookAt(const std::vector<SourceFile>& files) {
    RealPaths real;
    std::set<Place> seen;
    for (const SourceFile& file : files) {
      Entry entry{.file = &file, .path = real.Of(file.path)};
      if (!seen.insert({entry.path, file.part}).second) continue;
      entry.version = file.version;
      if (!entry.version) {
        if (const auto version = io::VersionOf(file.path, callbacks_.stop); version.ok())
          entry.version = *version;
      }
      FindPlace(&entry, {entry.path, file.part});
      // Galleries before schema 6 kept paths with symbolic links in them.
      if (entry.at == kNone) FindPlace(&entry, {io::AbsolutePlace(file.path), file.part});
      entries_.push_back(std::move(entry));
    }
  }

  void AddPlace(Place place, size_t source, size_t number) {
    by_place_.emplace(std::move(place), std::pair(source, number));
  }

  // Two sources are at one place where a file was written over by a copy of another: that which it holds,
  // then.
  void FindPlace(Entry* entry, const Place& place) const {
    const auto [begin, end] = by_place_.equal_range(place);
    for (auto each = begin; each != end && entry->source == kNone; ++each) {
      const auto& [source, number] = each->second;
      const bool holds = entry->version && IsAsItWas(known_[source], number, *entry->version);
      if (entry->at == kNone || holds) std::tie(entry->at, entry->at_place) = each->second;
      if (holds) entry->source = source;
    }
  }

  static bool IsAsItWas(const SourceRecord& source, size_t place, const io::Version& version) {
    const int64_t modified_ns = place == kNone ? source.modified_ns : source.places[place].modified_ns;
    return !source.sha256.empty() && version.bytes == source.info.bytes && version.modified_ns == modified_ns;
  }

  // Reads the files that may hold what is known, or what another one of them holds.
  Status ReadContents() {
    std::map<int64_t, std::set<std::string>> paths_of_size;
    for (const Entry& entry : entries_) {
      if (entry.source == kNone && entry.version) paths_of_size[entry.version->bytes].insert(entry.path);
    }
    std::map<std::string, int64_t> wanted;
    for (const auto& [bytes, paths] : paths_of_size) {
      if (bytes == 0 || (paths.size() < 2 && !sizes_.contains(bytes))) continue;
      for (const std::string& path : paths) wanted[path] = bytes;
    }
    const auto read = ReadFileContents(wanted, pool_, callbacks_.stop, callbacks_.looked);
    for (Entry& entry : entries_) {
      const auto found = read.find(entry.path);
      if (found == read.end() || entry.source != kNone) continue;
      if (found->second.ok()) {
        entry.content = *found->second;
        entry.version = entry.content->version;
        continue;
      }
      if (found->second.status().code() == StatusCode::kInterrupted) return found->second.status();
      entry.unreadable = true;
    }
    return Status();
  }

  void Recognise(Entry* entry) const {
    if (entry->source != kNone || !entry->content) return;
    const std::string& sha256 = entry->content->sha256;
    if (entry->at != kNone && known_[entry->at].sha256 == sha256) {
      entry->source = entry->at;
      return;
    }
    const auto found = by_content_.find({sha256, entry->file->part});
    if (found != by_content_.end()) entry->source = found->second;
  }

  void ListHolders() {
    for (size_t i = 0; i < entries_.size(); ++i) {
      const Entry& entry = entries_[i];
      if (entry.source != kNone) state_[entry.source].holders.push_back(i);
      if (entry.at == kNone) continue;
      state_[entry.at].here.push_back(i);
      if (entry.at_place == kNone) state_[entry.at].first = i;
    }
  }

  static bool CannotBeRead(const Entry& entry) { return !entry.version || entry.unreadable; }

  // The content of a source still lies there, as far as can be said without reading it.
  static bool Lies(const SourceRecord& source, size_t place) {
    const auto version = io::VersionOf(place == kNone ? source.path : source.places[place].path);
    return version.ok() && IsAsItWas(source, place, *version);
  }

  // Where the source lies now.
  void FollowSource(size_t index) {
    SourceRecord& source = known_[index];
    Known& state = state_[index];
    if (state.holders.empty() && state.here.empty()) return;
    ForgetLostPlaces(index);
    const Entry* first = state.first == kNone ? nullptr : &entries_[state.first];
    if (source.sha256.empty()) {
      if (first != nullptr && first->source != kNone) Drop(index);
      return;
    }
    const bool stays =
        first == nullptr ? Lies(source, kNone) : first->source == index || CannotBeRead(*first);
    if (!stays) state.replaced = !Move(index) && first != nullptr;
    for (const size_t holder : state.holders) {
      NotePlace(index, holder);
      if (state.reader == kNone || entries_[holder].path == source.path) state.reader = holder;
    }
  }

  // Further places that other content has come to, or where there is no file any more. What lies on a disk
  // that is not there now may be there again.
  void ForgetLostPlaces(size_t index) {
    const auto is_gone = [](const SourcePlace& place) {
      const auto file = io::KindOf(place.path, io::Links::kTell);
      const auto folder = io::KindOf(fs::path(place.path).parent_path());
      return file.ok() && *file == io::Kind::kNothing && folder.ok() && *folder == io::Kind::kFolder;
    };
    for (const SourcePlace& place : known_[index].places) {
      if (is_gone(place)) taken_.erase(place.name);
    }
    state_[index].placed |= std::erase_if(known_[index].places, is_gone) > 0;
    for (const size_t i : state_[index].here) {
      const Entry& entry = entries_[i];
      if (entry.at_place == kNone || entry.source == index || CannotBeRead(entry)) continue;
      std::erase_if(known_[index].places, [&](const SourcePlace& place) { return place.path == entry.path; });
      state_[index].placed = true;
    }
  }

  // It was never read, and its file turns out to hold what another source holds.
  void Drop(size_t index) {
    plan_.dropped.push_back(known_[index].id);
    taken_.erase(known_[index].name);
  }

  // The first place of the source becomes another one that holds its content; false when there is none.
  bool Move(size_t index) {
    SourceRecord& source = known_[index];
    Known& state = state_[index];
    std::string path, wanted;
    int64_t modified_ns = 0;
    if (!state.holders.empty()) {
      const Entry& entry = entries_[state.holders.front()];
      path = entry.path, wanted = entry.file->name, modified_ns = entry.version->modified_ns;
    }
    for (size_t i = 0; i < source.places.size(); ++i) {
      const SourcePlace place = source.places[i];
      if (path.empty() ? !Lies(source, i) : place.path != path) continue;
      path = place.path, wanted = place.name;
      if (modified_ns == 0) modified_ns = place.modified_ns;
      taken_.erase(place.name);
      source.places.erase(source.places.begin() + static_cast<ptrdiff_t>(i));
      break;
    }
    if (path.empty()) return false;
    source.path = path;
    source.modified_ns = modified_ns;
    state.placed = true;
    if (wanted == source.name) return true;
    taken_.erase(source.name);
    state.wanted = wanted;
    return true;
  }

  void NotePlace(size_t index, size_t holder) {
    SourceRecord& source = known_[index];
    Entry& entry = entries_[holder];
    const auto place = std::find_if(source.places.begin(), source.places.end(),
                                    [&](const SourcePlace& each) { return each.path == entry.path; });
    // Galleries before schema 6 have the path of the same place with symbolic links in it.
    const bool first = entry.path == source.path || (entry.at == index && entry.at_place == kNone);
    int64_t* modified_ns = nullptr;
    if (first) {
      modified_ns = &source.modified_ns;
      state_[index].placed |= std::exchange(source.path, entry.path) != entry.path;
    } else if (place != source.places.end()) {
      modified_ns = &place->modified_ns;
    } else {
      source.places.push_back({entry.path, "", entry.version->modified_ns});
      entry.new_place = state_[index].placed = true;
      return;
    }
    state_[index].placed |=
        std::exchange(*modified_ns, entry.version->modified_ns) != entry.version->modified_ns;
  }

  // In the order of the files, so that the same call gives the same names.
  void GiveNames() {
    for (size_t index = 0; index < known_.size(); ++index) {
      Known& state = state_[index];
      if (state.wanted.empty()) continue;
      SourceRecord& source = known_[index];
      const std::string before = source.name;
      source.name = FreeName(state.wanted, source.path, &taken_);
      if (before != source.name) plan_.renamed.emplace_back(before, source.name);
    }
    for (Entry& entry : entries_) {
      if (!entry.new_place) continue;
      SourceRecord& source = known_[entry.source];
      for (SourcePlace& place : source.places) {
        if (place.path == entry.path) place.name = FreeName(entry.file->name, entry.file->path, &taken_);
        if (place.path == entry.path) plan_.copies.emplace_back(place.name, source.name);
      }
    }
    for (size_t index = 0; index < known_.size(); ++index) {
      if (state_[index].placed) plan_.placed.push_back(known_[index]);
    }
  }

  void Decide() {
    for (size_t i = 0; i < entries_.size(); ++i) {
      const Entry& entry = entries_[i];
      if (entry.source != kNone) {
        if (state_[entry.source].reader == i) DecideKnown(entry, known_[entry.source]);
        continue;
      }
      const bool at_its_path = entry.at != kNone && entry.at_place == kNone;
      if (at_its_path &&
          (state_[entry.at].replaced || CannotBeRead(entry) || known_[entry.at].sha256.empty())) {
        Scan(entry, known_[entry.at], WishFor(known_[entry.at].settings).settings);
      } else if (entry.at == kNone || !CannotBeRead(entry)) {
        AddNew(entry);
      }
    }
  }

  void DecideKnown(const Entry& entry, const SourceRecord& source) {
    const ScanWish& wish = WishFor(source.settings);
    const bool has_nothing = source.state == SourceState::kFailed && models_.unavailable.ok();
    if (HasEnded(source) && (wish.same || !(wish.asked || has_nothing))) {
      if (!wish.same && source.state != SourceState::kFailed) NoteKept(source);
      NoteUnfinished(source);
      plan_.unchanged.push_back(source);
      return;
    }
    Scan(entry, source, wish.settings);
  }

  void NoteKept(const SourceRecord& source) {
    ++plan_.kept;
    plan_.kept_ms += source.info.duration_ms;
    plan_.differences.insert(SettingsDifference(source.settings, models_.fingerprint));
  }

  void NoteUnfinished(const SourceRecord& source) {
    const auto rescan = rescans_.find(source.id);
    if (rescan == rescans_.end()) return;
    const bool same_content = rescan->second.sha256 == source.sha256;
    same_content ? void(++plan_.unfinished) : plan_.dropped.push_back(rescan->second.id);
  }

  void Scan(const Entry& entry, const SourceRecord& source, const std::string& settings) {
    PlannedScan scan{.file = *entry.file, .source = source, .settings = settings};
    if (const auto rescan = rescans_.find(source.id); rescan != rescans_.end()) scan.rescan = rescan->second;
    scan.content = entry.content;
    scan.bytes = entry.version ? entry.version->bytes : 0;
    plan_.scans.push_back(std::move(scan));
  }

  void AddNew(const Entry& entry) {
    const std::string name = FreeName(entry.file->name, entry.file->path, &taken_);
    if (entry.content) {
      const auto [same, added] =
          new_content_.try_emplace({entry.content->sha256, entry.file->part}, plan_.scans.size());
      if (!added) {
        SourceRecord& source = plan_.scans[same->second].source;
        source.places.push_back({entry.path, name, entry.version->modified_ns});
        plan_.copies.emplace_back(name, source.name);
        return;
      }
    }
    SourceRecord source{.name = name, .path = entry.path};
    source.info.part = entry.file->part;
    Scan(entry, source, WishFor("").settings);
  }

  const ScanWish& WishFor(const std::string& before) {
    const auto [wish, added] = wishes_.try_emplace(before);
    if (added) wish->second = crossface::WishFor(models_, settings_, before);
    return wish->second;
  }

  const ScanModels& models_;
  const ScanSettings& settings_;
  ThreadPool& pool_;
  const PlanCallbacks& callbacks_;

  std::vector<SourceRecord> known_;
  std::vector<Known> state_;                 // of each
  std::map<int64_t, SourceRecord> rescans_;  // by the source they are to replace
  std::multimap<Place, std::pair<size_t, size_t>> by_place_;
  std::map<Content, size_t> by_content_;
  std::set<int64_t> sizes_;
  std::set<std::string> taken_;  // names
  std::vector<Entry> entries_;
  std::map<Content, size_t> new_content_;   // position in the plan's scans
  std::map<std::string, ScanWish> wishes_;  // by the settings that a source was scanned with
  ScanPlan plan_;
};

}  // namespace

bool HasEnded(const SourceRecord& source) {
  return source.state == SourceState::kDone || source.state == SourceState::kDamaged ||
         source.state == SourceState::kFailed;
}

bool HasResults(const SourceRecord& source) {
  return source.state == SourceState::kDone || source.state == SourceState::kDamaged ||
         source.state == SourceState::kScanning;
}

Result<ScanPlan> PlanScans(const Gallery& gallery, const std::vector<SourceFile>& files,
                           const ScanModels& models, const ScanSettings& settings, ThreadPool& pool,
                           const PlanCallbacks& callbacks) {
  return Planner(models, settings, pool, callbacks).Run(gallery, files);
}

}  // namespace crossface

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>

#include "crossface/export/case_exporter.h"
#include "crossface/export/case_files.h"
#include "crossface/export/case_logs.h"
#include "crossface/export/case_people.h"
#include "crossface/export/case_view.h"
#include "crossface/export/exported_tree.h"
#include "crossface/export/log_update.h"
#include "crossface/export/report.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

using Logs = std::map<std::string, std::string>;  // SHA-256 by name

class CaseUpdate {
 public:
  CaseUpdate(Gallery& gallery, const Logs& before, const CaseChange& change, const ExportWatch& watch)
      : gallery_(gallery),
        before_(before),
        change_(change),
        touched_(change.persons.begin(), change.persons.end()),
        watch_(watch) {}

  // Nothing where the whole case has to be exported.
  Result<std::optional<ExportSummary>> Run() {
    if (!AreLogsAsWritten()) return std::optional<ExportSummary>();
    CROSSFACE_ASSIGN_OR_RETURN(people_, ReadCasePeople(gallery_));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> tracks, gallery_.TracksOfPersons(change_.persons));
    CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::ReadSome(gallery_, tracks));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ExportedFolder> recorded, gallery_.ReadExportedFolders());
    CROSSFACE_ASSIGN_OR_RETURN(ExportedTree tree,
                               ExportedTree::OpenPart(gallery_, TouchedFolders(view, recorded), LogNames()));
    Status status = Write(view, tree);
    if (is_stale_) return std::optional<ExportSummary>();
    CROSSFACE_RETURN_IF_ERROR(std::move(status));
    people_.counts.files_written = tree.written();
    people_.counts.files_removed = tree.removed();
    people_.counts.sha256 = logs_;
    logs_[kWriterMark] = WriterMark();
    CROSSFACE_RETURN_IF_ERROR(gallery_.WriteExportedLogs(logs_));
    return std::optional(std::move(people_.counts));
  }

 private:
  // The files that a correction does not change at all are looked at here, those that it changes when they
  // are read.
  bool AreLogsAsWritten() {
    const auto mark = before_.find(kWriterMark);
    if (mark == before_.end() || mark->second != WriterMark()) return false;
    for (const char* needed :
         {"appearances.csv", "faces.csv", "report.html", "sources.csv", "suggestions.csv"})
      if (!before_.contains(needed)) return false;
    for (const auto& [name, sha256] : before_) {
      if (name != "sources.csv" && name != "duplicates.csv") continue;
      if (!IsAsWritten(gallery_.directory().Read(name), name)) return false;
      logs_[name] = sha256;
    }
    return true;
  }

  bool IsAsWritten(const Result<std::string>& text, const std::string& name) const {
    return text.ok() && Sha256Hex(*text) == before_.at(name);
  }

  std::vector<std::string> LogNames() const {
    std::vector<std::string> names;
    for (const auto& [name, sha256] : before_) {
      if (name != kWriterMark) names.push_back(name);
    }
    return names;
  }

  // Those that are, and those that shall be.
  std::vector<std::string> TouchedFolders(const CaseView& view,
                                          const std::vector<ExportedFolder>& recorded) const {
    std::set<std::string> folders;
    for (const PersonView& person : view.persons) folders.insert(person.folder);
    for (const ExportedFolder& folder : recorded) {
      if (touched_.contains(folder.person_id)) folders.insert(folder.folder);
    }
    if (touched_.contains(0)) folders.insert("unassigned");
    return {folders.begin(), folders.end()};
  }

  Status Write(const CaseView& view, ExportedTree& tree) {
    std::vector<ExportedFolder> folders;
    for (const PersonRecord& record : people_.records) folders.push_back({record.id, FolderOf(record), ""});
    CROSSFACE_RETURN_IF_ERROR(tree.MoveFolders(folders));
    const std::vector<PicturePlace> pictures = PicturesOf(view);
    total_ = static_cast<int64_t>(pictures.size() + 3 * view.persons.size() + before_.size());
    CROSSFACE_RETURN_IF_ERROR(tree.WritePictures(pictures, [this] { return Advance(); }));
    const auto take = [&](const std::string& path, std::string content) -> Status {
      CROSSFACE_RETURN_IF_ERROR(tree.WriteFile(path, std::move(content)).status());
      return Advance();
    };
    for (const PersonView& person : view.persons)
      CROSSFACE_RETURN_IF_ERROR(ForEachPersonFile(view, gallery_, person, take));
    if (touched_.contains(0)) CROSSFACE_RETURN_IF_ERROR(ForEachUnassignedFile(view, take));
    CROSSFACE_RETURN_IF_ERROR(WriteLog("appearances.csv", AppearanceRow, view, tree));
    CROSSFACE_RETURN_IF_ERROR(WriteLog("faces.csv", FaceRows, view, tree));
    CROSSFACE_RETURN_IF_ERROR(WriteSuggestions(tree));
    CROSSFACE_RETURN_IF_ERROR(WriteReport(view, tree));
    CROSSFACE_RETURN_IF_ERROR(tree.RemoveObsolete());
    if (watch_.progress) watch_.progress(total_, total_);
    return Status();
  }

  Status Advance() { return watch_.Tell(std::min(++done_, total_), total_); }

  Status Stale() {
    is_stale_ = true;
    return Status(StatusCode::kCorrupt, "a log of the case is not as it was written");
  }

  Status WriteLog(const std::string& name, std::string (*rows_of)(const CaseView&, size_t),
                  const CaseView& view, ExportedTree& tree) {
    RowsByTrack rows;
    for (size_t i = 0; i < view.tracks.size(); ++i)
      rows[LogKey(view.sources[view.source_of[i]].name, view.tracks[i].number)] = rows_of(view, i);
    const auto fill = [&](StreamedFile& file) -> Status {
      const auto read = UpdateLog(gallery_.directory(), name, rows, &file);
      return read.ok() && *read == before_.at(name) ? Status() : Stale();
    };
    CROSSFACE_ASSIGN_OR_RETURN(logs_[name], tree.StreamFile(name, fill));
    return Status();
  }

  // Of persons who are as they were, suggestions read as they read.
  Status WriteSuggestions(ExportedTree& tree) {
    const std::string name = "suggestions.csv";
    const Result<std::string> old = gallery_.directory().Read(name);
    if (!IsAsWritten(old, name)) return Stale();
    std::map<int64_t, std::string> rows = RowsByNumber(*old);
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<SuggestionRecord> suggestions, gallery_.ReadSuggestions());
    std::erase_if(suggestions, [](const SuggestionRecord& each) { return each.settled; });
    std::vector<int64_t> needed;
    for (const SuggestionRecord& each : suggestions) {
      if (touched_.contains(each.person_id) || touched_.contains(each.other_id)) rows.erase(each.rank);
      if (!rows.contains(each.rank)) needed.insert(needed.end(), {each.person_id, each.other_id});
    }
    std::erase(needed, 0);
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> tracks, gallery_.TracksOfPersons(needed));
    std::optional<CaseView> view;
    if (!tracks.empty()) {
      CROSSFACE_ASSIGN_OR_RETURN(view, CaseView::ReadSome(gallery_, tracks));
    }
    std::string csv = SuggestionsHeader();
    for (const SuggestionRecord& each : suggestions) {
      const auto row = rows.find(each.rank);
      const auto shown = row == rows.end() && view ? view->Show(each) : std::nullopt;
      if (row != rows.end()) csv += row->second;
      if (shown) csv += SuggestionRow(*view, *shown);
    }
    CROSSFACE_ASSIGN_OR_RETURN(logs_[name], tree.WriteFile(name, std::move(csv)));
    return Status();
  }

  Status WriteReport(const CaseView& view, ExportedTree& tree) {
    const std::string name = "report.html";
    const Result<std::string> old = gallery_.directory().Read(name);
    if (!IsAsWritten(old, name)) return Stale();
    ReportChange change{.persons = people_.ranks, .touched = touched_};
    CROSSFACE_ASSIGN_OR_RETURN(change.tracks, TracksOfTouchedSources(view));
    ReportThumbnails thumbnails;
    const auto fill = [&](StreamedFile& file) -> Status {
      const auto append = [&file](std::string_view text) { return file.Append(text); };
      CROSSFACE_ASSIGN_OR_RETURN(const bool is_updated,
                                 UpdateReport(*old, change, view, gallery_, &thumbnails, append));
      return is_updated ? Status() : Stale();
    };
    CROSSFACE_ASSIGN_OR_RETURN(logs_[name], tree.StreamFile(name, fill));
    if (!thumbnails.made.empty()) CROSSFACE_RETURN_IF_ERROR(gallery_.AddThumbnails(thumbnails.made));
    return Status();
  }

  Result<std::map<int64_t, std::vector<ReportTrack>>> TracksOfTouchedSources(const CaseView& view) const {
    std::map<int64_t, std::vector<ReportTrack>> lines;
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> moved, gallery_.ReadTracks({}, change_.tracks));
    std::set<int64_t> sources;
    for (const TrackRecord& track : moved) sources.insert(track.source_id);
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> ids,
                               gallery_.TracksOfSources({sources.begin(), sources.end()}));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery_.ReadTracks({}, ids));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery_.ReadAssignments(ids));
    std::unordered_map<int64_t, const Assignment*> assignment_of;
    for (const Assignment& assignment : assignments) assignment_of[assignment.track_id] = &assignment;
    std::unordered_map<int64_t, int64_t> place;
    for (size_t i = 0; i < view.sources.size(); ++i) place[view.sources[i].id] = static_cast<int64_t>(i);
    for (const TrackRecord& track : tracks) {
      const Assignment& own = *assignment_of.at(track.id);
      lines[place.at(track.source_id)].push_back({.person_id = own.person_id,
                                                  .start_us = track.start_us,
                                                  .end_us = track.end_us,
                                                  .faces = track.face_count,
                                                  .confidence = own.confidence,
                                                  .reason = own.reason});
    }
    return lines;
  }

  Gallery& gallery_;
  const Logs& before_;
  const CaseChange& change_;
  const std::set<int64_t> touched_;
  const ExportWatch& watch_;
  int64_t done_ = 0, total_ = 0;
  CasePeople people_;
  Logs logs_;
  bool is_stale_ = false;
};

}  // namespace

Result<ExportSummary> ExportChange(Gallery& gallery, const std::map<std::string, std::string>& before,
                                   const CaseChange& change, const ExportWatch& watch) {
  CROSSFACE_ASSIGN_OR_RETURN(std::optional<ExportSummary> updated,
                             CaseUpdate(gallery, before, change, watch).Run());
  if (updated) return *std::move(updated);
  return ExportCase(gallery, watch);
}

}  // namespace crossface

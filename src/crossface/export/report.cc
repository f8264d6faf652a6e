#include "crossface/export/report.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

#include "crossface/export/report_lines.h"

namespace crossface {
namespace {

// Owns the texts of a report's lines.
class Texts {
 public:
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }

 private:
  std::deque<std::string> texts_;
};

ReportTrack TrackOf(const CaseView& view, size_t i) {
  const TrackRecord& track = view.tracks[i];
  const int person = view.person_of[i];
  return {.person_id = person < 0 ? 0 : view.persons[static_cast<size_t>(person)].record.id,
          .start_us = track.start_us,
          .end_us = track.end_us,
          .faces = static_cast<int64_t>(track.faces.size()),
          .confidence = view.confidence[i],
          .reason = view.reason[i]};
}

void AddSourcesAndTracks(const CaseView& view, Texts* texts, ReportLines* lines) {
  size_t next = 0;
  for (size_t source = 0; source < view.sources.size(); ++source) {
    std::vector<ReportTrack> tracks;
    int64_t last_end = 0;
    for (; next < view.tracks.size() && view.source_of[next] == source; ++next) {
      tracks.push_back(TrackOf(view, next));
      last_end = std::max(last_end, Milliseconds(view.tracks[next].end_us));
    }
    if (!tracks.empty()) lines->tracks.push_back(texts->Keep(ReportTracksLine(source, tracks)));
    lines->sources.push_back(texts->Keep(ReportSourceLine(view.sources[source], last_end)));
  }
}

std::vector<ReportRank> RanksOf(const CaseView& view) {
  std::vector<ReportRank> ranks;
  for (const PersonView& person : view.persons)
    ranks.push_back({person.record.id, person.record.ignored, person.screen_us,
                     static_cast<int64_t>(person.tracks.size())});
  SortForReport(&ranks);
  return ranks;
}

const PersonView& PersonOf(const CaseView& view, int64_t id) {
  return *std::lower_bound(view.persons.begin(), view.persons.end(), id,
                           [](const PersonView& a, int64_t b) { return a.record.id < b; });
}

Result<CaseView> ViewOf(const Gallery& gallery, const std::set<int64_t>& persons) {
  if (persons.empty()) return CaseView();
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> tracks,
                             gallery.TracksOfPersons({persons.begin(), persons.end()}));
  return CaseView::ReadSome(gallery, tracks);
}

}  // namespace

Result<std::string> ReportHtml(const CaseView& view, const Gallery& gallery, ReportThumbnails* kept) {
  Texts texts;
  ReportLines lines;
  Thumbnails thumbnails(gallery);
  CROSSFACE_ASSIGN_OR_RETURN(const std::string clustering, gallery.ReadFact("clustering"));
  lines.head = texts.Keep(ReportHead(view, clustering));
  AddSourcesAndTracks(view, &texts, &lines);
  const ReportShares shares = ReportSharesFor(view.persons.size());
  for (const ReportRank& rank : RanksOf(view)) {
    CROSSFACE_ASSIGN_OR_RETURN(std::string line, ReportPersonLine(view, PersonOf(view, rank.person_id),
                                                                  lines.persons.size() < shares.portraits,
                                                                  shares.faces, &thumbnails));
    lines.persons.push_back(texts.Keep(std::move(line)));
  }
  CROSSFACE_ASSIGN_OR_RETURN(std::string unassigned, ReportUnassignedLine(view, &thumbnails));
  lines.unassigned = texts.Keep(std::move(unassigned));
  if (kept != nullptr) *kept = {thumbnails.made(), thumbnails.shown_faces()};
  return ReportPage(lines);
}

Result<bool> UpdateReport(std::string_view page, const ReportChange& change, const CaseView& view,
                          const Gallery& gallery, ReportThumbnails* kept, const AppendText& append) {
  std::optional<ReportLines> lines = SplitReport(page);
  if (!lines) return false;
  Texts texts;
  Thumbnails thumbnails(gallery);
  std::vector<ReportRank> ranks = change.persons;
  SortForReport(&ranks);
  const ReportShares shares = ReportSharesFor(ranks.size());
  const std::vector<std::string_view> before = std::exchange(lines->persons, {});
  const ReportShares shares_before = ReportSharesFor(before.size());
  if (shares.faces != shares_before.faces) return false;
  std::unordered_map<int64_t, size_t> place_before;
  for (size_t i = 0; i < before.size(); ++i) place_before[PersonOfLine(before[i])] = i;
  std::set<int64_t> shifted;
  for (size_t i = 0; i < ranks.size(); ++i) {
    if (change.touched.contains(ranks[i].person_id)) continue;
    const auto place = place_before.find(ranks[i].person_id);
    if (place == place_before.end()) return false;
    // Where not everybody has a portrait, who has one depends on the others.
    const bool had_portrait = place->second < shares_before.portraits, has_portrait = i < shares.portraits;
    if (had_portrait != has_portrait) shifted.insert(ranks[i].person_id);
  }
  CROSSFACE_ASSIGN_OR_RETURN(const CaseView shifted_view, ViewOf(gallery, shifted));
  for (const auto& [person, ignored, screen_us, tracks] : ranks) {
    if (!shifted.contains(person) && !change.touched.contains(person)) {
      lines->persons.push_back(before[place_before.at(person)]);
      continue;
    }
    const CaseView& shown = shifted.contains(person) ? shifted_view : view;
    CROSSFACE_ASSIGN_OR_RETURN(std::string line, ReportPersonLine(shown, PersonOf(shown, person),
                                                                  lines->persons.size() < shares.portraits,
                                                                  shares.faces, &thumbnails));
    lines->persons.push_back(texts.Keep(std::move(line)));
  }
  if (change.touched.contains(0)) {
    CROSSFACE_ASSIGN_OR_RETURN(std::string line, ReportUnassignedLine(view, &thumbnails));
    lines->unassigned = texts.Keep(std::move(line));
  }
  for (std::string_view& line : lines->tracks) {
    const auto other = change.tracks.find(SourceOfLine(line));
    if (other == change.tracks.end()) continue;
    line = texts.Keep(ReportTracksLine(static_cast<size_t>(other->first), other->second));
  }
  if (kept != nullptr) *kept = {thumbnails.made(), thumbnails.shown_faces()};
  CROSSFACE_RETURN_IF_ERROR(AppendReportPage(*lines, append));
  return true;
}

}  // namespace crossface

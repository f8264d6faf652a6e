#include "crossface/custody/let_go.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>

#include "crossface/curation/curation_plan.h"
#include "crossface/curation/curation_state.h"
#include "crossface/gallery/recordings.h"
#include "crossface/io/store.h"
#include "crossface/util/csv.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

constexpr double kMicrosecondsADay = 86'400e6;
// Lines of the log stay readable.
constexpr size_t kMostAtOnce = 500;

// "2026-11-30T00:20:00.123Z", also as names of segments have it, with dashes; 0 for what is none.
int64_t ParseWallTime(const std::string& text) {
  std::tm day{};
  int milliseconds = 0;
  const int read = std::sscanf(text.c_str(), "%d-%d-%dT%d%*1[:-]%d%*1[:-]%d.%dZ", &day.tm_year, &day.tm_mon,
                               &day.tm_mday, &day.tm_hour, &day.tm_min, &day.tm_sec, &milliseconds);
  if (read != 7) return 0;
  day.tm_year -= 1900, day.tm_mon -= 1;
  return (static_cast<int64_t>(timegm(&day)) * 1000 + milliseconds) * 1000;
}

std::string SizeText(int64_t bytes) { return fmt::format("{:.4g} GB", static_cast<double>(bytes) / 1e9); }

// Whose films stay.
std::set<int64_t> PeopleWhoCount(const CurationState& state,
                                 const std::vector<SuggestionRecord>& suggestions) {
  std::set<int64_t> people;
  for (const auto& [person, facts] : state.persons)
    if (!HasOwnName(person, facts.name)) people.insert(person);
  for (const auto& [track, pin] : state.pins)
    if (!pin.anchor || !state.FactsOf(pin.person).ignored) people.insert(pin.person);
  std::set<int64_t> who_may_be_one;
  for (const SuggestionRecord& suggestion : suggestions) {
    if (suggestion.settled || suggestion.kind != SuggestionRecord::Kind::kMerge) continue;
    if (people.contains(suggestion.person_id)) who_may_be_one.insert(suggestion.other_id);
    if (people.contains(suggestion.other_id)) who_may_be_one.insert(suggestion.person_id);
  }
  people.merge(who_may_be_one);
  people.erase(0);
  return people;
}

// What a case says of its sources, as far as it decides whether one may go.
class Judge {
 public:
  enum class Verdict { kMayGo, kPeople, kUnidentified, kOther };

  static Result<Judge> Of(const Gallery& gallery) {
    return gallery.AtOneMoment([&]() -> Result<Judge> {
      Judge judge;
      CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::Read(gallery));
      CROSSFACE_ASSIGN_OR_RETURN(const auto suggestions, gallery.ReadSuggestions());
      CROSSFACE_ASSIGN_OR_RETURN(const auto rescans, gallery.ReadRescans());
      for (const SourceRecord& rescan : rescans) judge.unfinished_.insert(rescan.replaces);
      for (const SourceRecord& source : state.sources) judge.sources_[source.sha256].push_back(source);
      const std::set<int64_t> people = PeopleWhoCount(state, suggestions);
      for (size_t track = 0; track < state.tracks.size(); ++track) {
        const int64_t source = state.tracks[track].source_id;
        if (people.contains(state.owner[track].person)) judge.shows_people_.insert(source);
        if (!state.owner[track].grouped) judge.unfinished_.insert(source);
      }
      for (const auto& references : state.found)
        for (const std::optional<size_t>& track : references)
          if (track) judge.shows_people_.insert(state.tracks[*track].source_id);
      return judge;
    });
  }

  const std::vector<SourceRecord>& SourcesOf(const RecordedSegment& segment) const {
    static const std::vector<SourceRecord> kNone;
    const auto found = sources_.find(segment.sha256);
    return found == sources_.end() ? kNone : found->second;
  }

  Verdict Of(const RecordedSegment& segment, const std::filesystem::path& place) const {
    const std::vector<SourceRecord>& sources = SourcesOf(segment);
    Verdict verdict = sources.empty() ? Verdict::kUnidentified : Verdict::kMayGo;
    for (const SourceRecord& source : sources) {
      if (shows_people_.contains(source.id)) return Verdict::kPeople;
      const bool looked_at = source.state == SourceState::kDone || source.state == SourceState::kDamaged;
      if (!looked_at || unfinished_.contains(source.id)) verdict = Verdict::kUnidentified;
      // Somebody keeps it elsewhere, and the case knows it by that.
      const auto real = io::RealPlace(place);
      const bool elsewhere = io::IsFile(source.path) && !(real.ok() && *real == source.path);
      if (verdict == Verdict::kMayGo && (elsewhere || !source.places.empty())) verdict = Verdict::kOther;
    }
    return verdict;
  }

 private:
  std::map<std::string, std::vector<SourceRecord>> sources_;  // by SHA-256
  std::set<int64_t> shows_people_, unfinished_;               // ids of sources
};

class LettingGo {
 public:
  LettingGo(Gallery& gallery, RunLog& log, const LetGoOptions& options)
      : gallery_(gallery), log_(log), options_(options) {}

  Result<LetGoSummary> Run() {
    CROSSFACE_ASSIGN_OR_RETURN(const BeyondLimits beyond,
                               FindBeyondLimits(gallery_.directory(), options_.limits, options_.now_us));
    if (!beyond.any()) return summary_;
    CROSSFACE_ASSIGN_OR_RETURN(const Judge judge, Judge::Of(gallery_));
    int64_t too_many = beyond.too_many_bytes;
    std::vector<RecordedSegment> old;
    std::set<std::string> judged;
    for (const RecordedSegment& segment : beyond.old) {
      judged.insert(segment.file);
      if (MayGo(judge, segment)) old.push_back(segment), too_many -= segment.bytes;
    }
    CROSSFACE_RETURN_IF_ERROR(LetGo(judge, old, OldText()));
    std::vector<RecordedSegment> more;
    for (const RecordedSegment& segment : beyond.all) {
      if (too_many <= 0) break;
      if (!judged.contains(segment.file) && MayGo(judge, segment))
        more.push_back(segment), too_many -= segment.bytes;
    }
    CROSSFACE_RETURN_IF_ERROR(LetGo(judge, more, ManyText()));
    return summary_;
  }

 private:
  std::string OldText() const {
    return options_.limits.days ? fmt::format("older than {:.4g} days", *options_.limits.days) : "";
  }
  std::string ManyText() const {
    return options_.limits.bytes ? "recordings took more than " + SizeText(*options_.limits.bytes) : "";
  }

  bool MayGo(const Judge& judge, const RecordedSegment& segment) {
    switch (judge.Of(segment, gallery_.case_folder() / segment.file)) {
      case Judge::Verdict::kMayGo:
        return true;
      case Judge::Verdict::kPeople:
        ++summary_.kept_for_people;
        return false;
      case Judge::Verdict::kUnidentified:
        ++summary_.kept_unidentified;
        return false;
      case Judge::Verdict::kOther:
        ++summary_.kept_other;
        return false;
    }
    return false;
  }

  Status LetGo(const Judge& judge, std::vector<RecordedSegment> segments, const std::string& why) {
    CROSSFACE_RETURN_IF_ERROR(LeaveOutChanged(&segments));
    for (size_t begin = 0; begin < segments.size(); begin += kMostAtOnce) {
      const size_t end = std::min(segments.size(), begin + kMostAtOnce);
      CROSSFACE_RETURN_IF_ERROR(LetSomeGo(judge, {segments.data() + begin, end - begin}, why));
    }
    return Status();
  }

  // What the log is to say of a film is true of the one that goes.
  Status LeaveOutChanged(std::vector<RecordedSegment>* segments) {
    std::vector<RecordedSegment> unchanged;
    for (RecordedSegment& segment : *segments) {
      const auto sha256 = io::HashOf(gallery_.case_folder() / segment.file, options_.stop);
      if (sha256.status().code() == StatusCode::kInterrupted) return sha256.status();
      const bool same = sha256.ok() && *sha256 == segment.sha256;
      same ? unchanged.push_back(std::move(segment)) : void(++summary_.kept_other);
    }
    *segments = std::move(unchanged);
    return Status();
  }

  Status LetSomeGo(const Judge& judge, std::span<const RecordedSegment> segments, const std::string& why) {
    const std::string now = UtcNow();
    nlohmann::json told = nlohmann::json::array();
    // Without names of files, which are names of sources: recordings.csv has them.
    for (const RecordedSegment& segment : segments)
      told.push_back({{"sha256", segment.sha256},
                      {"bytes", segment.bytes},
                      {"begin", segment.begin},
                      {"end", segment.end}});
    CROSSFACE_RETURN_IF_ERROR(log_.Write(kLetGoEvent, {{"why", why}, {"segments", told}}));
    for (const RecordedSegment& segment : segments)
      CROSSFACE_RETURN_IF_ERROR(NoteLetGo(gallery_, segment.sha256, {now, why}));
    for (const RecordedSegment& segment : segments) {
      if (options_.stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
      for (const SourceRecord& source : judge.SourcesOf(segment))
        CROSSFACE_RETURN_IF_ERROR(options_.going(source));
      Status removed = gallery_.directory().RemoveFile(segment.file);
      if (!removed.ok() && removed.code() != StatusCode::kNotFound) return removed;
      ++summary_.segments;
      summary_.bytes += segment.bytes;
    }
    return Status();
  }

  Gallery& gallery_;
  RunLog& log_;
  const LetGoOptions& options_;
  LetGoSummary summary_;
};

}  // namespace

Result<BeyondLimits> FindBeyondLimits(const Directory& case_folder, const KeepLimits& limits,
                                      int64_t now_us) {
  BeyondLimits beyond;
  const auto text = case_folder.Read(kRecordingsList);
  if (text.status().code() == StatusCode::kNotFound) return beyond;
  CROSSFACE_RETURN_IF_ERROR(text.status());
  // A row that is being written is not whole yet.
  const size_t whole = text->rfind('\n');
  CROSSFACE_ASSIGN_OR_RETURN(const CsvTable table,
                             ParseCsv(text->substr(0, whole == std::string::npos ? 0 : whole + 1)));
  std::map<std::string, size_t> columns;
  for (const char* name : {"file", "begin", "end", "sha256"}) {
    const int column = table.Column(name);
    if (column < 0)
      return Status(StatusCode::kCorrupt, fmt::format("{} has no column {}", kRecordingsList, name));
    columns[name] = static_cast<size_t>(column);
  }
  int64_t bytes = 0;
  for (const auto& row : table.rows) {
    RecordedSegment segment{.file = row[columns["file"]],
                            .sha256 = row[columns["sha256"]],
                            .begin = row[columns["begin"]],
                            .end = row[columns["end"]]};
    if (!segment.file.starts_with(std::string(kRecordingsFolder) + "/") || !IsInnerPath(segment.file))
      continue;
    const Directory::Entry entry = case_folder.Look(segment.file);
    if (entry.kind != Directory::Kind::kFile) continue;
    segment.bytes = entry.bytes;
    segment.end_us = ParseWallTime(segment.end.empty() ? segment.begin : segment.end);
    if (segment.end_us == 0) continue;
    bytes += segment.bytes;
    beyond.all.push_back(std::move(segment));
  }
  std::sort(beyond.all.begin(), beyond.all.end(),
            [](const auto& a, const auto& b) { return a.end_us < b.end_us; });
  if (limits.days) {
    const auto before = now_us - static_cast<int64_t>(*limits.days * kMicrosecondsADay);
    for (const RecordedSegment& segment : beyond.all)
      if (segment.end_us < before) beyond.old.push_back(segment);
  }
  if (limits.bytes) beyond.too_many_bytes = std::max<int64_t>(0, bytes - *limits.bytes);
  return beyond;
}

Result<LetGoSummary> LetRecordingsGo(Gallery& gallery, RunLog& log, const LetGoOptions& options) {
  return LettingGo(gallery, log, options).Run();
}

}  // namespace crossface

#include "crossface/export/duplicates_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>

#include "crossface/copies/copy_groups.h"
#include "crossface/export/case_view.h"
#include "crossface/util/csv.h"

namespace crossface {
namespace {

int64_t Pixels(const SourceRecord& source) {
  return static_cast<int64_t>(source.info.width) * source.info.height;
}

double BytesPerSecond(const SourceRecord& source) {
  const double seconds = static_cast<double>(std::max<int64_t>(source.info.duration_ms, 1)) / 1000;
  return static_cast<double>(source.info.bytes) / seconds;
}

// Sources that show an inner part of another's picture, or are mirrored against most of the others.
std::set<int64_t> ChangedPictures(const DuplicatesView& view, const DuplicateGroup& group) {
  std::set<int64_t> changed;
  std::map<int64_t, int> mirrored;  // pairs in which it is, less those in which it is not
  for (const size_t position : group.copies) {
    const CopyRecord& copy = view.copies[position];
    if (copy.cut_out == CopyRecord::CutOut::kSource) changed.insert(copy.source_id);
    if (copy.cut_out == CopyRecord::CutOut::kOther) changed.insert(copy.other_id);
    for (const int64_t id : {copy.source_id, copy.other_id}) mirrored[id] += copy.mirrored ? 1 : -1;
  }
  for (const auto& [id, surplus] : mirrored) {
    if (surplus > 0) changed.insert(id);
  }
  return changed;
}

void MarkMembers(const DuplicatesView& view, DuplicateGroup* group) {
  const std::set<int64_t> changed = ChangedPictures(view, *group);
  int64_t longest = 0, largest = 0;
  for (const DuplicateMember& member : group->members) {
    longest = std::max(longest, member.end_ms - member.start_ms);
    largest = std::max(largest, Pixels(view.sources[member.source]));
  }
  DuplicateMember* best = nullptr;
  const auto rank = [&](const DuplicateMember& member) {
    const SourceRecord& source = view.sources[member.source];
    const bool whole = 10 * (member.end_ms - member.start_ms) >= 9 * longest;
    return std::tuple(whole, !changed.contains(source.id), Pixels(source), BytesPerSecond(source));
  };
  for (DuplicateMember& member : group->members) {
    member.longest = member.end_ms - member.start_ms == longest;
    member.largest = Pixels(view.sources[member.source]) == largest;
    if (best == nullptr || rank(member) > rank(*best)) best = &member;
  }
  best->best = true;
}

std::string Decimal(double value) { return fmt::format("{:.3f}", value); }

std::string BestOf(const DuplicatesView& view, const DuplicateGroup& group) {
  for (const DuplicateMember& member : group.members) {
    if (member.best) return view.sources[member.source].name;
  }
  throw std::logic_error("a group of copies without a best one");
}

}  // namespace

size_t DuplicateGroup::CountSources() const {
  std::set<size_t> sources;
  for (const DuplicateMember& member : members) sources.insert(member.source);
  return sources.size();
}

const SourceRecord& DuplicatesView::Source(int64_t id) const {
  const auto found = std::find_if(sources.begin(), sources.end(),
                                  [&](const SourceRecord& source) { return source.id == id; });
  if (found == sources.end()) throw std::logic_error("a copy of a source that is not there");
  return *found;
}

Result<DuplicatesView> ReadDuplicates(const Gallery& gallery) {
  DuplicatesView view;
  CROSSFACE_ASSIGN_OR_RETURN(view.looked, gallery.HasLookedForCopies());
  CROSSFACE_ASSIGN_OR_RETURN(view.sources, gallery.ReadSources());
  CROSSFACE_ASSIGN_OR_RETURN(view.copies, gallery.ReadCopies());
  std::map<int64_t, size_t> place;
  for (size_t i = 0; i < view.sources.size(); ++i) place[view.sources[i].id] = i;
  std::vector<CopyLink> links;
  for (const CopyRecord& copy : view.copies)
    links.push_back({copy.source_id, copy.other_id, copy.start_us, copy.other_start_us, copy.length_us});
  for (const CopyGroup& found : GroupCopies(links)) {
    DuplicateGroup group{.copies = found.links};
    for (const CopyMember& member : found.members)
      group.members.push_back(
          {place.at(member.source), Milliseconds(member.start_us), Milliseconds(member.end_us)});
    std::sort(group.members.begin(), group.members.end(), [](const auto& x, const auto& y) {
      return std::tie(x.source, x.start_ms) < std::tie(y.source, y.start_ms);
    });
    MarkMembers(view, &group);
    view.groups.push_back(std::move(group));
  }
  std::stable_sort(view.groups.begin(), view.groups.end(), [](const auto& x, const auto& y) {
    return std::tuple(y.CountSources(), x.members.front().source, x.members.front().start_ms) <
           std::tuple(x.CountSources(), y.members.front().source, y.members.front().start_ms);
  });
  return view;
}

std::string DuplicatesCsv(const DuplicatesView& view) {
  const auto row = [](std::vector<std::string> fields) { return CsvRow(fields); };
  std::string csv = row({"group", "source", "other", "kind", "start_ms", "other_start_ms", "offset_ms",
                         "overlap_ms", "alike", "moments", "mirrored", "cut_out", "best"});
  for (size_t i = 0; i < view.groups.size(); ++i) {
    for (const size_t position : view.groups[i].copies) {
      const CopyRecord& copy = view.copies[position];
      const int64_t start = Milliseconds(copy.start_us), other_start = Milliseconds(copy.other_start_us);
      csv +=
          row({fmt::format("{}", i + 1), view.Source(copy.source_id).name, view.Source(copy.other_id).name,
               std::string(CopyKindName(copy.kind)), fmt::format("{}", start), fmt::format("{}", other_start),
               fmt::format("{}", other_start - start), fmt::format("{}", Milliseconds(copy.length_us)),
               Decimal(copy.alike), fmt::format("{}", copy.votes), copy.mirrored ? "yes" : "no",
               std::string(CutOutName(copy.cut_out)), BestOf(view, view.groups[i])});
    }
  }
  return csv;
}

}  // namespace crossface

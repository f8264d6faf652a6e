#include "crossface/app/late_exports.h"

#include "crossface/app/look.h"
#include "crossface/gallery/facts.h"
#include "crossface/util/background.h"

namespace crossface {
namespace {

constexpr std::chrono::seconds kAgain(5);  // after an export that failed, or found somebody else writing
constexpr std::chrono::hours kNothingOwed(1);

Result<bool> IsOwed(const std::filesystem::path& case_folder) {
  return LookAtCase(case_folder, [](const Gallery& gallery) -> Result<bool> {
    CROSSFACE_ASSIGN_OR_RETURN(const std::string owed, gallery.ReadFact(kExportOwedFact));
    return !owed.empty();
  });
}

Status NoteOwed(Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string owed, gallery.ReadFact(kExportOwedFact));
  return owed.empty() ? gallery.WriteFact(kExportOwedFact, "corrections") : Status();
}

Status Export(const std::filesystem::path& case_folder, const std::optional<MadeCorrection>& made,
              const std::stop_token& stop) {
  // Whoever else has exported the case meanwhile has taken the note away.
  CROSSFACE_ASSIGN_OR_RETURN(const bool is_owed, IsOwed(case_folder));
  if (!is_owed) return Status();
  CaseRun run(case_folder, {.stop = stop});
  Status status = run.Open("export");
  if (status.ok()) status = made ? run.ExportChange(made->logs_before, made->change) : run.Export();
  return run.End(std::move(status)).status;
}

// The folder is as it was before the first of them.
void Append(CaseChange more, CaseChange* change) {
  change->persons.insert(change->persons.end(), more.persons.begin(), more.persons.end());
  change->tracks.insert(change->tracks.end(), more.tracks.begin(), more.tracks.end());
}

}  // namespace

LateExports::LateExports(std::chrono::milliseconds quiet)
    : quiet_(quiet), thread_([this](const std::stop_token& ended) { Work(ended); }) {}

LateExports::~LateExports() { thread_.request_stop(); }

Ending LateExports::Correct(const std::filesystem::path& case_folder, const Correction& correction,
                            const CorrectionOptions& options, CorrectionAnswer* answer) {
  std::optional<Way> way;
  if (!options.dry_run) way.emplace(*this, case_folder);
  CaseRun run(case_folder, {});
  auto made = MakeCorrection(run, correction, options, answer, NoteOwed);
  if (!made.ok() || !*made) return run.End(made.status());
  Owe(case_folder, std::move(*made));
  return run.End(Status());
}

void LateExports::Adopt(const std::filesystem::path& case_folder) {
  const auto is_owed = IsOwed(case_folder);
  if (is_owed.ok() && *is_owed) Owe(case_folder, std::nullopt);
}

void LateExports::Finish(const std::filesystem::path& case_folder) {
  const MutexLock lock(mutex_);
  while (running_.contains(case_folder)) changed_.wait(mutex_);
  if (owed_.contains(case_folder)) ExportOne(case_folder, false);
}

LateExports::Way::Way(LateExports& exports, std::filesystem::path case_folder)
    : exports_(exports), case_folder_(std::move(case_folder)) {
  const MutexLock lock(exports_.mutex_);
  ++exports_.ways_[case_folder_];
  for (auto found = exports_.running_.find(case_folder_); found != exports_.running_.end();
       found = exports_.running_.find(case_folder_)) {
    found->second.request_stop();
    exports_.changed_.wait(exports_.mutex_);
  }
}

LateExports::Way::~Way() {
  const MutexLock lock(exports_.mutex_);
  if (--exports_.ways_[case_folder_] == 0) exports_.ways_.erase(case_folder_);
  exports_.Changed();
}

void LateExports::Owe(const std::filesystem::path& case_folder, std::optional<MadeCorrection> made) {
  const MutexLock lock(mutex_);
  const auto known = owed_.find(case_folder);
  if (known == owed_.end()) {
    owed_[case_folder].made = std::move(made);
  } else if (known->second.made && made) {
    Append(std::move(made->change), &known->second.made->change);
  } else {
    known->second.made.reset();
  }
  owed_[case_folder].due = Clock::now() + quiet_;
  Changed();
}

void LateExports::Changed() {
  ++changes_;
  changed_.notify_all();
}

std::optional<std::filesystem::path> LateExports::NextDue(bool at_once, Clock::time_point* until) const {
  const auto now = Clock::now();
  *until = now + kNothingOwed;
  for (const auto& [case_folder, owed] : owed_) {
    if (running_.contains(case_folder)) continue;
    if (at_once) return case_folder;
    if (ways_.contains(case_folder)) continue;
    if (owed.due <= now) return case_folder;
    *until = std::min(*until, owed.due);
  }
  return std::nullopt;
}

void LateExports::ExportOne(const std::filesystem::path& case_folder, bool is_last) {
  const Owed owed = std::move(owed_.at(case_folder));
  owed_.erase(case_folder);
  const std::stop_token stop = running_[case_folder].get_token();
  mutex_.unlock();
  const Status status = Export(case_folder, owed.made, stop);
  mutex_.lock();
  running_.erase(case_folder);
  // What was written before it failed is not what the case's logs were known by: the whole case then.
  if (!status.ok() && !is_last && status.code() != StatusCode::kNotFound)
    owed_[case_folder] = {.made = std::nullopt, .due = Clock::now() + kAgain};
  Changed();
}

void LateExports::Work(const std::stop_token& ended) {
  GiveWayToOthers();
  MutexLock lock(mutex_);
  for (;;) {
    const bool is_ending = ended.stop_requested();
    Clock::time_point until;
    if (const auto next = NextDue(is_ending, &until)) {
      ExportOne(*next, is_ending);
      continue;
    }
    if (is_ending) return;
    const int64_t seen = changes_;
    changed_.wait_until(lock, ended, until, [&]() CROSSFACE_REQUIRES(mutex_) { return changes_ != seen; });
  }
}

}  // namespace crossface

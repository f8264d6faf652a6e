// The only door for front ends to a case: one method per thing that a user can ask, typed requests and
// answers.
//
// Every call opens the case by itself: looks read beside a writer, what changes the case takes its lock (one
// writer at a time; kPermissionDenied says who has it) and keeps a log of the run. Objects are cheap, hold
// nothing but the folder, and may be used from several threads. Answers are filled as far as the call came,
// also when it fails.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "crossface/app/answers.h"
#include "crossface/app/custody_answers.h"
#include "crossface/app/ending.h"
#include "crossface/app/footage_answers.h"
#include "crossface/app/reference_answers.h"
#include "crossface/app/requests.h"
#include "crossface/app/table_answers.h"
#include "crossface/app/watch.h"
#include "crossface/util/public_api.h"

namespace crossface {

class CROSSFACE_API CaseService {
 public:
  explicit CaseService(std::filesystem::path case_folder) : case_folder_(std::move(case_folder)) {}
  const std::filesystem::path& case_folder() const { return case_folder_; }

  // --- the main job ---

  // Scans what is new, groups, writes the case folder; makes the case where there is none. What was scanned
  // when it is stopped or fails is kept, and the next call goes on. Codes when it is done: kExitNothingFound
  // without a single track, kExitSomeSourcesBad when sources failed or are damaged.
  Ending Identify(const ScanRequest& scan, const GroupRequest& group, const Watch& watch,
                  IdentifyAnswer* answer) const;
  Ending Scan(const ScanRequest& scan, const Watch& watch, IdentifyAnswer* answer) const;
  Ending Group(const GroupRequest& group, const Watch& watch, IdentifyAnswer* answer) const;
  Ending Export(const Watch& watch, IdentifyAnswer* answer) const;

  // --- who is who ---

  Ending People(PeopleAnswer* answer) const;
  Ending Person(const std::string& person, PersonDetailAnswer* answer) const;
  Ending Suggestions(SuggestionsAnswer* answer) const;
  Ending History(HistoryAnswer* answer) const;
  // Obeyed by every later grouping, until it is undone. Refused (kInvalidArgument, Remedy::kOverride) where
  // it contradicts an earlier correction or what is on the screen.
  Ending Correct(const Correction& correction, const CorrectionOptions& options, const Watch& watch,
                 CorrectionAnswer* answer) const;

  // --- known people ---

  // Takes faces of a known person from photos, or references from another case, groups again and writes the
  // case folder; makes the case where there is none. Persons who are like them are named so, marked until
  // somebody confirms it (grouping/name_by_reference.h). Errors: those of ReadReferences (search/enrol.h).
  Ending Enrol(const EnrolRequest& request, const Watch& watch, EnrolAnswer* answer) const;
  // Removes the references of a name, and names that nobody confirmed with them.
  Ending Unenrol(const UnenrolRequest& request, const Watch& watch, EnrolAnswer* answer) const;
  Ending References(ReferencesAnswer* answer) const;

  // --- the case as tables, of one moment each ---

  Ending Sources(SourcesAnswer* answer) const;
  Ending Appearances(AppearancesAnswer* answer) const;
  // Hands out the faces of the case in the order of their tracks, in batches, so that memory does not grow
  // with the case; kInterrupted when it is stopped between two of them.
  Ending Faces(const std::function<void(const std::vector<FaceAnswer>&)>& each, const Watch& watch) const;

  // --- footage and faces ---

  // Compares faces with other embedding models from now on; persons, names and corrections stay.
  Ending Reembed(const ReembedRequest& request, const Watch& watch, ReembedAnswer* answer) const;
  // Which sources are copies of each other; kExitSomeSourcesBad when some could not be compared.
  Ending Duplicates(int threads, const Watch& watch, DuplicatesAnswer* answer) const;
  // Writes a copy of a source with faces hidden.
  Ending Redact(const RedactRequest& request, const Watch& watch, RedactAnswer* answer) const;
  // Who is the person of a photo? kExitNothingFound when nobody is likely.
  Ending Search(const SearchRequest& request, const Watch& watch, SearchAnswer* answer) const;

  // --- custody ---

  // Is the case what it was? kExitMismatch when not.
  Ending Verify(const std::filesystem::path& sources, const Watch& watch, VerifyAnswer* answer) const;
  // Footage was moved: finds it by its SHA-256 and remembers where. kExitSomeSourcesBad where some are not
  // found.
  Ending Locate(const LocateRequest& request, const Watch& watch, LocateAnswer* answer) const;
  // Removes a person or a source for good. Refused (kInvalidArgument, Remedy::kConfirm) unless confirmed or a
  // dry run. kExitMismatch when something of it is still to be found.
  Ending Forget(const ForgetRequest& request, const Watch& watch, ForgetAnswer* answer) const;
  // Rebuilds the database file, where forgetting could not (Remedy::kFinishForget).
  Ending FinishForgetting(const Watch& watch, ForgetAnswer* answer) const;
  // For other programs; kExitNothingFound for a case without tracks.
  Ending WriteFormats(const FormatsRequest& request, const Watch& watch, FormatsAnswer* answer) const;
  // Against the truth.
  Ending Evaluate(const EvaluateRequest& request, EvaluateAnswer* answer) const;

 private:
  const std::filesystem::path case_folder_;
};

}  // namespace crossface

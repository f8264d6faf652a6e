// A case page by page, for those who look at it for long: the same facts as CaseService's, with what a page
// needs beside them (ids, portraits, boxes, evidence). It changes nothing.
//
// Every call reads one moment of the case, beside whoever writes; the list of people and facts of
// sources are kept until the case changes. Thread-safe: one object per case, for all who look. Errors: the
// gallery's; kNotFound for an id that the case does not have.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "crossface/app/browse_answers.h"
#include "crossface/app/case_facts.h"
#include "crossface/app/footage_answers.h"
#include "crossface/curation/people_list.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/mutex.h"

namespace crossface {

class CaseBrowser {
 public:
  explicit CaseBrowser(const std::filesystem::path& case_folder)
      : case_folder_(case_folder), reader_(case_folder) {}
  const std::filesystem::path& case_folder() const { return case_folder_; }

  // Changes with every correction and every grouping.
  Result<std::string> Version() const;
  Result<OverviewAnswer> Overview() const;

  Result<PeoplePageAnswer> People(const PeopleAsked& asked, Page page) const;
  Result<PersonShownAnswer> Person(int64_t person) const;
  Result<Stretch<ShownAppearance>> Appearances(int64_t person, Page page) const;
  Result<int64_t> Portrait(int64_t person) const;  // id of a face

  Result<Stretch<ShownFace>> Faces(const FacesAsked& asked, Page page) const;
  Result<FaceEvidenceAnswer> Face(int64_t face) const;
  Result<std::string> FacePicture(int64_t face) const;                // JPEG
  Result<std::string> FaceThumbnail(int64_t face, int pixels) const;  // JPEG, the longer side at most so long

  Result<Stretch<ShownSource>> Sources(const std::string& text, Page page) const;
  Result<SourceShownAnswer> Source(int64_t source) const;
  // Those that reach into [from_us, to_us].
  Result<Stretch<ShownTrack>> Tracks(int64_t source, int64_t from_us, int64_t to_us, Page page) const;
  Result<SourceMarksAnswer> Marks(int64_t source) const;
  Result<SourceRecord> FindSource(int64_t source) const;

  Result<CorrectionsPageAnswer> Corrections(Page page) const;
  // Those that were made after the version.
  Result<std::vector<HistoryAnswer::Entry>> CorrectionsSince(const std::string& version) const;
  Result<SuggestionsPageAnswer> Suggestions(Page page) const;

  // Ids of the best faces and tracks of what a search found, in its order, and the time of the face; 0 where
  // they are gone.
  struct HitIds {
    int64_t face = 0, track = 0, source = 0, time_us = 0;
  };
  Result<std::vector<std::vector<HitIds>>> IdsOf(const SearchAnswer& answer) const;

 private:
  using FirstMoments = std::map<int64_t, ShownPerson::Moment>;  // by person
  // Everybody, as of one state of the case.
  struct PeopleList {
    CaseTide tide;
    std::string version;
    PeoplePage people;
    std::unordered_map<int64_t, size_t> position;  // in people.persons, by id
    std::set<int64_t> confirmed;                   // tracks
    mutable Mutex mutex;
    // When everybody is first seen; null until somebody asks for this order.
    mutable std::shared_ptr<const FirstMoments> first_seen CROSSFACE_GUARDED_BY(mutex);
  };
  static Result<std::shared_ptr<const FirstMoments>> FirstMomentsOfAll(const Gallery& gallery,
                                                                       const CaseFacts& facts,
                                                                       const PeopleList& list);
  Result<std::shared_ptr<const PeopleList>> ReadPeople(const Gallery& gallery) const;

  const std::filesystem::path case_folder_;
  const CaseReader reader_;
  mutable Mutex mutex_;
  mutable std::shared_ptr<const PeopleList> people_ CROSSFACE_GUARDED_BY(mutex_);
};

}  // namespace crossface

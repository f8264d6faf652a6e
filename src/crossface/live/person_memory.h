// Who is who in a live watch: the case's persons, and those whom the watch has met itself and calls new-0001,
// new-0002 ... A track is given a name only when so few strangers would score as high among all who are known
// that a search would call it likely (search/search_case.h), when it is at even odds at least that it is this
// person and none of the others, and when its faces can tell who it is at all. In doubt it is somebody new:
// two persons are joined later, by grouping or by hand, more easily than one is taken apart.
//
// Scores are judged among the strangers that are known (cluster/graph/cohort.h), as grouping does.
// Memory: the best few templates of each person, and so many new persons; of more, those that were not seen
// for longest are forgotten. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "crossface/embed/embedder.h"
#include "crossface/gallery/gallery.h"
#include "crossface/live/live_event.h"
#include "crossface/search/search_ensemble.h"
#include "crossface/util/mutex.h"

namespace crossface {

struct PersonMemoryOptions {
  size_t templates = 5;  // of each person
  size_t new_persons = 5'000;
};

class PersonMemory {
 public:
  // Errors: kNotFound (no embedder that votes), those of reading calibrations.
  static Result<std::unique_ptr<PersonMemory>> Of(std::span<const std::unique_ptr<Embedder>> embedders,
                                                  const PersonMemoryOptions& options = {});

  // The case's persons and enrolled people as they are now, in place of what was known of them; new ones
  // stay. Who is enrolled and no person of the case is called as by a grouping, "Ada (by reference)". Errors:
  // the gallery's.
  Status Load(const Gallery& gallery);

  // What is known of a track until now: `look` is the best that its faces tell. `with`: tracks that shared a
  // frame with it, whose persons it cannot be. `last`: nothing better will come of it. Tracks are numbered
  // across streams; a track that was judged before is judged anew.
  LivePerson Judge(int64_t track, const TrackRecord& look, const std::set<int64_t>& with, bool last);

  // The track goes on as another one, which shows the same face without a break.
  void GoOn(int64_t track, int64_t next);
  // It will not be asked about any more; what it tells of its person stays.
  void Close(int64_t track);

  // New persons so far, and those of the case that were named.
  int64_t people_seen() const;

 private:
  // Persons of the case are their ids, those of whom there is a reference alone kFirstReference and above,
  // new ones are below nought.
  using Key = int64_t;
  struct Template {
    Key person = 0;
    int64_t track = 0;  // of this watch; 0: of the case
    SearchEnsemble::Vectors vectors;
    TemplateFacts facts;
    float evidence = 1;
  };
  struct Known {
    std::string name;
    bool ignored = false;
    int64_t seen = 0;  // rises with every judgement
  };
  struct Scores;

  PersonMemory(SearchEnsemble ensemble, const PersonMemoryOptions& options)
      : options_(options), ensemble_(std::move(ensemble)) {}

  CohortScore CohortOf(const Template& asked) const CROSSFACE_REQUIRES(mutex_);
  Scores Compare(const Template& asked, const std::set<Key>& not_these) const CROSSFACE_REQUIRES(mutex_);
  Key Found() CROSSFACE_REQUIRES(mutex_);
  void Enrol(const std::vector<ReferenceFace>& references) CROSSFACE_REQUIRES(mutex_);
  void Remember(Template made) CROSSFACE_REQUIRES(mutex_);
  void ForgetOldest() CROSSFACE_REQUIRES(mutex_);
  void Leave(int64_t track) CROSSFACE_REQUIRES(mutex_);
  LivePerson Named(Key key, double confidence) const CROSSFACE_REQUIRES(mutex_);
  void MeasureCaseCohorts() CROSSFACE_REQUIRES(mutex_);

  const PersonMemoryOptions options_;
  const SearchEnsemble ensemble_;
  mutable Mutex mutex_;
  std::map<Key, Known> persons_ CROSSFACE_GUARDED_BY(mutex_);
  std::map<std::string, Key> references_ CROSSFACE_GUARDED_BY(mutex_);  // by folded name, ever
  std::vector<Template> templates_ CROSSFACE_GUARDED_BY(mutex_);
  std::map<int64_t, Key> said_ CROSSFACE_GUARDED_BY(mutex_);    // of open tracks
  std::map<int64_t, int> doubts_ CROSSFACE_GUARDED_BY(mutex_);  // how often an open track was in doubt
  std::set<Key> seen_ CROSSFACE_GUARDED_BY(mutex_);             // whom any track was said to show
  int64_t founded_ CROSSFACE_GUARDED_BY(mutex_) = 0, judgements_ CROSSFACE_GUARDED_BY(mutex_) = 0;
};

}  // namespace crossface

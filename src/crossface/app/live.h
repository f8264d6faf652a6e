// Watching live streams, with a case: what front ends ask, and what they are told while it lasts.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "crossface/app/answers.h"
#include "crossface/app/ending.h"
#include "crossface/app/watch.h"
#include "crossface/custody/let_go.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/live/live_event.h"

namespace crossface {

struct LiveRequest {
  std::vector<std::string> streams;  // addresses, "-" or files, each with "NAME=" in front or not
  double for_s = 0;                  // 0: until it is stopped
  std::vector<std::string> watch;    // persons of the case, by name or number: events about them are marked
  // A program and its arguments, run for each event that shows a watched person, with the person's name, the
  // stream and the time as further arguments. No shell reads them. Empty: none.
  std::vector<std::string> run;
  bool record = true;
  // What of all recordings of the case is kept; what is beyond goes, as far as custody/let_go.h lets it.
  KeepLimits keep;
  bool identify = true;  // scan, group and export what was recorded, when the watch ends by itself
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::string device = "auto";
  int threads = 1;
};

struct LiveAnswer {
  int64_t tracks = 0, people = 0, dropped = 0, segments = 0, recorded_bytes = 0;
  std::vector<std::pair<std::string, std::string>> failed;  // streams that never came, and why
  std::vector<std::string> streams;                         // names, in the order given
  int64_t let_go = 0, let_go_bytes = 0;                     // segments that went
  bool left_to_identify = false;                            // segments that are not part of the case yet
  IdentifyAnswer identified;
};

// Called as Observer is.
class LiveObserver : public Observer {
 public:
  virtual void OnLive(const LiveEvent& event) = 0;
  virtual void OnLiveProgress(const LiveProgress& progress) { (void)progress; }  // about twice a second
};

// `live` is told of the watch itself, `watch` of what else there is to do; they may be one object. Makes the
// case where there is none. The case is not locked while the watch lasts: others may correct it,
// and what they say is known here soon. A stop ends the watch with kExitDone: that is how watches end.
// kExitSomeSourcesBad when a stream never came. Errors: kInvalidArgument (an address, or a person who is not
// there), kModelMissing, those of the case.
Ending WatchLive(const std::filesystem::path& case_folder, const LiveRequest& request, const Watch& watch,
                 LiveObserver& live, LiveAnswer* answer);

nlohmann::json ToJson(const LiveEvent& event);
nlohmann::json ToJson(const LiveAnswer& answer);

}  // namespace crossface

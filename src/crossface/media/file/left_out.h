// What a look into folders for sources passed over. A plain value.
#pragma once

#include <cstdint>
#include <string>

#include "crossface/util/public_api.h"

namespace crossface {

// What was passed over in folders. Named itself, each of these but the special ones is read or refused with a
// reason.
struct LeftOut {
  int64_t hidden = 0;       // files and folders whose names begin with a dot; a folder counts once
  int64_t other_files = 0;  // that hold neither video nor picture, by their name and their first bytes
  int64_t special = 0;      // pipes, sockets and devices
  int64_t dead_links = 0;   // links to nothing, or to themselves
  int64_t cases = 0;        // folders of cases, in whose pictures everybody would be found again
  bool operator==(const LeftOut&) const = default;
};

// For people: what, how many, and how to have it looked at. Empty when nothing was left out.
CROSSFACE_API std::string LeftOutText(const LeftOut& left_out);

}  // namespace crossface

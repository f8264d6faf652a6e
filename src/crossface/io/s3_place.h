// Names of places in object storage: `s3://bucket/key`. A key is written as it is, so that what other
// programs print can be pasted; only a part of it that a path cannot hold is written otherwise: an empty one
// as `%`,
// `.` as `%2E`, `..` as `%2E%2E`, and one that looks like these gets `25` behind its `%`. Thread-safe: no
// state.
#pragma once

#include <string>
#include <string_view>

#include "crossface/util/status.h"

namespace crossface::io {

struct S3Place {
  std::string bucket;
  std::string key;             // as the server knows it; of a folder: without the slash behind it
  bool has_key = false;        // else the whole bucket is meant
  bool ends_at_slash = false;  // only a folder is meant
};

// Errors: kInvalidArgument where there is no bucket's name.
Result<S3Place> ParseS3Place(std::string_view place);

// The one name of a place, without a slash at its end.
std::string S3PlaceName(const S3Place& place);

// The name of a part of a key, as paths can hold it; and back.
std::string S3PartName(std::string_view part);
std::string S3PartOf(std::string_view name);

// As in an address: all but letters, digits and -._~ as %XX; slashes stay where they are kept.
std::string PercentEncoded(std::string_view text, bool keep_slashes);
// Of an answer of a server: %XX, and + for a space.
std::string PercentDecoded(std::string_view text);

}  // namespace crossface::io

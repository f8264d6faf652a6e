// What lies in a bucket, page after page of the server's answer. Thread-safe: no state.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>

#include "crossface/io/byte_source.h"
#include "crossface/io/s3_client.h"
#include "crossface/util/status.h"

namespace crossface::io {

struct S3Listing {
  std::string bucket;
  std::string prefix;      // of the keys
  bool in_folders = true;  // what has a further slash behind the prefix is told once, as a folder
  int most = 1000;         // in a page, of which there is one where `one_page`
  bool one_page = false;
};

struct S3Listed {
  std::string key;  // of a folder: with the slash behind it
  bool folder = false;
  Version version = {};  // of an object
};

// In the order of the keys' bytes, folders of a page behind its objects. Errors: see s3_errors.h; kIo for an
// answer that is not understood.
Status ListS3(S3Client& client, const std::string& place, const S3Listing& listing,
              const std::function<void(S3Listed)>& listed, const std::stop_token& stop);

// The header of a request that is refused once another version lies there: by its ETag, or by its time where
// the server gives none.
std::pair<std::string, std::string> OnlyIf(const Version& version);

// Of an object, from its size, its ETag as the server writes it and when it came there.
Version S3Version(int64_t bytes, std::string etag, const std::string& modified);

}  // namespace crossface::io

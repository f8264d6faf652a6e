// Where object storage is and who asks, as other programs for it are told: the AWS variables and profile
// files. Keys are not read here: the client library asks for them when it signs (s3_client.h), and nobody
// else sees them.
#pragma once

#include <string>

#include "crossface/util/status.h"

namespace crossface::io {

struct S3Settings {
  std::string profile = "default";  // AWS_PROFILE
  std::string region;               // AWS_REGION, AWS_DEFAULT_REGION, the profile's, else us-east-1
  // AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the profile's; empty: Amazon's own for the region.
  std::string endpoint;
  std::string certificates;  // AWS_CA_BUNDLE, the profile's: whom to trust in place of the system's; or empty
};

// Thread-safe. Errors: kInvalidArgument for an endpoint or a profile file that cannot be understood, and for
// a profile that is asked for and not there.
Result<S3Settings> ReadS3Settings();

}  // namespace crossface::io

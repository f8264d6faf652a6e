// What went wrong with a request to object storage, in words, and what can be done about it as a Remedy.
// Nothing of what a server says is passed on but the name of its error: its texts hold keys and signatures.
#pragma once

#include <stop_token>
#include <string>

#include "crossface/io/s3_client.h"
#include "crossface/util/status.h"

namespace crossface::io {

// `place`: what it was asked for. OK for a good answer. Errors: kNotFound (no such object or bucket),
// kPermissionDenied (no keys, or none that the server takes for this; a clock that is wrong),
// kInvalidArgument (another region), kMismatch (another content has come to the place), kUnsupported
// (archived), kIo.
Status FailureOf(const S3Client& client, const std::string& place, const S3Answer& answer);

// The answer to a request, when it is a good one. A refusal without a text, as one to HEAD is, is asked for
// once more in a way that gives one.
Result<S3Answer> Ask(S3Client& client, const std::string& place, S3Request request,
                     const std::stop_token& stop);

}  // namespace crossface::io

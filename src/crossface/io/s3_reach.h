// Whether a server of object storage is there and may be spoken to, found out before the client library is
// asked to: that one waits for up to half a minute after a handshake that fails, and tries again and again
// where nobody listens.
#pragma once

#include <stop_token>
#include <string>

#include "crossface/util/status.h"

namespace crossface::io {

// `endpoint`: "https://s3.example.org" or "http://127.0.0.1:7070". `certificates`: a file in PEM format of
// whom to trust; empty: whom this machine trusts. Thread-safe. Errors, kIo each: nobody takes a connection,
// for two seconds where it is refused, for ten where nothing answers (Remedy::kCheckServer); the certificate
// is nobody's who is trusted, or of another name, or there is no TLS (Remedy::kTrustServer). kInterrupted.
// OK where what is found out is the client's business.
Status ReachS3Server(const std::string& endpoint, const std::string& certificates,
                     const std::stop_token& stop);

}  // namespace crossface::io

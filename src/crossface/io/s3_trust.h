// Whether a server of object storage may be spoken to by TLS, found out before the client library is asked
// to: that one waits for up to half a minute after a handshake that fails, and tries again.
#pragma once

#include <stop_token>
#include <string>

#include "crossface/util/status.h"

namespace crossface::io {

// `host`: "s3.example.org" or "127.0.0.1:7070". `certificates`: a file in PEM format of whom to trust; empty:
// whom this machine trusts. False where the server answers and its certificate is nobody's who is trusted, or
// of another name, or it speaks no TLS. True where there is nothing to find out: whoever cannot be reached is
// the client's business. Thread-safe. Errors: kInterrupted.
Result<bool> MayBeTrusted(const std::string& host, const std::string& certificates,
                          const std::stop_token& stop);

}  // namespace crossface::io

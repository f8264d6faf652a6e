// The server's certificate for TLS: the user's, or one of its own that is made once and kept. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

struct Certificate {
  std::string certificate_pem, key_pem;
  std::string sha256;  // of the certificate, as browsers show it: "AB:CD:..."
};

// Errors: kNotFound, kPermissionDenied, kIo; kInvalidArgument for a file that holds no certificate or key, a
// key of another certificate, and one whose time is over.
Result<Certificate> ReadCertificate(const std::filesystem::path& certificate,
                                    const std::filesystem::path& key);

// Its own, signed by itself, in `folder`: made when there is none, or one for other names, or one that ends
// within a month; the key readable by the user alone. `names`: of hosts and addresses. Errors: those of
// writing.
Result<Certificate> OwnCertificate(const std::filesystem::path& folder,
                                   const std::vector<std::string>& names);

}  // namespace crossface

// Whose keys sign requests to object storage, and whose certificates are trusted. Keys stay in the client
// library's own objects. Thread-safe: no state.
#pragma once

#include <aws/auth/credentials.h>
#include <aws/io/channel_bootstrap.h>
#include <aws/io/event_loop.h>
#include <aws/io/host_resolver.h>
#include <aws/io/tls_channel_handler.h>

#include <memory>
#include <stop_token>

#include "crossface/io/s3_settings.h"
#include "crossface/util/status.h"

namespace crossface::io {

// What the library counts the users of.
template <typename T, auto kRelease>
struct Releaser {
  void operator()(T* object) const { kRelease(object); }
};
template <typename T, auto kRelease>
using Owned = std::unique_ptr<T, Releaser<T, kRelease>>;
using Loops = Owned<aws_event_loop_group, aws_event_loop_group_release>;
using Resolver = Owned<aws_host_resolver, aws_host_resolver_release>;
using Bootstrap = Owned<aws_client_bootstrap, aws_client_bootstrap_release>;
using TlsContext = Owned<aws_tls_ctx, aws_tls_ctx_release>;
using Provider = Owned<aws_credentials_provider, aws_credentials_provider_release>;

// Null where the endpoint is without TLS and there are no certificates. Errors: kInvalidArgument for
// certificates that cannot be read.
Result<TlsContext> S3Tls(const S3Settings& settings);

// The variables, the profile's keys or role, the profile's program: the first that has keys, asked again
// every few minutes. None of them asks anybody whom the user did not name.
Provider S3Keys(const S3Settings& settings, aws_client_bootstrap* bootstrap, aws_tls_ctx* tls);

// Why there are no keys, as the library numbers errors; 0: there are some, or nobody knows within a minute.
// Errors: kInterrupted.
Result<int> WhyNoKeys(aws_credentials_provider* keys, const std::stop_token& stop);

}  // namespace crossface::io

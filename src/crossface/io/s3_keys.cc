#include "crossface/io/s3_keys.h"

#include <chrono>
#include <string>
#include <vector>

#include "crossface/io/s3_library.h"
#include "crossface/util/mutex.h"
#include "crossface/util/text.h"

namespace crossface::io {
namespace {

constexpr auto kKeepKeys = std::chrono::minutes(5);
constexpr auto kWaitForKeys = std::chrono::minutes(1);
constexpr auto kLookForStop = std::chrono::milliseconds(50);

}  // namespace

Result<TlsContext> S3Tls(const S3Settings& settings) {
  aws_tls_ctx_options options;
  aws_tls_ctx_options_init_default_client(&options, S3Allocator());
  bool trusted = true;
  if (!settings.certificates.empty()) {
    trusted = aws_tls_ctx_options_override_default_trust_store_from_path(&options, nullptr,
                                                                         settings.certificates.c_str()) == 0;
  }
  TlsContext tls(trusted ? aws_tls_client_ctx_new(S3Allocator(), &options) : nullptr);
  aws_tls_ctx_options_clean_up(&options);
  if (tls != nullptr || settings.endpoint.starts_with("http://")) return tls;
  return Status(StatusCode::kInvalidArgument,
                settings.certificates.empty()
                    ? std::string("the certificates of this machine cannot be read; install ca-certificates")
                    : DisplayPath(settings.certificates) +
                          ": the certificates of AWS_CA_BUNDLE cannot be read; name a file in PEM format");
}

Provider S3Keys(const S3Settings& settings, aws_client_bootstrap* bootstrap, aws_tls_ctx* tls) {
  std::vector<aws_credentials_provider*> sources;
  const aws_credentials_provider_environment_options environment = {};
  sources.push_back(aws_credentials_provider_new_environment(S3Allocator(), &environment));
  aws_credentials_provider_profile_options profile = {};
  profile.profile_name_override = CursorOf(settings.profile);
  profile.bootstrap = bootstrap;
  profile.tls_ctx = tls;
  sources.push_back(aws_credentials_provider_new_profile(S3Allocator(), &profile));
  aws_credentials_provider_process_options process = {};
  process.profile_to_use = CursorOf(settings.profile);
  sources.push_back(aws_credentials_provider_new_process(S3Allocator(), &process));
  std::erase(sources, nullptr);
  aws_credentials_provider_chain_options chain = {};
  chain.providers = sources.data();
  chain.provider_count = sources.size();
  const Provider first(aws_credentials_provider_new_chain(S3Allocator(), &chain));
  for (aws_credentials_provider* source : sources) aws_credentials_provider_release(source);
  aws_credentials_provider_cached_options cached = {};
  cached.source = first.get();
  cached.refresh_time_in_milliseconds = std::chrono::milliseconds(kKeepKeys).count();
  return Provider(aws_credentials_provider_new_cached(S3Allocator(), &cached));
}

Result<int> WhyNoKeys(aws_credentials_provider* keys, const std::stop_token& stop) {
  struct Asked {
    Mutex mutex;
    Condition changed;
    bool answered = false;
    int error = 0;
  };
  const auto asked = std::make_shared<Asked>();
  auto kept = std::make_unique<std::shared_ptr<Asked>>(asked);
  const auto answer = [](aws_credentials* found, int error, void* kept_by_it) {
    const std::unique_ptr<std::shared_ptr<Asked>> owned(static_cast<std::shared_ptr<Asked>*>(kept_by_it));
    MutexLock lock((*owned)->mutex);
    (*owned)->answered = true;
    (*owned)->error = found == nullptr ? error : 0;
    (*owned)->changed.notify_all();
  };
  if (aws_credentials_provider_get_credentials(keys, answer, kept.get()) != 0) return aws_last_error();
  static_cast<void>(kept.release());  // `answer` has it
  const auto until = std::chrono::steady_clock::now() + kWaitForKeys;
  MutexLock lock(asked->mutex);
  while (!asked->answered && std::chrono::steady_clock::now() < until) {
    if (stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
    asked->changed.wait_for(lock, kLookForStop);
  }
  return asked->error;
}

}  // namespace crossface::io

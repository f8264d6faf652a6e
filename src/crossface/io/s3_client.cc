#include "crossface/io/s3_client.h"

#include <aws/http/connection.h>
#include <aws/http/request_response.h>
#include <aws/io/channel_bootstrap.h>
#include <aws/io/event_loop.h>
#include <aws/io/host_resolver.h>
#include <aws/io/io.h>
#include <aws/io/tls_channel_handler.h>
#include <aws/io/uri.h>
#include <aws/s3/s3.h>
#include <aws/s3/s3_client.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <set>

#include "crossface/io/s3_keys.h"
#include "crossface/io/s3_library.h"
#include "crossface/io/s3_place.h"
#include "crossface/io/s3_reach.h"
#include "crossface/util/mutex.h"
#include "crossface/util/text.h"

namespace crossface::io {
namespace {

using namespace std::chrono_literals;

constexpr auto kAskAgain = 50ms;
// A request is tried again up to seven times, with up to 0.2, 0.4, … 12.8 s between; a server that is silent
// is given up after kSilence each time. All in all it may take this long.
constexpr auto kLongest = 180s;
constexpr int kRetries = 7;
constexpr int kSilenceSeconds = 20;
// How long an upload that was stopped may take to be taken back before its caller goes on.
constexpr auto kTakingBack = 900ms;
constexpr auto kLeaving = 5s;

}  // namespace

class S3Client::Inner : public std::enable_shared_from_this<S3Client::Inner> {
 public:
  Status Open(const S3Settings& settings);
  void Close();
  const S3Settings& settings() const { return settings_; }
  std::string HostOf(const std::string& bucket) const;
  std::string EndpointOf(const std::string& bucket) const;
  std::string PathOf(const S3Request& request) const;
  bool at_amazon() const { return settings_.endpoint.empty(); }
  // Until the server was reached once: gives WhyNoKeys; then errors, those of ReachS3Server.
  Result<int> Reach(const std::string& bucket, const std::stop_token& stop);

  class Running;
  std::shared_ptr<Running> Start(S3Request request, std::function<void(S3Answer)> done);

 private:
  friend class Running;
  void Forget(Running* call);

  S3Settings settings_;
  Loops loops_;
  Resolver resolver_;
  Bootstrap bootstrap_;
  TlsContext tls_;
  Provider keys_;
  aws_s3_client* client_ = nullptr;

  Mutex mutex_;
  Condition changed_;
  std::set<Running*> running_ CROSSFACE_GUARDED_BY(mutex_);
  bool closed_ CROSSFACE_GUARDED_BY(mutex_) = false;
  bool reached_ CROSSFACE_GUARDED_BY(mutex_) = false;
};

// Kept alive by the library's use of it, until it has let go of the request.
class S3Client::Inner::Running final : public S3Client::Call, public std::enable_shared_from_this<Running> {
 public:
  Running(std::shared_ptr<Inner> client, S3Request request, std::function<void(S3Answer)> done)
      : client_(std::move(client)), request_(std::move(request)), done_(std::move(done)) {}
  ~Running() override {
    if (meta_ != nullptr) aws_s3_meta_request_release(meta_);
    aws_uri_clean_up(&endpoint_);
  }

  void Cancel() override {
    MutexLock lock(mutex_);
    if (meta_ != nullptr) aws_s3_meta_request_cancel(meta_);
    cancelled_ = true;
  }

  // False: nothing was begun, and nothing will be called.
  bool Begin(aws_s3_client* client, std::shared_ptr<Running> self);

 private:
  aws_http_message* Message() const;
  static int OnHeaders(aws_s3_meta_request*, const aws_http_headers* headers, int status, void* self);
  static int OnBody(aws_s3_meta_request*, const aws_byte_cursor* body, uint64_t, void* self);
  static void OnFinish(aws_s3_meta_request*, const aws_s3_meta_request_result* result, void* self);
  static void OnShutdown(void* self);
  void TakeHeaders(const aws_http_headers* headers);

  const std::shared_ptr<Inner> client_;
  const S3Request request_;
  std::function<void(S3Answer)> done_;
  S3Answer answer_;
  aws_uri endpoint_ = {};
  std::shared_ptr<Running> self_;

  Mutex mutex_;
  aws_s3_meta_request* meta_ CROSSFACE_GUARDED_BY(mutex_) = nullptr;
  bool cancelled_ CROSSFACE_GUARDED_BY(mutex_) = false;
};

Status S3Client::Inner::Open(const S3Settings& settings) {
  settings_ = settings;
  loops_.reset(aws_event_loop_group_new_default(S3Allocator(), 2, nullptr));
  aws_host_resolver_default_options resolving = {};
  resolving.el_group = loops_.get();
  resolving.max_entries = 8;
  resolver_.reset(aws_host_resolver_new_default(S3Allocator(), &resolving));
  aws_client_bootstrap_options bootstrapping = {};
  bootstrapping.event_loop_group = loops_.get();
  bootstrapping.host_resolver = resolver_.get();
  bootstrap_.reset(aws_client_bootstrap_new(S3Allocator(), &bootstrapping));
  CROSSFACE_ASSIGN_OR_RETURN(tls_, S3Tls(settings));
  keys_ = S3Keys(settings, bootstrap_.get(), tls_.get());

  aws_signing_config_aws signing = {};
  aws_s3_init_default_signing_config(&signing, CursorOf(settings_.region), keys_.get());
  aws_http_connection_monitoring_options monitoring = {};
  monitoring.minimum_throughput_bytes_per_second = 1;
  monitoring.allowable_throughput_failure_interval_seconds = kSilenceSeconds;
  aws_tls_connection_options connecting = {};
  if (tls_ != nullptr) aws_tls_connection_options_init_from_ctx(&connecting, tls_.get());
  aws_s3_client_config config = {};
  config.region = CursorOf(settings_.region);
  config.client_bootstrap = bootstrap_.get();
  config.tls_mode = tls_ == nullptr ? AWS_MR_TLS_DISABLED : AWS_MR_TLS_ENABLED;
  if (tls_ != nullptr) config.tls_connection_options = &connecting;
  config.signing_config = &signing;
  config.max_active_connections_override = 32;
  config.throughput_target_gbps = 1;  // else it would look for the machine's at an address of its own
  config.memory_limit_in_bytes = uint64_t{1} << 30;
  config.retry_config.max_retries = kRetries;
  config.retry_config.backoff_scale_factor_ms = 200;
  config.connect_timeout_ms = 5000;
  config.monitoring_options = &monitoring;
  config.shutdown_callback_user_data = this;
  config.shutdown_callback = [](void* self) {
    auto* const inner = static_cast<Inner*>(self);
    MutexLock lock(inner->mutex_);
    inner->closed_ = true;
    inner->changed_.notify_all();
  };
  client_ = aws_s3_client_new(S3Allocator(), &config);
  const int error = client_ == nullptr ? aws_last_error() : 0;
  aws_tls_connection_options_clean_up(&connecting);
  if (error == 0) return Status();
  return Status(StatusCode::kInternal,
                fmt::format("the client of object storage cannot be made ({})", aws_error_name(error)));
}

std::string S3Client::Inner::EndpointOf(const std::string& bucket) const {
  return (settings_.endpoint.starts_with("http://") ? "http://" : "https://") + HostOf(bucket);
}

Result<int> S3Client::Inner::Reach(const std::string& bucket, const std::stop_token& stop) {
  {
    MutexLock lock(mutex_);
    if (reached_) return 0;
  }
  // Whoever has no keys may not be told either which server is meant: they stand in the same profile.
  CROSSFACE_ASSIGN_OR_RETURN(const int no_keys, WhyNoKeys(keys_.get(), stop));
  if (no_keys != 0) return no_keys;
  CROSSFACE_RETURN_IF_ERROR(ReachS3Server(EndpointOf(bucket), settings_.certificates, stop));
  MutexLock lock(mutex_);
  reached_ = true;
  return 0;
}

void S3Client::Inner::Close() {
  if (client_ == nullptr) return;
  const auto until = std::chrono::steady_clock::now() + kLeaving;
  std::vector<std::shared_ptr<Running>> running;
  MutexLock lock(mutex_);
  // A call that is letting go of itself is not in the set any more.
  for (Running* call : running_) running.push_back(call->weak_from_this().lock());
  lock.unlock();
  for (const auto& call : running) {
    if (call != nullptr) call->Cancel();
  }
  running.clear();
  lock.lock();
  while (!running_.empty() && changed_.wait_until(lock, until) != std::cv_status::timeout) continue;
  lock.unlock();
  aws_s3_client_release(client_);
  lock.lock();
  while (!closed_ && changed_.wait_until(lock, until) != std::cv_status::timeout) continue;
}

std::string S3Client::Inner::HostOf(const std::string& bucket) const {
  if (!at_amazon()) {
    const std::string& endpoint = settings_.endpoint;
    const size_t begin = endpoint.find("://") + 3;
    return endpoint.substr(begin, endpoint.find('/', begin) - begin);
  }
  const std::string host = fmt::format("s3.{}.amazonaws.com{}", settings_.region,
                                       settings_.region.starts_with("cn-") ? ".cn" : "");
  // A certificate is for one name in front.
  return bucket.find('.') == std::string::npos ? bucket + "." + host : host;
}

std::string S3Client::Inner::PathOf(const S3Request& request) const {
  std::string path;
  if (!at_amazon()) {
    const size_t begin = settings_.endpoint.find("://") + 3;
    const size_t slash = settings_.endpoint.find('/', begin);
    if (slash != std::string::npos) path = settings_.endpoint.substr(slash);
  }
  if (!at_amazon() || request.bucket.find('.') != std::string::npos)
    path += "/" + PercentEncoded(request.bucket, false);
  path += "/" + PercentEncoded(request.key, true);
  for (char mark = '?'; const auto& [name, value] : request.query) {
    path += fmt::format("{}{}={}", std::exchange(mark, '&'), PercentEncoded(name, false),
                        PercentEncoded(value, false));
  }
  return path;
}

aws_http_message* S3Client::Inner::Running::Message() const {
  aws_http_message* const message = aws_http_message_new_request(S3Allocator());
  const auto add = [message](std::string_view name, std::string_view value) {
    aws_http_message_add_header(message, {.name = CursorOf(name), .value = CursorOf(value)});
  };
  aws_http_message_set_request_method(message, aws_byte_cursor_from_c_str(request_.method));
  const std::string path = client_->PathOf(request_), host = client_->HostOf(request_.bucket);
  aws_http_message_set_request_path(message, CursorOf(path));
  add("Host", host);
  for (const auto& [name, value] : request_.headers) add(name, value);
  return message;
}

bool S3Client::Inner::Running::Begin(aws_s3_client* client, std::shared_ptr<Running> self) {
  const std::string address = client_->EndpointOf(request_.bucket);
  const aws_byte_cursor cursor = CursorOf(address);
  if (aws_uri_init_parse(&endpoint_, S3Allocator(), &cursor) != 0) return false;
  aws_http_message* const message = Message();
  aws_s3_checksum_config checksums = {};
  checksums.location = AWS_SCL_HEADER;
  checksums.checksum_algorithm = AWS_SCA_CRC32;
  const bool puts = std::string_view(request_.operation) == "PutObject";
  aws_s3_meta_request_options options = {};
  options.type =
      request_.file.empty() ? AWS_S3_META_REQUEST_TYPE_DEFAULT : AWS_S3_META_REQUEST_TYPE_PUT_OBJECT;
  options.operation_name = aws_byte_cursor_from_c_str(request_.operation);
  options.message = message;
  options.endpoint = &endpoint_;
  if (puts) options.checksum_config = &checksums;
  if (!request_.file.empty()) options.send_filepath = CursorOf(request_.file);
  if (!request_.body.empty()) options.request_body = CursorOf(request_.body);
  options.user_data = this;
  options.headers_callback = &OnHeaders;
  options.body_callback = &OnBody;
  options.finish_callback = &OnFinish;
  options.shutdown_callback = &OnShutdown;
  // Before anything is called back.
  self_ = std::move(self);
  MutexLock lock(mutex_);
  meta_ = aws_s3_client_make_meta_request(client, &options);
  const bool begun = meta_ != nullptr;
  if (!begun) self_.reset();
  if (begun && cancelled_) aws_s3_meta_request_cancel(meta_);
  lock.unlock();
  aws_http_message_release(message);
  return begun;
}

void S3Client::Inner::Running::TakeHeaders(const aws_http_headers* headers) {
  for (size_t i = 0; headers != nullptr && i < aws_http_headers_count(headers); ++i) {
    aws_http_header header;
    if (aws_http_headers_get_index(headers, i, &header) != 0) continue;
    answer_.headers[LowerAscii(TextOf(header.name))] = TextOf(header.value);
  }
}

int S3Client::Inner::Running::OnHeaders(aws_s3_meta_request*, const aws_http_headers* headers, int status,
                                        void* self) {
  auto* const call = static_cast<Running*>(self);
  call->answer_.status = status;
  call->TakeHeaders(headers);
  return AWS_OP_SUCCESS;
}

int S3Client::Inner::Running::OnBody(aws_s3_meta_request*, const aws_byte_cursor* body, uint64_t,
                                     void* self) {
  static_cast<Running*>(self)->answer_.body.append(reinterpret_cast<const char*>(body->ptr), body->len);
  return AWS_OP_SUCCESS;
}

void S3Client::Inner::Running::OnFinish(aws_s3_meta_request*, const aws_s3_meta_request_result* result,
                                        void* self) {
  auto* const call = static_cast<Running*>(self);
  S3Answer& answer = call->answer_;
  answer.error = result->error_code;
  if (result->error_code != 0) {
    answer.status = result->response_status;
    answer.headers.clear();
    call->TakeHeaders(result->error_response_headers);
    answer.body = result->error_response_body == nullptr
                      ? ""
                      : TextOf(aws_byte_cursor_from_buf(result->error_response_body));
  }
  std::exchange(call->done_, nullptr)(std::move(answer));
  MutexLock lock(call->mutex_);
  aws_s3_meta_request* const meta = std::exchange(call->meta_, nullptr);
  lock.unlock();
  if (meta != nullptr) aws_s3_meta_request_release(meta);
}

void S3Client::Inner::Running::OnShutdown(void* self) {
  auto* const call = static_cast<Running*>(self);
  const std::shared_ptr<Inner> client = call->client_;
  const std::shared_ptr<Running> last = std::move(call->self_);
  client->Forget(call);
}

void S3Client::Inner::Forget(Running* call) {
  MutexLock lock(mutex_);
  running_.erase(call);
  changed_.notify_all();
}

std::shared_ptr<S3Client::Inner::Running> S3Client::Inner::Start(S3Request request,
                                                                 std::function<void(S3Answer)> done) {
  auto call = std::make_shared<Running>(shared_from_this(), std::move(request), std::move(done));
  {
    MutexLock lock(mutex_);
    running_.insert(call.get());
  }
  if (call->Begin(client_, call)) return call;
  Forget(call.get());
  return nullptr;
}

bool IsCancelled(const S3Answer& answer) { return answer.error == AWS_ERROR_S3_CANCELED; }

S3Client::S3Client(std::shared_ptr<Inner> inner) : inner_(std::move(inner)) {}
S3Client::~S3Client() { inner_->Close(); }
const S3Settings& S3Client::settings() const { return inner_->settings(); }

std::string S3Client::Server() const {
  return inner_->at_amazon() ? "https://" + inner_->HostOf(".") : inner_->settings().endpoint;
}

Result<std::unique_ptr<S3Client>> S3Client::Make(const S3Settings& settings) {
  auto inner = std::make_shared<Inner>();
  CROSSFACE_RETURN_IF_ERROR(inner->Open(settings));
  return std::unique_ptr<S3Client>(new S3Client(std::move(inner)));
}

std::shared_ptr<S3Client::Call> S3Client::Start(S3Request request, std::function<void(S3Answer)> done) {
  return inner_->Start(std::move(request), std::move(done));
}

Result<S3Answer> S3Client::Do(S3Request request, const std::stop_token& stop) {
  struct Waiting {
    Mutex mutex;
    Condition changed;
    bool done = false;
    S3Answer answer;
  };
  CROSSFACE_ASSIGN_OR_RETURN(const int no_keys, inner_->Reach(request.bucket, stop));
  if (no_keys != 0) return S3Answer{.error = no_keys};
  const auto waiting = std::make_shared<Waiting>();
  const bool uploads = !request.file.empty();
  const auto call = Start(std::move(request), [waiting](S3Answer answer) {
    MutexLock lock(waiting->mutex);
    waiting->answer = std::move(answer);
    waiting->done = true;
    waiting->changed.notify_all();
  });
  if (call == nullptr) return S3Answer{.error = AWS_ERROR_OOM};
  // An upload takes as long as it takes: its parts are watched each by itself.
  const auto until = std::chrono::steady_clock::now() + kLongest;
  MutexLock lock(waiting->mutex);
  bool late = false;
  while (!waiting->done && !stop.stop_requested() && !late) {
    waiting->changed.wait_for(lock, kAskAgain);
    late = !uploads && std::chrono::steady_clock::now() > until;
  }
  if (waiting->done) return std::move(waiting->answer);
  lock.unlock();
  call->Cancel();
  if (late) return S3Answer{.error = AWS_ERROR_S3_REQUEST_TIMEOUT};
  lock.lock();
  const auto taken_back = std::chrono::steady_clock::now() + kTakingBack;
  while (uploads && !waiting->done &&
         waiting->changed.wait_until(lock, taken_back) != std::cv_status::timeout)
    continue;
  return Status(StatusCode::kInterrupted, "stopped");
}

}  // namespace crossface::io

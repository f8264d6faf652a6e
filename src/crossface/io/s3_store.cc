#include "crossface/io/s3_store.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "crossface/io/s3_cache.h"
#include "crossface/io/s3_client.h"
#include "crossface/io/s3_errors.h"
#include "crossface/io/s3_list.h"
#include "crossface/io/s3_place.h"
#include "crossface/util/text.h"

namespace crossface::io {
namespace {

Status IsAFolder(const std::string& place) {
  return Status(StatusCode::kUnsupported, DisplayPath(place) + ": is a folder, not a video or image file");
}

std::string Header(const S3Answer& answer, const char* name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? "" : found->second;
}

std::string FolderPrefix(const S3Place& place) { return place.has_key ? place.key + "/" : ""; }

Result<Version> Look(S3Client& client, const std::string& place, const S3Place& parsed,
                     const std::stop_token& stop) {
  S3Request request{.operation = "HeadObject", .method = "HEAD", .bucket = parsed.bucket, .key = parsed.key};
  CROSSFACE_ASSIGN_OR_RETURN(const S3Answer answer, Ask(client, place, std::move(request), stop));
  int64_t bytes = -1;
  const std::string size = Header(answer, "content-length"), modified = Header(answer, "last-modified");
  std::from_chars(size.data(), size.data() + size.size(), bytes);
  if (bytes >= 0 && !modified.empty()) return S3Version(bytes, Header(answer, "etag"), modified);
  return Status(StatusCode::kIo,
                fmt::format("{}: {} tells neither size nor version of it, and may be no object storage",
                            DisplayPath(place), client.Server()),
                Remedy::kCheckServer);
}

Result<bool> HoldsAnything(S3Client& client, const std::string& place, const S3Place& parsed,
                           const std::stop_token& stop) {
  bool holds = false;
  CROSSFACE_RETURN_IF_ERROR(ListS3(
      client, place, {.bucket = parsed.bucket, .prefix = FolderPrefix(parsed), .most = 1, .one_page = true},
      [&holds](const S3Listed&) { holds = true; }, stop));
  return holds;
}

}  // namespace

struct S3Store::Opened {
  std::shared_ptr<S3Client> client;
  std::shared_ptr<S3Cache> cache;
};

// A program that ends takes down first what was made last: OpenSSL has to outlive connections.
S3Store::S3Store() { OPENSSL_init_crypto(0, nullptr); }
S3Store::~S3Store() = default;

Result<S3Store::Opened*> S3Store::Ready() const {
  MutexLock lock(mutex_);
  if (opened_ != nullptr) return opened_.get();
  CROSSFACE_ASSIGN_OR_RETURN(const S3Settings settings, ReadS3Settings());
  auto opened = std::make_unique<Opened>();
  CROSSFACE_ASSIGN_OR_RETURN(opened->client, S3Client::Make(settings));
  opened->cache = std::make_shared<S3Cache>(opened->client);
  opened_ = std::move(opened);
  return opened_.get();
}

Result<Version> S3Store::VersionOf(const std::string& place, const std::stop_token& stop) const {
  CROSSFACE_ASSIGN_OR_RETURN(const S3Place parsed, ParseS3Place(place));
  CROSSFACE_ASSIGN_OR_RETURN(Opened * opened, Ready());
  if (!parsed.has_key || parsed.ends_at_slash) return IsAFolder(place);
  auto version = Look(*opened->client, place, parsed, stop);
  if (version.ok() || version.status().code() != StatusCode::kNotFound) return version;
  // Whoever may read an object need not be allowed to look what else there is.
  const auto folder = HoldsAnything(*opened->client, place, parsed, stop);
  if (folder.ok() && *folder) return IsAFolder(place);
  if (folder.status().code() == StatusCode::kInterrupted) return folder.status();
  // Why: HEAD does not say whether the object, its bucket or whoever asks is unknown.
  S3Request request{.operation = "GetObject", .bucket = parsed.bucket, .key = parsed.key};
  request.headers = {{"Range", "bytes=0-0"}};
  const auto reason = Ask(*opened->client, place, std::move(request), stop);
  return reason.ok() ? version.status() : reason.status();
}

Result<std::unique_ptr<ByteSource>> S3Store::Open(const std::string& place, Links /*links*/,
                                                  const std::stop_token& stop) const {
  CROSSFACE_ASSIGN_OR_RETURN(Version version, VersionOf(place, stop));
  CROSSFACE_ASSIGN_OR_RETURN(const S3Place parsed, ParseS3Place(place));
  CROSSFACE_ASSIGN_OR_RETURN(Opened * opened, Ready());
  return opened->cache->Open(S3PlaceName(parsed), parsed.bucket, parsed.key, std::move(version), stop);
}

Result<Kind> S3Store::KindOf(const std::string& place, Links /*links*/, const std::stop_token& stop) const {
  CROSSFACE_ASSIGN_OR_RETURN(const S3Place parsed, ParseS3Place(place));
  CROSSFACE_ASSIGN_OR_RETURN(Opened * opened, Ready());
  if (parsed.has_key && !parsed.ends_at_slash) {
    const auto version = Look(*opened->client, place, parsed, stop);
    if (version.ok()) return Kind::kFile;
    if (version.status().code() != StatusCode::kNotFound) return version.status();
  }
  CROSSFACE_ASSIGN_OR_RETURN(const bool holds, HoldsAnything(*opened->client, place, parsed, stop));
  // A bucket is there though nothing is in it.
  return holds || !parsed.has_key ? Kind::kFolder : Kind::kNothing;
}

Result<std::vector<Entry>> S3Store::List(const std::string& folder, const std::stop_token& stop) const {
  CROSSFACE_ASSIGN_OR_RETURN(const S3Place parsed, ParseS3Place(folder));
  CROSSFACE_ASSIGN_OR_RETURN(Opened * opened, Ready());
  const std::string prefix = FolderPrefix(parsed);
  std::vector<Entry> entries;
  bool is_there = !parsed.has_key;
  const auto add = [&](S3Listed listed) {
    is_there = true;
    if (!listed.key.starts_with(prefix)) return;
    std::string part = listed.key.substr(prefix.size());
    if (listed.folder) {
      if (part.ends_with('/')) part.pop_back();
      entries.push_back({S3PartName(part), Kind::kFolder, std::nullopt});
      return;
    }
    // What other programs put there for a folder that they made.
    if (part.empty() && listed.version.bytes == 0) return;
    entries.push_back({S3PartName(part), Kind::kFile, std::move(listed.version)});
  };
  CROSSFACE_RETURN_IF_ERROR(
      ListS3(*opened->client, folder, {.bucket = parsed.bucket, .prefix = prefix}, add, stop));
  if (!is_there) return Status(StatusCode::kNotFound, DisplayPath(folder) + ": there is no such folder");
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

Result<std::string> S3Store::RealPlace(const std::string& place) const {
  CROSSFACE_ASSIGN_OR_RETURN(const S3Place parsed, ParseS3Place(place));
  return S3PlaceName(parsed);
}

Status S3Store::Put(const std::string& place, std::string_view content, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const S3Place parsed, ParseS3Place(place));
  if (!parsed.has_key || parsed.ends_at_slash) return IsAFolder(place);
  CROSSFACE_ASSIGN_OR_RETURN(Opened * opened, Ready());
  S3Request request{.operation = "PutObject", .method = "PUT", .bucket = parsed.bucket, .key = parsed.key};
  request.headers = {{"Content-Length", std::to_string(content.size())}};
  request.body = content;
  return Ask(*opened->client, place, std::move(request), stop).status();
}

Status S3Store::PutFile(const std::string& place, const std::string& file, const std::stop_token& stop) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  if (error) return ErrnoStatus(error.value(), DisplayPath(file) + ": cannot be read");
  if (bytes == 0) return Put(place, "", stop);
  CROSSFACE_ASSIGN_OR_RETURN(const S3Place parsed, ParseS3Place(place));
  if (!parsed.has_key || parsed.ends_at_slash) return IsAFolder(place);
  CROSSFACE_ASSIGN_OR_RETURN(Opened * opened, Ready());
  S3Request request{.operation = "PutObject", .method = "PUT", .bucket = parsed.bucket, .key = parsed.key};
  request.headers = {{"Content-Length", std::to_string(bytes)}};
  request.file = file;
  return Ask(*opened->client, place, std::move(request), stop).status();
}

}  // namespace crossface::io

#include "crossface/io/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <utility>

#include "crossface/io/local_store.h"
#include "crossface/io/s3_store.h"
#include "crossface/util/mutex.h"
#include "crossface/util/text.h"

namespace crossface::io {
namespace {

struct Stores {
  Mutex mutex;
  std::map<std::string, std::shared_ptr<Store>, std::less<>> by_scheme CROSSFACE_GUARDED_BY(mutex) = {
      {"", std::make_shared<LocalStore>()}, {"s3", std::make_shared<S3Store>()}};
};

Stores& All() {
  static Stores stores;
  return stores;
}

Result<std::shared_ptr<Store>> StoreOf(const std::string& place) {
  const std::string_view scheme = SchemeOf(place);
  Stores& all = All();
  MutexLock lock(all.mutex);
  const auto found = all.by_scheme.find(scheme);
  if (found != all.by_scheme.end()) return found->second;
  return Status(
      StatusCode::kUnsupported,
      fmt::format("{}: there is nothing here that reads {}://; name files or folders of this machine",
                  DisplayPath(place), scheme));
}

}  // namespace

std::string_view SchemeOf(std::string_view place) {
  const size_t end = place.find("://");
  if (end == std::string_view::npos || end == 0) return {};
  const std::string_view scheme = place.substr(0, end);
  const bool is_one = std::all_of(scheme.begin(), scheme.end(), [](unsigned char letter) {
    return std::islower(letter) != 0 || std::isdigit(letter) != 0;
  });
  return is_one ? scheme : std::string_view();
}

void RegisterStore(const std::string& scheme, std::shared_ptr<Store> store) {
  Stores& all = All();
  MutexLock lock(all.mutex);
  if (store == nullptr) {
    all.by_scheme.erase(scheme);
  } else {
    all.by_scheme[scheme] = std::move(store);
  }
}

Result<std::unique_ptr<ByteSource>> Open(const std::string& place, Links links, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::shared_ptr<Store> store, StoreOf(place));
  return store->Open(place, links, stop);
}

Result<Version> VersionOf(const std::string& place, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::shared_ptr<Store> store, StoreOf(place));
  return store->VersionOf(place, stop);
}

Result<Kind> KindOf(const std::string& place, Links links, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::shared_ptr<Store> store, StoreOf(place));
  return store->KindOf(place, links, stop);
}

Result<std::vector<Entry>> List(const std::string& folder, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::shared_ptr<Store> store, StoreOf(folder));
  return store->List(folder, stop);
}

Result<std::string> RealPlace(const std::string& place) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::shared_ptr<Store> store, StoreOf(place));
  return store->RealPlace(place);
}

Status Put(const std::string& place, std::string_view content, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::shared_ptr<Store> store, StoreOf(place));
  return store->Put(place, content, stop);
}

Status PutFile(const std::string& place, const std::string& file, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::shared_ptr<Store> store, StoreOf(place));
  return store->PutFile(place, file, stop);
}

Result<std::string> HashOf(const std::string& place, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<ByteSource> source, Open(place, Links::kFollow, stop));
  return HashOf(*source, stop);
}

bool IsFile(const std::string& place) {
  const auto kind = KindOf(place);
  return kind.ok() && *kind == Kind::kFile;
}

std::string AbsolutePlace(const std::string& place) {
  if (!SchemeOf(place).empty()) {
    const auto real = RealPlace(place);
    return real.ok() ? *real : place;
  }
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(place, error);
  return error ? place : absolute.lexically_normal().string();
}

}  // namespace crossface::io

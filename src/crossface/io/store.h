// Where sources lie. A place is a path of this machine, or `scheme://` and what its store makes of the rest;
// folders end at `/`. Whoever finds and opens sources calls the functions below, and a further kind of store
// is one more that is registered.
//
// The case folder is no store: it is read and written by its opened folder (util/directory.h).
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/io/byte_source.h"
#include "crossface/util/status.h"

namespace crossface::io {

enum class Kind {
  kNothing,
  kFile,
  kFolder,
  kLink,   // to somewhere else; only where links are not followed
  kOther,  // a pipe, socket or device: it is never opened
};

enum class Links { kFollow, kTell };

struct Entry {
  std::string name;  // the last part of its place
  Kind kind = Kind::kNothing;
  std::optional<Version> version = {};  // of a file, where its store knows it without a further look
};

// Its methods may be called from several threads at once. Errors of all, each naming the place: kNotFound,
// kPermissionDenied, kIo; and of those that may wait for somebody else, kInterrupted within a second of a
// stop.
class Store {
 public:
  virtual ~Store() = default;

  // kUnsupported, at once and without a wait, for what is no file. Links::kTell: kPermissionDenied where the
  // place, or a folder on the way, is a link.
  // The stop holds for reading what was opened, too.
  virtual Result<std::unique_ptr<ByteSource>> Open(const std::string& place, Links links,
                                                   const std::stop_token& stop) const = 0;
  // Without opening it; kUnsupported for what is no file.
  virtual Result<Version> VersionOf(const std::string& place, const std::stop_token& stop) const = 0;
  // Nothing there is no error.
  virtual Result<Kind> KindOf(const std::string& place, Links links, const std::stop_token& stop) const = 0;
  // What lies in a folder, not below its folders, by name; links are told as such. Two are of one name where
  // a file and a folder can be.
  virtual Result<std::vector<Entry>> List(const std::string& folder, const std::stop_token& stop) const = 0;
  // The one name of a place, however it is reached: absolute, without links.
  virtual Result<std::string> RealPlace(const std::string& place) const = 0;
  // All of it or nothing; in place of what was there. Folders on the way are made.
  virtual Status Put(const std::string& place, std::string_view content, const std::stop_token& stop) = 0;
  // The same with the content of a file of this machine, however large.
  virtual Status PutFile(const std::string& place, const std::string& file, const std::stop_token& stop) = 0;
};

// "s3" of "s3://bucket/film.mp4"; empty for a path.
std::string_view SchemeOf(std::string_view place);

// From now on this is the store of a scheme, in place of another; null: there is none any more.
void RegisterStore(const std::string& scheme, std::shared_ptr<Store> store);

// The methods of the place's store. kUnsupported where its scheme has none.
Result<std::unique_ptr<ByteSource>> Open(const std::string& place, Links links = Links::kFollow,
                                         const std::stop_token& stop = {});
Result<Version> VersionOf(const std::string& place, const std::stop_token& stop = {});
Result<Kind> KindOf(const std::string& place, Links links = Links::kFollow, const std::stop_token& stop = {});
Result<std::vector<Entry>> List(const std::string& folder, const std::stop_token& stop = {});
Result<std::string> RealPlace(const std::string& place);
Status Put(const std::string& place, std::string_view content, const std::stop_token& stop = {});
Status PutFile(const std::string& place, const std::string& file, const std::stop_token& stop = {});

// Opens and hashes it. Errors: those of Open and HashOf.
Result<std::string> HashOf(const std::string& place, const std::stop_token& stop = {});

// False also where that cannot be found out.
bool IsFile(const std::string& place);

// A path made absolute, without `.` and `..`, links left as they are; what has a scheme as its store names
// it, which may be another name than was typed.
std::string AbsolutePlace(const std::string& place);

}  // namespace crossface::io

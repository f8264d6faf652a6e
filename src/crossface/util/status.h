// Status and Result: how every layer reports data errors. Broken invariants (bugs) throw std::logic_error
// instead.
//
// A Status is a value: copyable, comparable by code, safe to share between threads once built. Its message
// says what happened, to which file, and what to do, in words a user can read; callers add context in front
// with Annotate().
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "crossface/util/public_api.h"

namespace crossface {

enum class StatusCode {
  kOk = 0,
  kInvalidArgument,    // the caller asked for something that makes no sense
  kNotFound,           // a file, row or name is not there
  kPermissionDenied,   // the operating system refused
  kIo,                 // reading or writing failed
  kCorrupt,            // the bytes are damaged or not what their name says
  kUnsupported,        // sound, but this program cannot handle it (codec, size, newer version)
  kNoVideo,            // a media file without a picture stream or without a single picture
  kModelMissing,       // a model is not installed, or its licence is not accepted
  kOutOfResources,     // disk or memory is full
  kDeviceUnavailable,  // the requested accelerator is not there
  kMismatch,           // a checksum or recorded fact does not match
  kInterrupted,        // the user asked to stop
  kInternal,           // a library failed in a way that is not the data's fault
};

// Lower-case words for a code, such as "not found".
CROSSFACE_API std::string_view StatusCodeName(StatusCode code);

// What the user can do about it, where that is a choice that a front end offers and words in its own way.
enum class Remedy {
  kNone = 0,
  kOverride,        // insist: the new correction wins over what it contradicts
  kRescan,          // scan again what was scanned otherwise
  kIdentify,        // scan what is not, or no longer, scanned as it is
  kConfirm,         // say that it is meant: it cannot be undone
  kFinishForget,    // rebuild the database file once nobody else uses it
  kMergePersons,    // they are one person
  kListPeople,      // look who is there
  kShowPerson,      // look whose tracks are whose
  kReembed,         // compare with the models that are installed
  kVerifyModels,    // look which model's file is damaged
  kInstallModels,   // get the models that are missing
  kAcceptLicences,  // read and accept them
  kFewerThreads,    // less memory at once
  kUseCpu,          // do without the accelerator
  kOtherFolder,     // a new or an empty folder for the case
  kChooseFace,      // say which of a photo's faces is meant
  // Of object storage.
  kGiveKeys,       // say with which keys to ask
  kRenewKeys,      // get keys that are good: these have expired, or are not known there
  kAskPermission,  // ask the owner, or take keys that are allowed to
  kSetRegion,      // say in which region it is
  kCheckPlace,     // look at the name of the bucket or object, and at which server is asked
  kSetClock,       // set this machine's clock
  kRunAgain,       // it was changed meanwhile, or the server was busy: ask again later
  kCheckServer,    // look at the server's address, and whether it and the network are up
  kTrustServer,    // name the certificate to trust, or write http:// for a server without
  kLast = kTrustServer,
};

// Words for a remedy as programs read them, such as "override"; empty for kNone.
CROSSFACE_API std::string_view RemedyName(Remedy remedy);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message, Remedy remedy = Remedy::kNone)
      : code_(code), remedy_(remedy), message_(std::move(message)) {}

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }
  Remedy remedy() const { return remedy_; }

  // The same code and remedy with "context: " in front of the message. An ok status stays as it is.
  CROSSFACE_API Status Annotate(std::string_view context) const;

 private:
  StatusCode code_ = StatusCode::kOk;
  Remedy remedy_ = Remedy::kNone;
  std::string message_;
};

// The status for a failed system call: maps errno (ENOSPC to kOutOfResources, ENOENT to kNotFound, ...), and
// appends its text.
CROSSFACE_API Status ErrnoStatus(int error_number, std::string_view what);

// Either a value or a Status that is not ok. Reading the value of a failed Result throws std::logic_error.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
  Result(Status status) : content_(std::in_place_index<1>, std::move(status)) {  // NOLINT
    if (std::get<1>(content_).ok()) throw std::logic_error("Result made from an ok Status");
  }

  bool ok() const { return content_.index() == 0; }
  Status status() const { return ok() ? Status() : std::get<1>(content_); }

  T& operator*() & { return Value(); }
  const T& operator*() const& { return const_cast<Result*>(this)->Value(); }
  T&& operator*() && { return std::move(Value()); }
  T* operator->() { return &Value(); }
  const T* operator->() const { return &const_cast<Result*>(this)->Value(); }

 private:
  T& Value() {
    if (!ok()) throw std::logic_error("value of a failed Result: " + std::get<1>(content_).message());
    return std::get<0>(content_);
  }
  std::variant<T, Status> content_;
};

}  // namespace crossface

// Returns the status of an expression from the enclosing function unless it is ok.
#define CROSSFACE_RETURN_IF_ERROR(expression)                        \
  do {                                                               \
    if (::crossface::Status status_ = (expression); !status_.ok()) { \
      return status_;                                                \
    }                                                                \
  } while (false)

#define CROSSFACE_CONCAT_INNER(a, b) a##b
#define CROSSFACE_CONCAT(a, b) CROSSFACE_CONCAT_INNER(a, b)

// CROSSFACE_ASSIGN_OR_RETURN(auto x, F()): x = the value of F(), or returns its status from the enclosing
// function.
#define CROSSFACE_ASSIGN_OR_RETURN(lhs, expression)        \
  auto CROSSFACE_CONCAT(result_, __LINE__) = (expression); \
  if (!CROSSFACE_CONCAT(result_, __LINE__).ok()) {         \
    return CROSSFACE_CONCAT(result_, __LINE__).status();   \
  }                                                        \
  lhs = std::move(*CROSSFACE_CONCAT(result_, __LINE__))  // NOLINT(bugprone-macro-parentheses): declares

#include "crossface/util/status.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace crossface {

std::string_view StatusCodeName(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "ok";
    case StatusCode::kInvalidArgument:
      return "invalid argument";
    case StatusCode::kNotFound:
      return "not found";
    case StatusCode::kPermissionDenied:
      return "permission denied";
    case StatusCode::kIo:
      return "read or write error";
    case StatusCode::kCorrupt:
      return "damaged";
    case StatusCode::kUnsupported:
      return "unsupported";
    case StatusCode::kNoVideo:
      return "no video";
    case StatusCode::kModelMissing:
      return "model missing";
    case StatusCode::kOutOfResources:
      return "out of resources";
    case StatusCode::kDeviceUnavailable:
      return "device unavailable";
    case StatusCode::kMismatch:
      return "mismatch";
    case StatusCode::kInterrupted:
      return "interrupted";
    case StatusCode::kInternal:
      return "internal error";
  }
  return "unknown";
}

std::string_view RemedyName(Remedy remedy) {
  switch (remedy) {
    case Remedy::kNone:
      return "";
    case Remedy::kOverride:
      return "override";
    case Remedy::kRescan:
      return "rescan";
    case Remedy::kIdentify:
      return "identify";
    case Remedy::kMergePersons:
      return "merge persons";
    case Remedy::kListPeople:
      return "list people";
    case Remedy::kShowPerson:
      return "show person";
    case Remedy::kReembed:
      return "reembed";
    case Remedy::kVerifyModels:
      return "verify models";
    case Remedy::kConfirm:
      return "confirm";
    case Remedy::kFinishForget:
      return "finish forget";
    case Remedy::kInstallModels:
      return "install models";
    case Remedy::kAcceptLicences:
      return "accept licences";
    case Remedy::kFewerThreads:
      return "fewer threads";
    case Remedy::kUseCpu:
      return "use cpu";
    case Remedy::kOtherFolder:
      return "other folder";
    case Remedy::kChooseFace:
      return "choose face";
    case Remedy::kGiveKeys:
      return "give keys";
    case Remedy::kRenewKeys:
      return "renew keys";
    case Remedy::kAskPermission:
      return "ask permission";
    case Remedy::kSetRegion:
      return "set region";
    case Remedy::kCheckPlace:
      return "check place";
    case Remedy::kSetClock:
      return "set clock";
    case Remedy::kRunAgain:
      return "run again";
    case Remedy::kCheckServer:
      return "check server";
    case Remedy::kTrustServer:
      return "trust server";
  }
  return "";
}

Status Status::Annotate(std::string_view context) const {
  return ok() ? *this : Status(code_, fmt::format("{}: {}", context, message_), remedy_);
}

Status ErrnoStatus(int error_number, std::string_view what) {
  StatusCode code = StatusCode::kIo;
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      code = StatusCode::kNotFound;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = StatusCode::kPermissionDenied;
      break;
    case ENOSPC:
    case EDQUOT:
    case ENOMEM:
      code = StatusCode::kOutOfResources;
      break;
    default:
      break;
  }
  return Status(code, fmt::format("{}: {}", what, std::strerror(error_number)));
}

}  // namespace crossface

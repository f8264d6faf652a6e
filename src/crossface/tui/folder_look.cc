#include "crossface/tui/folder_look.h"

#include <fmt/format.h>

#include "crossface/app/installation.h"
#include "crossface/util/counted.h"
#include "crossface/util/time.h"

namespace crossface {

FolderLook::FolderLook(const std::filesystem::path& folder)
    : thread_([this, folder](const std::stop_token& stop) { Look(stop, folder); }) {}

void FolderLook::Look(const std::stop_token& stop, const std::filesystem::path& folder) {
  const auto each = [this](const MetadataAnswer::Source& source) {
    MutexLock lock(mutex_);
    if (!source.error.empty()) {
      ++unreadable_;
    } else if (source.info.duration_ms > 0) {
      ++videos_;
      video_ms_ += source.info.duration_ms;
    } else {
      ++pictures_;
    }
  };
  MetadataAnswer answer;
  const Ending ending = ReadMetadata({folder}, {.stop = stop}, each, &answer);
  MutexLock lock(mutex_);
  done_ = true;
  if (!ending.status.ok()) problem_ = ending.status.message();
}

std::string FolderLook::Told() const {
  MutexLock lock(mutex_);
  if (!problem_.empty()) return problem_;
  if (done_ && videos_ + pictures_ + unreadable_ == 0) return "no video and no picture lies here";
  std::string told;
  if (videos_ > 0)
    told = fmt::format("{}, {}", Counted(videos_, "video"),
                       ShortDuration(static_cast<double>(video_ms_) / 1000));
  if (pictures_ > 0) told += (told.empty() ? "" : ", ") + Counted(pictures_, "picture");
  if (unreadable_ > 0)
    told += (told.empty() ? "" : ", ") + fmt::format("{} that cannot be read", unreadable_);
  return done_ ? told : told + (told.empty() ? "looking ..." : " so far ...");
}

}  // namespace crossface

#include "crossface/live/recorder.h"

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "crossface/gallery/recordings.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/util/csv.h"

namespace crossface {
namespace {

constexpr std::string_view kEnding = ".mkv";

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string row = CsvRow(fields);
  row.resize(row.size() - 1);  // the newline of its CR LF, which the appending of a line adds
  return row;
}

std::string Hidden(const std::string& name) { return "." + name; }

bool IsLeftOver(const Directory::Entry& entry) {
  return entry.kind == Directory::Kind::kFile && entry.name.size() > kEnding.size() + 1 &&
         entry.name.front() == '.' && entry.name.ends_with(kEnding);
}

bool HoldsAPicture(const std::filesystem::path& path) {
  const auto reader = OpenSource(path);
  return reader.ok();
}

}  // namespace

Recorder::Recorder(Directory case_folder, std::string stream, std::string shown,
                   const RecorderOptions& options, std::function<void(StreamEvent)> tell)
    : case_folder_(std::move(case_folder)),
      stream_(std::move(stream)),
      shown_(std::move(shown)),
      folder_(std::string(kRecordingsFolder) + "/" + stream_),
      options_(options),
      tell_(std::move(tell)) {}

Recorder::~Recorder() { EndSegment("stopped"); }

Status Recorder::Open() {
  CROSSFACE_RETURN_IF_ERROR(case_folder_.CreateFolders(folder_));
  if (case_folder_.Look(kRecordingsList).kind == Directory::Kind::kNothing) {
    const std::vector<std::string> header = {"stream", "file",   "begin",  "end",   "clock",
                                             "bytes",  "sha256", "gap_ms", "ended", "address"};
    CROSSFACE_RETURN_IF_ERROR(case_folder_.AppendLine(kRecordingsList, CsvLine(header)));
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Directory::Entry> entries, case_folder_.List(folder_));
  for (const Directory::Entry& entry : entries)
    if (IsLeftOver(entry)) CROSSFACE_RETURN_IF_ERROR(Recover(entry.name));
  return Status();
}

Status Recorder::Recover(const std::string& hidden) {
  const std::string name = hidden.substr(1);
  CROSSFACE_ASSIGN_OR_RETURN(const FileDescriptor file, case_folder_.OpenFile(folder_ + "/" + hidden));
  // Whoever writes it holds the lock as long as he lives.
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return Status();
  if (!HoldsAPicture(case_folder_.path() / folder_ / hidden))
    return case_folder_.RemoveFile(folder_ + "/" + hidden);
  CROSSFACE_ASSIGN_OR_RETURN(const SegmentWriter::Finished finished, HashOpenFile(file.get(), name));
  CROSSFACE_RETURN_IF_ERROR(case_folder_.Rename(folder_ + "/" + hidden, folder_ + "/" + name));
  const std::string begin = name.substr(0, name.size() - kEnding.size());
  return List(name, begin, "", "", "cut off", finished, -1);
}

// Nobody else's, whatever the clock did.
std::string Recorder::FreeName(int64_t wall_us) const {
  std::string begin = WallTime(wall_us);
  std::replace(begin.begin(), begin.end(), ':', '-');
  const auto taken = [&](const std::string& name) {
    return case_folder_.Look(folder_ + "/" + name).kind != Directory::Kind::kNothing ||
           case_folder_.Look(folder_ + "/" + Hidden(name)).kind != Directory::Kind::kNothing;
  };
  std::string name = begin + std::string(kEnding);
  for (int number = 2; taken(name); ++number) name = fmt::format("{}-{}{}", begin, number, kEnding);
  return name;
}

Status Recorder::CheckSpace() const {
  struct statvfs facts {};
  if (::statvfs((case_folder_.path() / folder_).c_str(), &facts) != 0) return Status();
  const auto free = static_cast<int64_t>(facts.f_bavail) * static_cast<int64_t>(facts.f_frsize);
  if (free >= options_.spare_bytes) return Status();
  return Status(StatusCode::kOutOfResources,
                fmt::format("{}: only {} MiB of the disk are free, and {} are left to others", folder_,
                            free >> 20, options_.spare_bytes >> 20));
}

Status Recorder::Begin(const LiveClock::Time& time, const AVFormatContext& input, int pictures) {
  CROSSFACE_RETURN_IF_ERROR(CheckSpace());
  const std::string name = FreeName(time.wall_us);
  CROSSFACE_ASSIGN_OR_RETURN(Directory::Temporary temporary, case_folder_.CreateTemporary(folder_));
  if (::flock(temporary.file.get(), LOCK_EX | LOCK_NB) != 0)
    return ErrnoStatus(errno, name + ": cannot be locked");
  CROSSFACE_RETURN_IF_ERROR(case_folder_.Rename(temporary.path, folder_ + "/" + Hidden(name)));
  name_ = name;
  begin_wall_us_ = last_wall_us_ = time.wall_us;
  begin_stream_us_ = time.stream_us;
  clock_ = time.clock;
  auto writer =
      SegmentWriter::Begin(std::move(temporary.file), name, input, pictures, WallTime(time.wall_us));
  if (!writer.ok()) {
    case_folder_.RemoveFile(folder_ + "/" + Hidden(name)).ok();
    return writer.status();
  }
  writer_ = std::move(*writer);
  return Status();
}

void Recorder::Take(const AVPacket& packet, const LiveClock::Time& time, const AVFormatContext& input,
                    int pictures) {
  const bool picture = packet.stream_index == pictures;
  const bool key = picture && (packet.flags & AV_PKT_FLAG_KEY) != 0;
  if (writer_ && picture && time.jumped) EndSegment("time jumped");
  if (writer_ && key && time.stream_us - begin_stream_us_ >= options_.segment_us) EndSegment("full");
  if (!writer_ && key && time.stream_us >= not_before_us_) {
    if (const Status begun = Begin(time, input, pictures); !begun.ok()) return GiveUp(begun, time);
  }
  if (!writer_) return;
  if (const Status written = writer_->Write(packet); !written.ok()) return GiveUp(written, time);
  if (picture) last_wall_us_ = std::max(last_wall_us_, time.wall_us);
}

void Recorder::GiveUp(const Status& problem, const LiveClock::Time& time) {
  not_before_us_ = time.stream_us + options_.try_again_us;
  if (!wrong_)
    tell_({.time_us = time.wall_us,
           .state = StreamEvent::State::kNote,
           .message = "recording stopped, watching goes on: " + problem.message()});
  wrong_ = true;
  if (writer_) End("could not be written").ok();  // what is wrong was told
  writer_.reset();
}

void Recorder::EndSegment(std::string_view why) {
  if (!writer_) return;
  const Status ended = End(why);
  writer_.reset();
  if (ended.ok()) {
    wrong_ = false;
  } else if (!std::exchange(wrong_, true)) {
    tell_({.time_us = last_wall_us_, .state = StreamEvent::State::kNote, .message = ended.message()});
  }
}

Status Recorder::End(std::string_view why) {
  const int64_t packets = writer_->packets();
  auto finished = writer_->Finish();
  bytes_ += writer_->bytes();
  const std::string path = folder_ + "/" + name_;
  if (packets == 0) return case_folder_.RemoveFile(folder_ + "/" + Hidden(name_));
  // What was written before the disk was full is whole.
  if (!finished.ok()) {
    CROSSFACE_ASSIGN_OR_RETURN(const FileDescriptor file,
                               case_folder_.OpenFile(folder_ + "/" + Hidden(name_)));
    finished = HashOpenFile(file.get(), name_);
  }
  CROSSFACE_RETURN_IF_ERROR(finished.status());
  CROSSFACE_RETURN_IF_ERROR(case_folder_.Rename(folder_ + "/" + Hidden(name_), path));
  const int64_t gap_ms =
      ended_wall_us_ == 0 ? -1 : std::max<int64_t>(0, begin_wall_us_ - ended_wall_us_) / 1000;
  ended_wall_us_ = last_wall_us_;
  const std::string begin = WallTime(begin_wall_us_), end = WallTime(last_wall_us_);
  tell_({.time_us = last_wall_us_,
         .state = StreamEvent::State::kRecorded,
         .message = fmt::format("{} ({})", path, why),
         .clock = clock_,
         .file = path,
         .sha256 = finished->sha256,
         .begin = begin,
         .end = end,
         .bytes = finished->bytes});
  return List(name_, begin, end, ClockKindName(clock_), why, *finished, gap_ms);
}

Status Recorder::List(const std::string& file, const std::string& begin, const std::string& end,
                      std::string_view clock, std::string_view why, const SegmentWriter::Finished& finished,
                      int64_t gap_ms) {
  const std::vector<std::string> fields = {stream_,
                                           folder_ + "/" + file,
                                           begin,
                                           end,
                                           std::string(clock),
                                           fmt::format("{}", finished.bytes),
                                           finished.sha256,
                                           gap_ms < 0 ? "" : fmt::format("{}", gap_ms),
                                           std::string(why),
                                           shown_};
  return case_folder_.AppendLine(kRecordingsList, CsvLine(fields));
}

}  // namespace crossface

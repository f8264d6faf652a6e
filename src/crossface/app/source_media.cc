#include "crossface/app/source_media.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <opencv2/imgproc.hpp>

#include "crossface/app/look.h"
#include "crossface/io/local_store.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/media/write/video_writer.h"
#include "crossface/util/directory.h"
#include "crossface/util/hash.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

constexpr char kFolder[] = "proxies";
constexpr int kProxyHeight = 480;

std::string ProxyName(const SourceRecord& source) {
  return Sha256Hex(source.sha256 + '\n' + source.info.part + '\n' + std::to_string(source.info.rotation))
             .substr(0, 32) +
         ".mp4";
}

std::string_view TypeOf(const SourceRecord& source) {
  static const std::map<std::string, std::string_view, std::less<>> kFilms = {{".mp4", "video/mp4"},
                                                                              {".m4v", "video/mp4"},
                                                                              {".mov", "video/mp4"},
                                                                              {".mkv", "video/x-matroska"},
                                                                              {".webm", "video/webm"}};
  static const std::map<std::string, std::string_view, std::less<>> kPictures = {{"jpeg", "image/jpeg"},
                                                                                 {"mjpeg", "image/jpeg"},
                                                                                 {"png", "image/png"},
                                                                                 {"webp", "image/webp"},
                                                                                 {"gif", "image/gif"}};
  const bool film = source.info.duration_ms > 0;
  const auto& types = film ? kFilms : kPictures;
  const auto found = types.find(film ? ToUtf8(Folded(std::filesystem::path(source.path).extension().string()))
                                     : source.info.codec);
  return found == types.end() ? "application/octet-stream" : found->second;
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Status NotThere(const SourceRecord& source) {
  return Status(StatusCode::kNotFound,
                fmt::format("{} is not where it was ({}): it was moved, or its disk is not connected",
                            source.name, DisplayPath(source.path)));
}

}  // namespace

Playable PlayableOf(const SourceRecord& source) {
  const std::string ending = ToUtf8(Folded(std::filesystem::path(source.path).extension().string()));
  const bool is_film = source.info.duration_ms > 0;
  if (source.sha256.empty() || source.info.width == 0) return Playable::kNo;
  if (!is_film)
    return IsOneOf(source.info.codec, {"jpeg", "mjpeg", "png", "webp", "gif"}) && source.info.part.empty()
               ? Playable::kOriginal
               : Playable::kNo;
  const bool known_codec = IsOneOf(source.info.codec, {"h264", "vp8", "vp9", "av1"});
  const bool known_container = IsOneOf(ending, {".mp4", ".m4v", ".mov", ".mkv", ".webm"});
  // What was turned or stretched against the file's word would lie otherwise than its boxes.
  const bool as_it_says =
      source.info.turn_from != GeometryFrom::kGiven && source.info.turn_from != GeometryFrom::kFound &&
      source.info.aspect_from != GeometryFrom::kGiven && source.info.aspect_from != GeometryFrom::kFound;
  return known_codec && known_container && as_it_says && source.info.part.empty() ? Playable::kOriginal
                                                                                  : Playable::kProxy;
}

bool IsThere(const SourceRecord& source) {
  return !io::SchemeOf(source.path).empty() || io::IsFile(source.path);
}

Result<OpenedMedia> OpenOriginal(const SourceRecord& source) {
  if (PlayableOf(source) != Playable::kOriginal)
    return Status(StatusCode::kUnsupported, source.name + ": browsers do not play this file as it is");
  auto bytes = io::Open(source.path, io::Links::kTell);
  if (bytes.status().code() == StatusCode::kNotFound) return NotThere(source);
  CROSSFACE_RETURN_IF_ERROR(bytes.status());
  OpenedMedia media{
      .bytes = std::move(*bytes), .type = std::string(TypeOf(source)), .version = source.sha256};
  if (media.bytes->size() != source.info.bytes)
    return Status(StatusCode::kMismatch,
                  fmt::format("{} has {} bytes, it had {} when it was scanned: it is another file",
                              source.name, media.bytes->size(), source.info.bytes));
  return media;
}

Result<OpenedMedia> OpenProxy(const std::filesystem::path& case_folder, const SourceRecord& source) {
  CROSSFACE_ASSIGN_OR_RETURN(const Directory folder, Directory::Open(case_folder));
  const std::string name = ProxyName(source);
  const std::string path = std::string(kFolder) + '/' + name;
  CROSSFACE_ASSIGN_OR_RETURN(FileDescriptor file, folder.OpenFile(path));
  CROSSFACE_ASSIGN_OR_RETURN(auto bytes, io::SourceOf(std::move(file), path));
  return OpenedMedia{.bytes = std::move(bytes), .type = "video/mp4", .version = name.substr(0, 32)};
}

Status RemoveProxy(const std::filesystem::path& case_folder, const SourceRecord& source) {
  CROSSFACE_ASSIGN_OR_RETURN(const Directory folder, Directory::Open(case_folder));
  Status removed = folder.RemoveFile(std::string(kFolder) + '/' + ProxyName(source));
  return removed.code() == StatusCode::kNotFound ? Status() : removed;
}

Status MakeProxy(const std::filesystem::path& case_folder, const SourceRecord& source,
                 const std::stop_token& stop, const std::function<void(double share)>& progress) {
  CROSSFACE_ASSIGN_OR_RETURN(const Directory folder, Directory::Open(case_folder));
  CROSSFACE_RETURN_IF_ERROR(folder.CreateFolders(kFolder));
  CROSSFACE_ASSIGN_OR_RETURN(
      const auto reader,
      OpenSource(source.path,
                 {.geometry = GeometryAsIn(source.info), .part = source.info.part, .stop = stop}));
  SourceInfo info = reader->info();
  const double scale = std::min(1.0, static_cast<double>(kProxyHeight) / std::max(info.height, 1));
  const auto even = [scale](int side) { return std::max(2, cvRound(side * scale / 2) * 2); };
  const cv::Size size(even(info.width), even(info.height));
  info.width = size.width, info.height = size.height;
  const std::string name = std::string(kFolder) + '/' + ProxyName(source);
  CROSSFACE_ASSIGN_OR_RETURN(
      const auto writer, VideoWriter::Create(source.path, info, folder.path() / name,
                                             {.strip_metadata = true, .for_browsers = true, .stop = stop}));
  while (true) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader->Next());
    if (!frame) break;
    CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, frame->picture->Bgr());
    cv::Mat small;
    cv::resize(bgr, small, size, 0, 0, cv::INTER_AREA);
    const int64_t ticks = frame->duration_us * info.time_base_den / info.time_base_num / 1'000'000;
    CROSSFACE_RETURN_IF_ERROR(writer->Write(small, frame->pts, ticks));
    if (progress && info.duration_ms > 0)
      progress(std::min(1.0, static_cast<double>(frame->time_ms()) / static_cast<double>(info.duration_ms)));
  }
  return writer->Finish().status();
}

}  // namespace crossface

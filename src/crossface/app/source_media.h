// The footage of a case for those who watch it: its files, single frames, and copies that browsers can play.
// Thread-safe; sources are opened read-only, and nothing is opened by way of a link.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "crossface/app/browse_answers.h"
#include "crossface/app/case_browser.h"
#include "crossface/io/byte_source.h"
#include "crossface/util/status.h"

namespace crossface {

// By what the browsers that are in use play: these containers with these codecs, whichever is first in the
// file. Every other film is played by a proxy.
Playable PlayableOf(const SourceRecord& source);

// A file to be sent, as a whole or in part.
struct OpenedMedia {
  std::unique_ptr<io::ByteSource> bytes;
  std::string type;     // "video/mp4" ...; only of films and pictures
  std::string version;  // changes with the content
};
// Its file lies where it was. What is not on this machine is not asked for that: whoever opens it learns it.
bool IsThere(const SourceRecord& source);

// The source's file as it is. Errors: kNotFound (it is not where it was), kMismatch (it has another size than
// it was scanned with), kUnsupported (no browser plays it), kPermissionDenied.
Result<OpenedMedia> OpenOriginal(const SourceRecord& source);
// Errors: kNotFound when none was made.
Result<OpenedMedia> OpenProxy(const std::filesystem::path& case_folder, const SourceRecord& source);

// Makes CASE/proxies/<content>.mp4: H.264, at most 480 lines, upright, with the time stamps of the source.
// Whole or not there. Errors: kOutOfResources (disk full), kInterrupted, those of reading the source.
Status MakeProxy(const std::filesystem::path& case_folder, const SourceRecord& source,
                 const std::stop_token& stop, const std::function<void(double share)>& progress);
// Ok where there is none.
Status RemoveProxy(const std::filesystem::path& case_folder, const SourceRecord& source);

struct FrameRequest {
  // The frame of this time stamp, in ticks of the source's time base, and at this time since the first frame
  // where both are given; else the last one that is not after this time; else the first.
  std::optional<int64_t> pts, time_us;
  bool png = false;    // else JPEG
  int most_width = 0;  // pixels; 0: as it is
};
struct FrameAnswer {
  std::string picture;                          // encoded
  int64_t pts = 0, time_us = 0;                 // the time as the faces of the frame have it
  std::optional<int64_t> previous_us, next_us;  // of the neighbouring frames, where known
};
// Decodes it, upright and with square pixels as boxes are. Errors: kNotFound (no such file, or no such
// frame), those of reading the source.
Result<FrameAnswer> ReadFrame(const SourceRecord& source, const FrameRequest& request,
                              const std::stop_token& stop);

// Decodes the frame of the face again and cuts its picture as the scan did. Errors: as CaseBrowser's;
// kInterrupted.
Result<FaceVerifiedAnswer> VerifyFace(const CaseBrowser& browser, int64_t face, const std::stop_token& stop);

}  // namespace crossface

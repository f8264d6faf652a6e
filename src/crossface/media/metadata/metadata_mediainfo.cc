#include <MediaInfo/MediaInfo.h>

#include <vector>

#include "crossface/media/metadata/metadata.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

namespace mi = MediaInfoLib;

constexpr size_t kBlock = 64 << 10;
constexpr int64_t kMostRead = 64 << 20;
constexpr int kMostJumps = 64;

std::string Utf8(const std::wstring& text) {
  std::string bytes;
  for (const wchar_t letter : text) {
    const auto code = static_cast<uint32_t>(letter);
    if (code < 0x80) {
      bytes += static_cast<char>(code);
    } else if (code < 0x800) {
      bytes += static_cast<char>(0xC0 | code >> 6);
      bytes += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      bytes += static_cast<char>(0xE0 | code >> 12);
      bytes += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      bytes += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      bytes += static_cast<char>(0xF0 | (code >> 18 & 0x07));
      bytes += static_cast<char>(0x80 | (code >> 12 & 0x3F));
      bytes += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      bytes += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return EscapeInvalidUtf8(Trim(bytes));
}

// Feeds the file from our own read-only object: libmediainfo opens nothing itself, so nothing that a file
// refers to is opened either.
void Feed(const InputFile& file, mi::MediaInfo& parser) {
  int64_t offset = 0, read = 0;
  int jumps = 0;
  parser.Open_Buffer_Init(static_cast<uint64_t>(file.size()), 0);
  while (read < kMostRead) {
    const Result<std::string> block = file.ReadAt(offset, kBlock);
    if (!block.ok() || block->empty()) break;
    read += static_cast<int64_t>(block->size());
    offset += static_cast<int64_t>(block->size());
    const size_t state =
        parser.Open_Buffer_Continue(reinterpret_cast<const uint8_t*>(block->data()), block->size());
    if ((state & 8) != 0) break;  // it knows enough
    const uint64_t wanted = parser.Open_Buffer_Continue_GoTo_Get();
    if (wanted == static_cast<uint64_t>(-1)) continue;
    if (wanted > static_cast<uint64_t>(file.size()) || ++jumps > kMostJumps) break;
    offset = static_cast<int64_t>(wanted);
    parser.Open_Buffer_Init(static_cast<uint64_t>(file.size()), wanted);
  }
  parser.Open_Buffer_Finalize();
}

// "2019-07-24 08:25:57 UTC" or "UTC 2019-07-24 08:25:57" as dates are written elsewhere.
std::string Date(std::string text) {
  if (text.starts_with("UTC ")) text = text.substr(4) + "Z";
  if (text.ends_with(" UTC")) text.replace(text.size() - 4, 4, "Z");
  return NormaliseDate(text);
}

class Answers {
 public:
  explicit Answers(const mi::MediaInfo& parser) : parser_(const_cast<mi::MediaInfo&>(parser)) {}
  // Of the first stream of a kind.
  std::string Get(mi::stream_t kind, const wchar_t* name) const { return Utf8(parser_.Get(kind, 0, name)); }

 private:
  mi::MediaInfo& parser_;  // its getters are not const
};

void Fill(const Answers& answers, SourceInfo& info) {
  struct Field {
    mi::stream_t kind;
    const wchar_t* name;
    const char* from;
  };
  constexpr Field kDates[] = {{mi::Stream_General, L"Recorded_Date", "MediaInfo Recorded_Date"},
                              {mi::Stream_Video, L"Recorded_Date", "MediaInfo Recorded_Date"},
                              {mi::Stream_General, L"Mastered_Date", "MediaInfo Mastered_Date"},
                              {mi::Stream_General, L"Encoded_Date", "MediaInfo Encoded_Date"},
                              {mi::Stream_Video, L"Encoded_Date", "MediaInfo Encoded_Date"}};
  for (const Field& field : kDates) {
    if (!info.created.empty()) break;
    info.created = Date(answers.Get(field.kind, field.name));
    if (!info.created.empty()) info.created_from = field.from;
  }
  constexpr Field kTimecodes[] = {
      {mi::Stream_Video, L"TimeCode_FirstFrame", "MediaInfo TimeCode_FirstFrame"},
      {mi::Stream_Other, L"TimeCode_FirstFrame", "MediaInfo TimeCode_FirstFrame"}};
  for (const Field& field : kTimecodes) {
    if (!info.timecode.empty()) break;
    info.timecode = NormaliseTimecode(answers.Get(field.kind, field.name));
    if (!info.timecode.empty()) info.timecode_from = field.from;
  }
  if (!info.latitude) {
    if (const auto position = ParseIso6709(answers.Get(mi::Stream_General, L"Recorded_Location"))) {
      info.latitude = position->latitude;
      info.longitude = position->longitude;
      info.altitude = position->altitude;
      info.located_from = "MediaInfo Recorded_Location";
    }
  }
  if (info.make.empty() && info.model.empty()) {
    info.make = answers.Get(mi::Stream_General, L"Encoded_Hardware_CompanyName");
    info.model = answers.Get(mi::Stream_General, L"Encoded_Hardware_Model");
    if (info.model.empty()) info.model = answers.Get(mi::Stream_General, L"Encoded_Hardware_Name");
    info.device = DeviceName(info.make, info.model);
  }
  if (info.software.empty()) info.software = answers.Get(mi::Stream_General, L"Encoded_Application");
}

}  // namespace

void ReadMediaInfo(const InputFile& file, SourceInfo& info) {
  try {
    mi::MediaInfo parser;
    Feed(file, parser);
    Fill(Answers(parser), info);
  } catch (const std::exception&) {
    // The picture may be sound though its metadata is not.
  }
}

}  // namespace crossface

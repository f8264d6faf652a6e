#include "crossface/media/metadata.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "crossface/media/text.h"

extern "C" {
#include <libavutil/dict.h>
}

namespace crossface {
namespace {

// Reads as many decimal digits as asked for off the front of `text`.
std::optional<int> TakeDigits(std::string_view& text, size_t count) {
  int value = 0;
  if (text.size() < count) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, value);
  if (error != std::errc() || end != text.data() + count || text.front() == '-') return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool TakeAny(std::string_view& text, std::string_view characters) {
  if (text.empty() || characters.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// "Z", "+02:00" or nothing from "Z", "+0200", "+02:00" or "+02".
std::string Zone(std::string_view text) {
  text = Trim(text);
  if (text == "Z" || text == "z") return "Z";
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return "";
  const char sign = text.front();
  text.remove_prefix(1);
  const auto hours = TakeDigits(text, 2);
  TakeAny(text, ":");
  const auto minutes = text.empty() ? std::optional<int>(0) : TakeDigits(text, 2);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return "";
  return fmt::format("{}{:02}:{:02}", sign, *hours, *minutes);
}

// One coordinate of ISO 6709: sign, `degree_digits` digits of degrees, then perhaps two of minutes and two of
// seconds, the last with decimals. Takes it off the front of `text`.
std::optional<double> TakeCoordinate(std::string_view& text, size_t degree_digits, double limit) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const double sign = text.front() == '-' ? -1 : 1;
  const size_t end = text.find_first_not_of("0123456789.", 1);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view number = text.substr(1, end - 1);
  text.remove_prefix(end);
  const size_t whole = std::min(number.find('.'), number.size());
  if (whole < degree_digits || (whole - degree_digits) % 2 != 0 || whole > degree_digits + 4)
    return std::nullopt;
  const auto degrees = TakeDigits(number, degree_digits);
  if (!degrees) return std::nullopt;
  double value = *degrees, unit = 1;
  for (size_t left = whole - degree_digits; left > 0; left -= 2) {
    const auto sixtieths = TakeDigits(number, 2);
    if (!sixtieths) return std::nullopt;
    unit /= 60;
    value += *sixtieths * unit;
  }
  double fraction = 0;
  if (number.size() > 1) {
    const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), fraction);
    if (error != std::errc() || stop != number.data() + number.size()) return std::nullopt;
  }
  value += fraction * unit;
  return value <= limit ? std::optional<double>(sign * value) : std::nullopt;
}

std::string_view Tag(const AVDictionary* tags, const char* name) {
  const AVDictionaryEntry* const entry = av_dict_get(tags, name, nullptr, 0);
  return entry == nullptr ? std::string_view() : std::string_view(entry->value);
}

void ReadDate(const AVFormatContext& format, const AVStream& stream, SourceInfo& info) {
  constexpr std::array<const char*, 3> kDates = {"com.apple.quicktime.creationdate", "creation_time", "date"};
  for (const char* name : kDates) {
    for (const AVDictionary* tags : {format.metadata, stream.metadata}) {
      info.created = NormaliseDate(Tag(tags, name));
      if (!info.created.empty()) {
        info.created_from = name;
        return;
      }
    }
  }
}

std::string_view FirstTag(const AVFormatContext& format, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const std::string_view value = Trim(Tag(format.metadata, name)); !value.empty()) return value;
  }
  return {};
}

}  // namespace

std::string NormaliseDate(std::string_view text) {
  text = Trim(text);
  const auto year = TakeDigits(text, 4);
  if (!year || !TakeAny(text, "-:/")) return "";
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeAny(text, "-:/")) return "";
  const auto day = TakeDigits(text, 2);
  if (!day || *year < 1 || *month < 1 || *month > 12 || *day < 1 || *day > 31) return "";
  const std::string date = fmt::format("{:04}-{:02}-{:02}", *year, *month, *day);
  const bool epoch = date == "1904-01-01" || date == "1970-01-01";
  if (text.empty()) return epoch ? "" : date;

  if (!TakeAny(text, "T ")) return "";
  const auto hour = TakeDigits(text, 2);
  if (!hour || !TakeAny(text, ":")) return "";
  const auto minute = TakeDigits(text, 2);
  if (!minute || *hour > 23 || *minute > 59) return "";
  std::optional<int> second = 0;
  std::string_view fraction;
  if (TakeAny(text, ":")) {
    second = TakeDigits(text, 2);
    if (!second || *second > 60) return "";
    if (TakeAny(text, ".")) {
      fraction = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
      text.remove_prefix(fraction.size());
      fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
    }
  }
  if (epoch && *hour == 0 && *minute == 0 && *second == 0) return "";
  return fmt::format("{}T{:02}:{:02}:{:02}{}{}{}", date, *hour, *minute, *second, fraction.empty() ? "" : ".",
                     fraction, Zone(text));
}

std::optional<Position> ParseIso6709(std::string_view text) {
  text = Trim(text);
  std::string ended(text);
  if (!text.ends_with('/')) ended += '/';
  std::string_view rest = ended;
  const auto latitude = TakeCoordinate(rest, 2, 90);
  if (!latitude) return std::nullopt;
  const auto longitude = TakeCoordinate(rest, 3, 180);
  if (!longitude) return std::nullopt;
  return Position{*latitude, *longitude};
}

std::string DeviceName(std::string_view make, std::string_view model) {
  make = Trim(make);
  model = Trim(model);
  if (make.empty() || model.starts_with(make)) return EscapeInvalidUtf8(model);
  return EscapeInvalidUtf8(model.empty() ? std::string(make) : fmt::format("{} {}", make, model));
}

void ReadContainerTags(const AVFormatContext& format, const AVStream& stream, SourceInfo& info) {
  ReadDate(format, stream, info);
  for (const char* name : {"com.apple.quicktime.location.ISO6709", "location", "location-eng"}) {
    if (const auto position = ParseIso6709(Tag(format.metadata, name))) {
      info.latitude = position->latitude;
      info.longitude = position->longitude;
      break;
    }
  }
  info.device = DeviceName(FirstTag(format, {"com.apple.quicktime.make", "com.android.manufacturer", "make"}),
                           FirstTag(format, {"com.apple.quicktime.model", "com.android.model", "model"}));
}

}  // namespace crossface

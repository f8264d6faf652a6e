#include "crossface/media/metadata/metadata.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "crossface/util/text.h"

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

// The third number of ISO 6709, in metres whatever its digits.
std::optional<double> TakeAltitude(std::string_view text) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const double sign = text.front() == '-' ? -1 : 1;
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data() + 1, text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || text[1] == '-') return std::nullopt;
  return sign * value;
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

std::string DateAfter(std::string_view date, int64_t microseconds) {
  using namespace std::chrono;
  if (date.size() < 19 || date[10] != 'T') return "";
  int numbers[6];
  constexpr size_t kAt[] = {0, 5, 8, 11, 14, 17};
  for (size_t i = 0; i < 6; ++i) {
    std::string_view digits = date.substr(kAt[i]);
    const auto value = TakeDigits(digits, i == 0 ? 4 : 2);
    if (!value) return "";
    numbers[i] = *value;
  }
  std::string_view rest = date.substr(19);
  int64_t fraction_us = 0;
  if (TakeAny(rest, ".")) {
    int64_t unit = 100'000;
    for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; rest.remove_prefix(1), unit /= 10)
      fraction_us += unit * (rest.front() - '0');
  }
  const sys_days day = year(numbers[0]) / numbers[1] / numbers[2];
  const auto time = day + hours(numbers[3]) + minutes(numbers[4]) + seconds(numbers[5]) +
                    round<milliseconds>(std::chrono::microseconds(fraction_us + microseconds));
  const auto whole_day = floor<days>(time);
  const year_month_day day_of(whole_day);
  const int64_t ms = (time - whole_day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}", static_cast<int>(day_of.year()),
                     static_cast<unsigned>(day_of.month()), static_cast<unsigned>(day_of.day()),
                     ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000, rest);
}

std::optional<Position> ParseIso6709(std::string_view text) {
  text = Trim(text);
  std::string ended(text);
  if (!text.ends_with('/')) ended += '/';
  std::string_view rest = ended;
  const auto latitude = TakeCoordinate(rest, 2, 90);
  if (!latitude) return std::nullopt;
  const auto longitude = TakeCoordinate(rest, 3, 180);
  if (!longitude || (*latitude == 0 && *longitude == 0)) return std::nullopt;
  return Position{*latitude, *longitude, TakeAltitude(rest)};
}

std::string DeviceName(std::string_view make, std::string_view model) {
  make = Trim(make);
  model = Trim(model);
  if (make.empty() || model.starts_with(make)) return EscapeInvalidUtf8(model);
  return EscapeInvalidUtf8(model.empty() ? std::string(make) : fmt::format("{} {}", make, model));
}

std::string NormaliseTimecode(std::string_view text) {
  text = Trim(text);
  int values[4];
  char separator = ':';
  for (int i = 0; i < 4; ++i) {
    if (i > 0) {
      if (text.empty() || !TakeAny(text, i == 3 ? std::string_view(":;.,") : std::string_view(":;.")))
        return "";
      separator = *(text.data() - 1);
    }
    const auto digits = TakeDigits(text, 2);
    if (!digits) return "";
    values[i] = *digits;
  }
  // Nothing may follow; more than 99 frames a second have no place in it.
  if (!text.empty() || values[0] > 23 || values[1] > 59 || values[2] > 59) return "";
  return fmt::format("{:02}:{:02}:{:02}{}{:02}", values[0], values[1], values[2],
                     separator == ':' ? ':' : ';', values[3]);
}

}  // namespace crossface

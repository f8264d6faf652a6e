#include "crossface/io/s3_place.h"

#include <fmt/format.h>

#include <cctype>

#include "crossface/util/text.h"

namespace crossface::io {
namespace {

constexpr std::string_view kScheme = "s3://";

// A name that means a part which a path cannot hold, but for the `25`s behind its percent sign.
bool LooksEscaped(std::string_view name) {
  if (!name.starts_with('%')) return false;
  name.remove_prefix(1);
  while (name.starts_with("25")) name.remove_prefix(2);
  return name.empty() || name == "2E" || name == "2E%2E";
}

template <typename Change>
std::string EachPart(std::string_view key, Change change) {
  std::string changed;
  for (size_t begin = 0; begin <= key.size();) {
    const size_t end = std::min(key.find('/', begin), key.size());
    if (begin > 0) changed += '/';
    changed += change(key.substr(begin, end - begin));
    begin = end + 1;
  }
  return changed;
}

int HexDigit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace

std::string S3PartName(std::string_view part) {
  if (part.empty()) return "%";
  if (part == ".") return "%2E";
  if (part == "..") return "%2E%2E";
  if (LooksEscaped(part)) return "%25" + std::string(part.substr(1));
  return std::string(part);
}

std::string S3PartOf(std::string_view name) {
  if (!LooksEscaped(name)) return std::string(name);
  if (name == "%") return "";
  if (name == "%2E") return ".";
  if (name == "%2E%2E") return "..";
  return "%" + std::string(name.substr(3));
}

Result<S3Place> ParseS3Place(std::string_view place) {
  S3Place parsed;
  std::string_view rest = place.substr(place.starts_with(kScheme) ? kScheme.size() : place.size());
  const size_t slash = rest.find('/');
  parsed.bucket = rest.substr(0, slash);
  if (parsed.bucket.empty()) {
    return Status(StatusCode::kInvalidArgument, fmt::format("{}: names no bucket; write s3://BUCKET/FOLDER",
                                                            DisplayPath(std::string(place))));
  }
  rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  parsed.ends_at_slash = rest.ends_with('/');
  if (parsed.ends_at_slash) rest.remove_suffix(1);
  parsed.has_key = !rest.empty();
  if (parsed.has_key) parsed.key = EachPart(rest, S3PartOf);
  return parsed;
}

std::string S3PlaceName(const S3Place& place) {
  std::string name(kScheme);
  name += place.bucket;
  if (place.has_key) name += "/" + EachPart(place.key, S3PartName);
  return name;
}

std::string PercentEncoded(std::string_view text, bool keep_slashes) {
  std::string encoded;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = (byte < 0x80 && std::isalnum(byte) != 0) ||
                       std::string_view("-._~").find(letter) != std::string_view::npos;
    if (plain || (letter == '/' && keep_slashes)) {
      encoded += letter;
    } else {
      encoded += fmt::format("%{:02X}", byte);
    }
  }
  return encoded;
}

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

}  // namespace crossface::io

#include "crossface/media/read/live_address.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <vector>

#include "crossface/util/text.h"

namespace crossface {
namespace {

struct Scheme {
  std::string_view name;
  // Whoever sends a playlist names what is opened next: never a file of this computer.
  std::string_view protocols;
  size_t shown_parts;  // of the path; what comes after them may be a key
};
constexpr size_t kWholePath = 99;
constexpr std::array<Scheme, 9> kSchemes = {{
    {"rtsp", "rtsp,rtp,tcp", kWholePath},
    {"rtsps", "rtsps,rtp,tls,tcp", kWholePath},
    {"srt", "srt", kWholePath},
    {"rtmp", "rtmp,tcp", 1},
    {"rtmps", "rtmps,tls,tcp", 1},
    {"http", "http,tcp", kWholePath},
    {"https", "https,tls,tcp,crypto", kWholePath},
    {"udp", "udp", kWholePath},
    {"tcp", "tcp", kWholePath},
}};
constexpr size_t kLongestName = 60;
// Some cameras want these in the path.
constexpr std::array<std::string_view, 6> kSecretWords = {"pass", "pwd", "user", "token", "key", "secret"};

bool IsNameLetter(unsigned char letter) {
  return std::isalnum(letter) != 0 || letter == '-' || letter == '_' || letter == '.';
}

// The parts of a path that may be shown.
std::string ShownPath(std::string_view path, size_t most_parts) {
  std::string shown;
  for (size_t part = 0; !path.empty() && part < most_parts; ++part) {
    const size_t end = std::min(path.find('/', 1), path.size());
    const std::string lower = LowerAscii(path.substr(0, end));
    if (std::any_of(kSecretWords.begin(), kSecretWords.end(),
                    [&](std::string_view word) { return lower.find(word) != std::string::npos; }))
      return shown + "/...";
    shown += path.substr(0, end);
    path.remove_prefix(end);
  }
  return shown;
}

// Without user, password, query and fragment.
std::string WithoutSecrets(std::string_view url, const Scheme& scheme) {
  std::string_view rest = url.substr(url.find("://") + 3);
  const size_t end_of_host = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view host = rest.substr(0, end_of_host);
  rest.remove_prefix(end_of_host);
  // A password may hold a slash that nobody escaped: everything up to the last @ is none of ours to show.
  if (const size_t at = url.rfind('@'); at != std::string_view::npos) {
    std::string_view behind = url.substr(at + 1);
    const size_t end = std::min(behind.find_first_of("/?#"), behind.size());
    host = behind.substr(0, end);
    rest = behind.substr(end);
  }
  const std::string_view path = rest.substr(0, std::min(rest.find_first_of("?#"), rest.size()));
  return fmt::format("{}://{}{}", scheme.name, EscapeInvalidUtf8(host),
                     EscapeInvalidUtf8(ShownPath(path, scheme.shown_parts)));
}

constexpr std::string_view kCameras = "/dev/video";

bool IsCamera(const std::string& path) {
  std::error_code error;
  return path.starts_with(kCameras) || std::filesystem::is_character_file(path, error);
}

// Those that are there, for whoever named one that is not.
std::string CamerasThere() {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/dev", error), end; !error && at != end; at.increment(error))
    if (at->path().native().starts_with(kCameras)) names.push_back(at->path().native());
  std::sort(names.begin(), names.end());
  return names.empty() ? "no camera is connected" : fmt::format("there are {}", fmt::join(names, ", "));
}

bool IsThere(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

Result<LiveAddress> NetworkAddress(const std::string& url, size_t colon) {
  const std::string name = LowerAscii(std::string_view(url).substr(0, colon));
  const auto* const scheme =
      std::find_if(kSchemes.begin(), kSchemes.end(), [&](const Scheme& known) { return known.name == name; });
  if (scheme == kSchemes.end()) {
    std::string names;
    for (const Scheme& known : kSchemes) names += fmt::format("{}{}", names.empty() ? "" : ", ", known.name);
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("{}:// is no address that can be watched; those of {} are",
                              EscapeInvalidUtf8(name), names));
  }
  return LiveAddress{.kind = LiveAddress::Kind::kNetwork,
                     .scheme = name,
                     .url = name + url.substr(colon),
                     .shown = WithoutSecrets(url, *scheme),
                     .protocols = std::string(scheme->protocols)};
}

Result<LiveAddress> UnnamedAddress(const std::string& text) {
  if (text == "-")
    return LiveAddress{
        .kind = LiveAddress::Kind::kStandardInput, .url = text, .shown = "standard input", .name = "stdin"};
  if (const size_t colon = text.find("://"); colon != std::string::npos && !IsThere(text)) {
    CROSSFACE_ASSIGN_OR_RETURN(LiveAddress address, NetworkAddress(text, colon));
    address.name = StreamName(address.shown.substr(address.shown.find("://") + 3));
    return address;
  }
  if (text.starts_with(kCameras) && !IsThere(text))
    return Status(StatusCode::kNotFound,
                  fmt::format("{}: there is no such camera; {}", DisplayPath(text), CamerasThere()));
  if (IsThere(text) && IsCamera(text))
    return LiveAddress{.kind = LiveAddress::Kind::kCamera,
                       .scheme = "v4l2",
                       .url = text,
                       .shown = DisplayPath(text),
                       .name = StreamName(std::filesystem::path(text).filename().string())};
  if (!IsThere(text))
    return Status(StatusCode::kNotFound, DisplayPath(text) + ": there is no such file, and it is no address");
  return LiveAddress{.kind = LiveAddress::Kind::kFile,
                     .url = text,
                     .shown = DisplayPath(text),
                     .name = StreamName(std::filesystem::path(text).stem().string())};
}

}  // namespace

std::string StreamName(const std::string& text) {
  std::string name;
  for (const char letter : text) {
    const bool fit = IsNameLetter(static_cast<unsigned char>(letter)) && (letter != '.' || !name.empty());
    if (fit) {
      name += letter;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  if (name.size() > kLongestName) name.resize(kLongestName);
  while (!name.empty() && (name.back() == '-' || name.back() == '.')) name.pop_back();
  return name.empty() ? "stream" : name;
}

Result<LiveAddress> ParseLiveAddress(const std::string& text) {
  const size_t equals = text.find('=');
  const bool named = equals != std::string::npos && equals > 0 && !IsThere(text) &&
                     std::all_of(text.begin(), text.begin() + static_cast<ptrdiff_t>(equals),
                                 [](unsigned char letter) { return IsNameLetter(letter); });
  if (!named) return UnnamedAddress(text);
  const std::string name = text.substr(0, equals);
  if (StreamName(name) != name)
    return Status(
        StatusCode::kInvalidArgument,
        fmt::format("{} is no name for a stream: letters, digits, dashes and underscores, {} at most", name,
                    kLongestName));
  CROSSFACE_ASSIGN_OR_RETURN(LiveAddress address, UnnamedAddress(text.substr(equals + 1)));
  address.name = name;
  return address;
}

}  // namespace crossface

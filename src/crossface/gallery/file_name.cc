#include "crossface/gallery/file_name.h"

#include <locale.h>
#include <wctype.h>

#include <algorithm>
#include <array>

#include "crossface/util/text.h"

namespace crossface {
namespace {

constexpr std::string_view kReferenceMark = " (by reference)";

struct Character {
  char32_t code = 0;
  size_t bytes = 1;
};

// The first character of valid UTF-8.
Character FirstCharacter(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t code = bytes == 1 ? lead : lead & (0x7Fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  return {code, bytes};
}

bool IsForbidden(char32_t code) {
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return true;
  if (code < 0x80)
    return std::string_view("/\\:*?\"<>|").find(static_cast<char>(code)) != std::string_view::npos;
  const bool line_break = code == 0x2028 || code == 0x2029;
  const bool direction = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return line_break || direction || code == 0xFEFF;
}

bool IsBlankOrDot(char c) { return c == ' ' || c == '.'; }

bool IsDeviceName(std::string_view name) {
  std::string base(name.substr(0, name.find('.')));
  while (!base.empty() && base.back() == ' ') base.pop_back();
  std::transform(base.begin(), base.end(), base.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  constexpr std::array<std::string_view, 6> kDevices = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
  if (std::find(kDevices.begin(), kDevices.end(), base) != kDevices.end()) return true;
  return base.size() == 4 && (base.starts_with("COM") || base.starts_with("LPT")) && base[3] >= '0' &&
         base[3] <= '9';
}

}  // namespace

std::string FileNameProblem(std::string_view name) {
  if (name.empty()) return "is empty";
  if (EscapeInvalidUtf8(name) != name) return "is not valid UTF-8";
  for (std::string_view rest = name; !rest.empty();) {
    const Character character = FirstCharacter(rest);
    if (IsForbidden(character.code)) {
      return character.code > 0x20 && character.code < 0x7F
                 ? "must not contain " + std::string(rest.substr(0, 1)) + " (nor any of / \\ : * ? \" < > |)"
                 : "must not contain control or text-direction characters";
    }
    rest.remove_prefix(character.bytes);
  }
  if (IsBlankOrDot(name.front()) || IsBlankOrDot(name.back()))
    return "must not begin or end with a blank or a dot";
  if (IsDeviceName(name)) return "is a device name on Windows";
  return "";
}

std::string SafeFileName(std::string_view text, size_t max_bytes) {
  const std::string valid = EscapeInvalidUtf8(text);
  std::string safe;
  for (std::string_view rest = valid; !rest.empty();) {
    const Character character = FirstCharacter(rest);
    const std::string_view bytes =
        IsForbidden(character.code) ? std::string_view("_") : rest.substr(0, character.bytes);
    if (safe.size() + bytes.size() > max_bytes) break;
    safe += bytes;
    rest.remove_prefix(character.bytes);
  }
  if (safe.empty()) return "_";
  if (IsBlankOrDot(safe.front())) safe.front() = '_';
  if (IsBlankOrDot(safe.back())) safe.back() = '_';
  if (IsDeviceName(safe)) safe[2] = '_';
  return safe;
}

std::string CaseFolded(std::string_view text) {
  // The C library's Unicode tables, whatever the user's locale is.
  static const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const std::string valid = EscapeInvalidUtf8(text);
  std::string folded;
  for (std::string_view rest = valid; !rest.empty();) {
    const Character character = FirstCharacter(rest);
    auto code = static_cast<wint_t>(character.code);
    if (unicode != nullptr) {
      // By way of the capital: some letters, such as the Greek final sigma, have several small forms.
      code = ::towlower_l(::towupper_l(code, unicode), unicode);
    } else if (code >= 'A' && code <= 'Z') {
      code += 32;
    }
    folded += std::to_string(code) + ' ';
    rest.remove_prefix(character.bytes);
  }
  return folded;
}

std::string WithReferenceMark(const std::string& name) { return name + std::string(kReferenceMark); }

std::string WithoutReferenceMark(const std::string& name) {
  return name.ends_with(kReferenceMark) ? name.substr(0, name.size() - kReferenceMark.size()) : name;
}

}  // namespace crossface

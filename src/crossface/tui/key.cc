#include "crossface/tui/key.h"

#include <algorithm>
#include <map>

#include "crossface/util/unicode.h"

namespace crossface {
namespace {

constexpr char kEscapeByte = '\x1b';
// Longer than any key: what a broken terminal sends without end is not kept.
constexpr size_t kMostAnswers = 4096;

// By the last byte of a sequence; of those that end with ~ by the number.
const std::map<char, Key::Kind> kByEnd = {{'A', Key::kUp},   {'B', Key::kDown}, {'C', Key::kRight},
                                          {'D', Key::kLeft}, {'H', Key::kHome}, {'F', Key::kEnd}};
const std::map<std::string, Key::Kind> kByNumber = {
    {"1", Key::kHome},   {"7", Key::kHome},   {"4", Key::kEnd},     {"8", Key::kEnd},
    {"3", Key::kDelete}, {"5", Key::kPageUp}, {"6", Key::kPageDown}};

size_t LengthOf(unsigned char first) {
  return first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
}

}  // namespace

std::vector<Key> KeyParser::Feed(std::string_view bytes) {
  pending_ += bytes;
  std::vector<Key> keys;
  while (!pending_.empty() && TakeOne(&keys)) {
  }
  return keys;
}

std::vector<Key> KeyParser::Flush() {
  std::vector<Key> keys;
  if (pending_ == std::string(1, kEscapeByte)) keys.push_back({Key::kEscape});
  pending_.clear();
  return keys;
}

bool KeyParser::TakeOne(std::vector<Key>* keys) {
  if (pending_.front() != kEscapeByte) return TakeCharacter(keys);
  if (pending_.size() < 2) return false;
  switch (pending_[1]) {
    case '[':
    case 'O':
      return TakeSequence(keys);
    case '_':
    case 'P':
    case ']':
      return TakeString();
    default:
      keys->push_back({Key::kEscape});
      pending_.erase(0, 1);
      return true;
  }
}

bool KeyParser::TakeSequence(std::vector<Key>* keys) {
  const auto is_end = [](unsigned char c) { return c >= 0x40 && c <= 0x7E; };
  const auto end = std::find_if(pending_.begin() + 2, pending_.end(), is_end);
  if (end == pending_.end()) return false;
  const std::string sequence(pending_.begin(), end + 1);
  pending_.erase(0, sequence.size());
  const std::string number = sequence.substr(2, sequence.find_first_not_of("0123456789", 2) - 2);
  if (sequence[2] == '?' || sequence[2] == '<' || sequence[2] == '>') {
    if (answers_.size() < kMostAnswers) answers_ += sequence;
  } else if (sequence.back() == '~') {
    if (const auto found = kByNumber.find(number); found != kByNumber.end()) keys->push_back({found->second});
  } else if (const auto found = kByEnd.find(sequence.back()); found != kByEnd.end()) {
    keys->push_back({found->second});
  }
  return true;
}

// Ends with ESC \ or BEL.
bool KeyParser::TakeString() {
  const size_t st = pending_.find("\x1b\\", 2), bell = pending_.find('\a', 2);
  const size_t end =
      std::min(st == std::string::npos ? st : st + 2, bell == std::string::npos ? bell : bell + 1);
  if (end == std::string::npos) return false;
  if (answers_.size() < kMostAnswers) answers_ += pending_.substr(0, end);
  pending_.erase(0, end);
  return true;
}

bool KeyParser::TakeCharacter(std::vector<Key>* keys) {
  const char first = pending_.front();
  const size_t length = LengthOf(static_cast<unsigned char>(first));
  if (pending_.size() < length) return false;
  const std::string bytes = pending_.substr(0, length);
  pending_.erase(0, length);
  if (first == '\r' || first == '\n') {
    keys->push_back({Key::kEnter});
  } else if (first == '\t') {
    keys->push_back({Key::kTab});
  } else if (first == '\x7f' || first == '\b') {
    keys->push_back({Key::kBackspace});
  } else if (first == '\x15') {
    keys->push_back({Key::kClear});
  } else if (static_cast<unsigned char>(first) >= 0x20) {
    const std::u32string characters = ToCharacters(bytes);
    if (characters.size() == 1 && characters[0] < 0x110000) keys->push_back({Key::kCharacter, characters[0]});
  }
  return true;
}

}  // namespace crossface

// What is typed on a terminal, out of the bytes that it sends. Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crossface {

struct Key {
  enum Kind {
    kCharacter,
    kEnter,
    kEscape,
    kTab,
    kBackspace,
    kDelete,
    kUp,
    kDown,
    kLeft,
    kRight,
    kHome,
    kEnd,
    kPageUp,
    kPageDown,
    kClear,   // Ctrl-U
    kHangUp,  // nothing more will be typed
  };
  Kind kind = kCharacter;
  char32_t character = 0;  // of kCharacter

  bool Is(char32_t c) const { return kind == kCharacter && character == c; }
  bool operator==(const Key&) const = default;
};

class KeyParser {
 public:
  // The keys that are complete with these bytes. What the terminal answers to questions is kept in answers()
  // instead.
  std::vector<Key> Feed(std::string_view bytes);
  // Whether what came is the begin of something; when nothing follows for a moment, a lone escape was the key
  // of that name.
  bool unfinished() const { return !pending_.empty(); }
  std::vector<Key> Flush();

  const std::string& answers() const { return answers_; }

 private:
  // Takes one key off the front; false where more bytes are needed.
  bool TakeOne(std::vector<Key>* keys);
  bool TakeSequence(std::vector<Key>* keys);
  bool TakeString();
  bool TakeCharacter(std::vector<Key>* keys);

  std::string pending_, answers_;
};

}  // namespace crossface

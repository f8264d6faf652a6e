// Names that are to be nowhere any more: of a person, of a source. They are found however they are written
// (upper and lower case, accents in one character or two), short ones as whole words only, and not where they
// are part of a name that stays ("Li" in "Li Wei"). Immutable, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crossface {

class ForgottenNames {
 public:
  // `staying`: names of persons and sources that are kept. One that is also to be forgotten stays.
  ForgottenNames(std::vector<std::string> names, const std::vector<std::string>& staying);

  bool empty() const { return names_.empty(); }
  size_t size() const { return names_.size(); }
  bool IsIn(std::string_view text) const;
  // The text with "(forgotten)" in their places.
  std::string Without(std::string_view text) const;
  // Byte strings that no file holds by chance: ways to write those of the names that are long enough and part
  // of no other.
  std::vector<std::string> ByteStrings() const;
  // Those that were left out there.
  std::vector<std::string> ShortOrShared() const;

 private:
  struct Name {
    std::string text;
    std::u32string folded;
    bool whole_word = false;
    bool shared = false;
  };
  struct Place {
    size_t begin = 0, end = 0;  // positions of characters
  };
  std::vector<Place> Find(std::u32string_view characters) const;

  std::vector<Name> names_;
  std::vector<std::u32string> staying_;  // folded; those that hold one of the names
};

}  // namespace crossface

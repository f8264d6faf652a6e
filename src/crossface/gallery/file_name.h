// Names of files and folders that every file system takes (ext4, NTFS, exFAT, APFS). Pure functions,
// thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace crossface {

// Why `name` is no good as a file or folder name somewhere, in words that complete "the name ...": it is
// empty, holds a character that Windows or a shell takes for something else, is one of Windows' device names,
// begins or ends in a blank or a dot, is not valid UTF-8, or hides its true order behind text-direction
// marks. Empty when it is good.
std::string FileNameProblem(std::string_view name);

// `text` made good: what FileNameProblem objects to becomes '_', and it is cut to `max_bytes` between two
// characters.
std::string SafeFileName(std::string_view text, size_t max_bytes);

// Two names with the same folded form are one name on a file system that ignores case.
std::string CaseFolded(std::string_view text);

// What a person is called who is like a reference of this name, until the name is confirmed: whoever reads a
// folder's name, a log or the report must see that nobody has.
std::string WithReferenceMark(const std::string& name);
std::string WithoutReferenceMark(const std::string& name);

}  // namespace crossface

// Sources: finding them in folders, and what their container says about them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/io/byte_source.h"
#include "crossface/media/file/geometry.h"
#include "crossface/media/file/left_out.h"
#include "crossface/media/file/source_info.h"
#include "crossface/util/status.h"

namespace crossface {

// A file to read. `name` is the path relative to the input folder with forward slashes: the source's name in
// a case.
struct SourceFile {
  std::filesystem::path path;
  std::string name;
  std::string part =
      {};  // which picture stream, page or appended film (media/file/source_part.h); empty: its first
  std::optional<io::Version> version = {};  // where a list of its folder said it
};

struct SourceSearch {
  std::vector<SourceFile> files;   // sorted by name, no file twice
  std::vector<Status> unreadable;  // folders that could not be listed; the search goes on past them
  LeftOut left_out;
};

// Lists the files to try below the given files and folders (recursively; hidden files and symbolic-link loops
// left out). A file given by name is always listed; in folders files with a media or image extension are, and
// so is any other file whose first bytes libav or OpenCV recognise, so that evidence with a wrong or missing
// extension is not lost. When two roots hold the same relative name, the root's own folder name is put in
// front of both. Errors: kNotFound for a root that does not exist (its name in the message),
// kPermissionDenied for a root that cannot be read, kUnsupported for a root that is a pipe, socket or device,
// or a name of another program's input such as /dev/stdin: none of them is opened; kInterrupted.
Result<SourceSearch> FindSources(const std::vector<std::filesystem::path>& roots,
                                 const std::stop_token& stop = {});

// True for the extensions of still pictures that the image reader takes (case-insensitive).
bool HasImageExtension(const std::filesystem::path& path);

// To read a source again so that its pictures, and boxes in them, are those that `info` tells of.
WantedGeometry GeometryAsIn(const SourceInfo& info);

}  // namespace crossface

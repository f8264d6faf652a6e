#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "crossface/export/format_writer.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"
#include "crossface/util/text.h"
#include "crossface/util/time.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

constexpr size_t kCopyBlock = 1 << 20;

// BagIt 0.97, the version that validators of today share: of a name only line ends are written %XX. (1.0
// writes the percent sign so too, which the common ones do not read.)
std::string ManifestPath(const std::string& path) {
  std::string encoded;
  for (const char c : path) encoded += c == '\n' ? "%0A" : c == '\r' ? "%0D" : std::string(1, c);
  return encoded;
}

// Why a manifest cannot hold a name; empty when it can.
std::string NameProblem(const std::string& name) {
  if (EscapeInvalidUtf8(name) != name) return "its name is not UTF-8";
  for (const char* taken : {"%0A", "%0a", "%0D", "%0d"}) {
    if (name.find(taken) != std::string::npos)
      return fmt::format("its name holds \"{}\", which means a line end there", taken);
  }
  return "";
}

bool IsBelow(const fs::path& path, const fs::path& folder) {
  std::error_code ignored;
  const fs::path inner = fs::weakly_canonical(path, ignored), outer = fs::weakly_canonical(folder, ignored);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

class BagWriter {
 public:
  BagWriter(fs::path bag, const std::stop_token& stop)
      : place_(std::move(bag)), making_(place_.string() + ".part"), stop_(stop) {}
  ~BagWriter() {
    std::error_code ignored;
    fs::remove_all(making_, ignored);
  }

  Result<int64_t> Write(const fs::path& payload, const std::vector<std::string>& left_out,
                        const std::string& identifier) {
    std::error_code error;
    fs::remove_all(making_, error);
    fs::create_directories(making_ / "data", error);
    if (error) return ErrnoStatus(error.value(), making_.string() + ": cannot be made");
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<std::string> files, List(payload, left_out));
    for (const std::string& file : files) {
      CROSSFACE_RETURN_IF_ERROR(Copy(payload / fs::path(file), "data/" + file));
    }
    CROSSFACE_RETURN_IF_ERROR(WriteTags(identifier, static_cast<int64_t>(files.size())));
    fs::rename(making_, place_, error);
    if (error) return ErrnoStatus(error.value(), place_.string() + ": cannot be made");
    return static_cast<int64_t>(files.size());
  }

 private:
  static Result<std::vector<std::string>> List(const fs::path& payload,
                                               const std::vector<std::string>& left_out) {
    std::vector<std::string> files;
    std::error_code error;
    for (fs::recursive_directory_iterator it(payload, error), end; !error && it != end; it.increment(error)) {
      std::error_code gone;
      if (it->is_symlink(gone) || !it->is_regular_file(gone)) continue;
      std::string name = it->path().lexically_relative(payload).generic_string();
      if (std::find(left_out.begin(), left_out.end(), name) != left_out.end()) continue;
      if (const std::string problem = NameProblem(name); !problem.empty()) {
        return Status(StatusCode::kUnsupported,
                      fmt::format("{}: {}: a bag cannot hold it; rename or remove it",
                                  DisplayPath(it->path()), problem));
      }
      files.push_back(std::move(name));
    }
    if (error) return ErrnoStatus(error.value(), payload.string() + ": cannot be listed");
    std::sort(files.begin(), files.end());
    return files;
  }

  // Copies and hashes in one go: what the manifest says is what was written.
  Status Copy(const fs::path& from, const std::string& name) {
    const fs::path to = making_ / fs::path(name);
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    if (error) return ErrnoStatus(error.value(), to.parent_path().string() + ": cannot be made");
    std::ifstream in(from, std::ios::binary);
    if (!in) return ErrnoStatus(errno, from.string() + ": cannot be read");
    std::ofstream out(to, std::ios::binary);
    Sha256 hash;
    std::string block(kCopyBlock, '\0');
    while (in) {
      if (stop_.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
      in.read(block.data(), static_cast<std::streamsize>(block.size()));
      const auto count = static_cast<size_t>(in.gcount());
      hash.Update(std::string_view(block).substr(0, count));
      out.write(block.data(), static_cast<std::streamsize>(count));
      bytes_ += static_cast<int64_t>(count);
    }
    if (in.bad()) return Status(StatusCode::kIo, from.string() + ": cannot be read");
    out.close();
    if (!out) return ErrnoStatus(errno, to.string() + ": cannot be written");
    manifest_ += fmt::format("{}  {}\n", hash.HexDigest(), ManifestPath(name));
    return Status();
  }

  Status WriteTags(const std::string& identifier, int64_t files) {
    std::string name = identifier;
    for (char& c : name) {
      if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    const std::map<std::string, std::string> tags = {
        {"bag-info.txt",
         fmt::format("Bag-Software-Agent: crossface {}\nBagging-Date: {}\nExternal-Identifier: {}\n"
                     "Payload-Oxum: {}.{}\n",
                     kVersion, UtcNow().substr(0, 10), EscapeInvalidUtf8(name), bytes_, files)},
        {"bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"},
        {"manifest-sha256.txt", manifest_}};
    std::string tag_manifest;
    for (const auto& [file, content] : tags) {
      CROSSFACE_RETURN_IF_ERROR(WriteFileAtomically(making_ / file, content, Durability::kSync));
      tag_manifest += fmt::format("{}  {}\n", Sha256Hex(content), file);
    }
    return WriteFileAtomically(making_ / "tagmanifest-sha256.txt", tag_manifest, Durability::kSync);
  }

  const fs::path place_, making_;
  const std::stop_token stop_;
  std::string manifest_;
  int64_t bytes_ = 0;
};

}  // namespace

Result<int64_t> WriteBag(const fs::path& payload, const fs::path& bag,
                         const std::vector<std::string>& left_out, const std::string& identifier,
                         const std::stop_token& stop) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(bag, ignored)))
    return Status(StatusCode::kInvalidArgument, bag.string() + ": is there already; choose another folder");
  if (IsBelow(bag, payload))
    return Status(StatusCode::kInvalidArgument,
                  bag.string() + ": lies in what is to be bagged; choose another folder");
  return BagWriter(bag, stop).Write(payload, left_out, identifier);
}

}  // namespace crossface

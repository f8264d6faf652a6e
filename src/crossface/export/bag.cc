#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <map>

#include "crossface/export/format_writer.h"
#include "crossface/io/store.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"
#include "crossface/util/text.h"
#include "crossface/util/thread_pool.h"
#include "crossface/util/time.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

constexpr size_t kCopyBlock = 1 << 20;
constexpr int kSenders = 8;

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
      : place_(std::move(bag)),
        remote_(!io::SchemeOf(place_.native()).empty()),
        making_(remote_ ? place_ : fs::path(place_.string() + ".part")),
        stop_(stop) {}
  ~BagWriter() {
    std::error_code ignored;
    if (!remote_) fs::remove_all(making_, ignored);
  }

  Result<int64_t> Write(const fs::path& payload, const std::vector<std::string>& left_out,
                        const std::string& identifier) {
    std::error_code error;
    if (!remote_) {
      fs::remove_all(making_, error);
      fs::create_directories(making_ / "data", error);
      if (error) return ErrnoStatus(error.value(), making_.string() + ": cannot be made");
    }
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<std::string> files, List(payload, left_out));
    CROSSFACE_RETURN_IF_ERROR(remote_ ? SendAll(payload, files) : CopyAll(payload, files));
    CROSSFACE_RETURN_IF_ERROR(WriteTags(identifier, static_cast<int64_t>(files.size())));
    if (!remote_) fs::rename(making_, place_, error);
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

  struct Sent {
    std::string sha256;
    int64_t bytes = 0;
  };

  Status CopyAll(const fs::path& payload, const std::vector<std::string>& files) {
    for (const std::string& file : files)
      CROSSFACE_RETURN_IF_ERROR(Copy(payload / fs::path(file), "data/" + file));
    return Status();
  }

  // Several at once: small ones wait for answers more than for bytes. The first that fails ends the others.
  Status SendAll(const fs::path& payload, const std::vector<std::string>& files) {
    std::stop_source stop;
    const std::stop_callback stopped(stop_, [&stop] { stop.request_stop(); });
    std::vector<std::future<Result<Sent>>> sending;
    {
      ThreadPool pool(kSenders);
      for (const std::string& file : files) {
        sending.push_back(pool.Submit([this, &stop, from = payload / fs::path(file), name = "data/" + file] {
          auto sent = Send(from, name, stop.get_token());
          if (!sent.ok()) stop.request_stop();
          return sent;
        }));
      }
      for (auto& each : sending) each.wait();
    }
    Status failed;
    for (size_t i = 0; i < files.size(); ++i) {
      const Result<Sent> sent = sending[i].get();
      // Those that it ended say only that.
      const bool is_why = !sent.ok() && (failed.ok() || failed.code() == StatusCode::kInterrupted);
      if (is_why) failed = sent.status();
      if (!sent.ok()) continue;
      bytes_ += sent->bytes;
      manifest_ += fmt::format("{}  {}\n", sent->sha256, ManifestPath("data/" + files[i]));
    }
    return failed;
  }

  // What is sent is checked by its parts' checksums; what the manifest says is what lies here.
  Result<Sent> Send(const fs::path& from, const std::string& name, const std::stop_token& stop) const {
    if (stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<io::ByteSource> file,
                               io::Open(from, io::Links::kFollow, stop));
    CROSSFACE_ASSIGN_OR_RETURN(std::string sha256, io::HashOf(*file, stop));
    CROSSFACE_RETURN_IF_ERROR(io::PutFile(place_ / fs::path(name), from, stop));
    CROSSFACE_ASSIGN_OR_RETURN(const io::Version after, io::VersionOf(from));
    if (after != file->version()) {
      return Status(StatusCode::kMismatch,
                    DisplayPath(from) + ": changed while it was sent; run the same command again");
    }
    return Sent{std::move(sha256), file->size()};
  }

  Status WriteTag(const std::string& file, const std::string& content) const {
    if (remote_) return io::Put(place_ / file, content, stop_);
    return WriteFileAtomically(making_ / file, content, Durability::kSync);
  }

  Status WriteTags(const std::string& identifier, int64_t files) {
    std::string name = identifier;
    for (char& c : name) {
      if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    // A folder becomes a bag by its bagit.txt, which comes last.
    constexpr const char* kMark = "bagit.txt";
    const std::map<std::string, std::string> tags = {
        {"bag-info.txt",
         fmt::format("Bag-Software-Agent: crossface {}\nBagging-Date: {}\nExternal-Identifier: {}\n"
                     "Payload-Oxum: {}.{}\n",
                     kVersion, UtcNow().substr(0, 10), EscapeInvalidUtf8(name), bytes_, files)},
        {kMark, "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"},
        {"manifest-sha256.txt", manifest_}};
    std::string tag_manifest;
    for (const auto& [file, content] : tags) {
      if (file != kMark) CROSSFACE_RETURN_IF_ERROR(WriteTag(file, content));
      tag_manifest += fmt::format("{}  {}\n", Sha256Hex(content), file);
    }
    CROSSFACE_RETURN_IF_ERROR(WriteTag("tagmanifest-sha256.txt", tag_manifest));
    return WriteTag(kMark, tags.at(kMark));
  }

  const fs::path place_;
  const bool remote_;  // in a store whose files get their names when they are whole
  const fs::path making_;
  const std::stop_token stop_;
  std::string manifest_;
  int64_t bytes_ = 0;
};

}  // namespace

Result<int64_t> WriteBag(const fs::path& payload, const fs::path& bag,
                         const std::vector<std::string>& left_out, const std::string& identifier,
                         const std::stop_token& stop) {
  const bool remote = !io::SchemeOf(bag.native()).empty();
  CROSSFACE_ASSIGN_OR_RETURN(const io::Kind there,
                             io::KindOf(remote ? bag / "bagit.txt" : bag, io::Links::kTell, stop));
  if (there != io::Kind::kNothing)
    return Status(StatusCode::kInvalidArgument, bag.string() + ": is there already; choose another folder");
  if (!remote && IsBelow(bag, payload))
    return Status(StatusCode::kInvalidArgument,
                  bag.string() + ": lies in what is to be bagged; choose another folder");
  return BagWriter(bag, stop).Write(payload, left_out, identifier);
}

}  // namespace crossface

// The files of this machine. Thread-safe: no state.
#pragma once

#include "crossface/io/store.h"
#include "crossface/util/file_descriptor.h"

namespace crossface::io {

// Only regular files are opened; a pipe or a device could block or have side effects. Links are followed: a
// source may lie anywhere.
class LocalStore final : public Store {
 public:
  Result<std::unique_ptr<ByteSource>> Open(const std::string& place, Links links,
                                           const std::stop_token& stop) const override;
  Result<Version> VersionOf(const std::string& place, const std::stop_token& stop) const override;
  Result<Kind> KindOf(const std::string& place, Links links, const std::stop_token& stop) const override;
  Result<std::vector<Entry>> List(const std::string& folder, const std::stop_token& stop) const override;
  Result<std::string> RealPlace(const std::string& place) const override;
  Status Put(const std::string& place, std::string_view content, const std::stop_token& stop) override;
  Status PutFile(const std::string& place, const std::string& file, const std::stop_token& stop) override;
};

// An open file of this machine, which is a regular one. `place`: what errors call it.
Result<std::unique_ptr<ByteSource>> SourceOf(FileDescriptor file, const std::string& place);

}  // namespace crossface::io

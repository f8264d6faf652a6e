// Writes a case in the formats of other programs into a folder of the user's, a subfolder per format
// (docs/exports.md). Nothing in the case or beside the sources is touched.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/export/export_formats.h"
#include "crossface/gallery/gallery.h"
#include "crossface/util/status.h"

namespace crossface {

// Files of the same names are replaced, each whole or not at all. `bag` copies the whole case folder, and
// needs the gallery opened for writing, so that nothing changes it meanwhile. Errors: kInvalidArgument for an
// unknown format, for a bag that is there already or would lie in the case, and for a file that would replace
// a source; kInterrupted; kPermissionDenied, kOutOfResources, kIo, each naming the
// file.
Result<std::vector<FormatSummary>> WriteFormats(const Gallery& gallery,
                                                const std::vector<std::string>& formats,
                                                const std::filesystem::path& out,
                                                const std::stop_token& stop = {});

// A BagIt bag (0.97) of every regular file below `payload`, in the new folder `bag`: data/, sha256
// manifests and bag-info.txt. Written beside its place and renamed when it is whole. Links are not followed.
// `left_out` are relative paths. Returns the number of payload files. Errors: as above, and kUnsupported for
// a file name that a manifest cannot hold.
Result<int64_t> WriteBag(const std::filesystem::path& payload, const std::filesystem::path& bag,
                         const std::vector<std::string>& left_out, const std::string& identifier,
                         const std::stop_token& stop = {});

}  // namespace crossface

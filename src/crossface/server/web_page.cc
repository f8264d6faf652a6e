#include "crossface/server/web_page.h"

#include <algorithm>

#include "crossface/server/web_files.h"

namespace crossface {
namespace {

const WebFile* FindFile(std::string_view path) {
  const auto found = std::find_if(kWebFiles.begin(), kWebFiles.end(),
                                  [&](const WebFile& file) { return file.path == path; });
  return found == kWebFiles.end() ? nullptr : &*found;
}

}  // namespace

HttpAnswer PageAnswer(const HttpRequest& request) {
  const WebFile* file = FindFile(request.path);
  if (file == nullptr && request.path.find('.') == std::string::npos) file = FindFile("/index.html");
  if (file == nullptr) return ErrorAnswer(404, "not found", "there is nothing of this name");
  const std::string tag(file->tag);
  if (auto unchanged = IfUnchanged(request, tag)) return *std::move(unchanged);
  HttpAnswer answer{.type = std::string(file->type), .body = std::string(file->bytes)};
  // Files under assets/ have the hash of their content in their names.
  return answer.With("ETag", '"' + tag + '"')
      .With("Cache-Control",
            file->path.starts_with("/assets/") ? "private, max-age=31536000, immutable" : "no-cache");
}

}  // namespace crossface

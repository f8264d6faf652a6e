#include "crossface/io/s3_list.h"

#include <aws/common/date_time.h>
#include <aws/common/xml_parser.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <ctime>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "crossface/io/listing_watch.h"
#include "crossface/io/s3_errors.h"
#include "crossface/io/s3_library.h"
#include "crossface/io/s3_place.h"
#include "crossface/util/text.h"

namespace crossface::io {
namespace {

using Fields = std::map<std::string, std::string>;

std::string ContentOf(aws_xml_node* node) {
  aws_byte_buf text;
  aws_byte_buf_init(&text, S3Allocator(), 64);
  std::string content;
  if (aws_xml_node_as_body_unescaped(S3Allocator(), node, &text) == 0)
    content = TextOf(aws_byte_cursor_from_buf(&text));
  aws_byte_buf_clean_up(&text);
  return content;
}

struct Page {
  Fields own;                   // of the page: NextContinuationToken, IsTruncated, EncodingType
  std::vector<Fields> objects;  // Key, Size, ETag, LastModified
  std::vector<Fields> folders;  // Prefix
};

int ReadField(aws_xml_node* node, void* fields) {
  const std::string name = TextOf(aws_xml_node_get_name(node));
  // What has further elements in it is nothing that is asked for.
  if (name != "Owner" && name != "RestoreStatus") (*static_cast<Fields*>(fields))[name] = ContentOf(node);
  return AWS_OP_SUCCESS;
}

int ReadPart(aws_xml_node* node, void* into) {
  auto* const page = static_cast<Page*>(into);
  const std::string name = TextOf(aws_xml_node_get_name(node));
  if (name == "Contents") return aws_xml_node_traverse(node, &ReadField, &page->objects.emplace_back());
  if (name == "CommonPrefixes") return aws_xml_node_traverse(node, &ReadField, &page->folders.emplace_back());
  page->own[name] = ContentOf(node);
  return AWS_OP_SUCCESS;
}

Result<Page> ReadPage(const std::string& body, const std::string& place) {
  Page page;
  aws_xml_parser_options options = {};
  options.doc = CursorOf(body);
  options.user_data = &page;
  options.on_root_encountered = [](aws_xml_node* root, void* into) {
    return aws_xml_node_traverse(root, &ReadPart, into);
  };
  if (aws_xml_parse(S3Allocator(), &options) == 0 && page.own.contains("IsTruncated")) return page;
  return Status(
      StatusCode::kIo,
      DisplayPath(place) +
          ": the server's list of what lies there cannot be understood: it may be no object storage",
      Remedy::kCheckServer);
}

}  // namespace

// When it came there is known to the second only; below it stands what tells one content from another, so
// that what compares sizes and times sees every change.
Version S3Version(int64_t bytes, std::string etag, const std::string& modified) {
  std::erase(etag, '"');
  if (etag.starts_with("W/")) etag.erase(0, 2);
  aws_date_time time = {};
  const aws_byte_cursor text = CursorOf(modified);
  int64_t seconds = 0;
  if (aws_date_time_init_from_str_cursor(&time, &text, AWS_DATE_FORMAT_AUTO_DETECT) == 0)
    seconds = static_cast<int64_t>(aws_date_time_as_epoch_secs(&time));
  uint32_t mark = etag.empty() ? 0 : 2166136261U;  // FNV-1a
  for (const char letter : etag) mark = (mark ^ static_cast<unsigned char>(letter)) * 16777619U;
  return {.bytes = bytes,
          .modified_ns = seconds * 1'000'000'000 + mark % 1'000'000'000,
          .state = std::move(etag)};
}

std::pair<std::string, std::string> OnlyIf(const Version& version) {
  if (!version.state.empty()) return {"If-Match", fmt::format("\"{}\"", version.state)};
  // A server that knows the time more exactly than it says it refuses the very second that it has said.
  const std::time_t seconds = version.modified_ns / 1'000'000'000 + 1;
  return {"If-Unmodified-Since", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(seconds))};
}

Status ListS3(S3Client& client, const std::string& place, const S3Listing& listing,
              const std::function<void(S3Listed)>& listed, const std::stop_token& stop) {
  std::string next;
  do {
    S3Request request{.operation = "ListObjectsV2", .bucket = listing.bucket};
    request.query = {{"list-type", "2"},
                     {"encoding-type", "url"},
                     {"prefix", listing.prefix},
                     {"max-keys", std::to_string(listing.most)}};
    if (listing.in_folders) request.query.emplace_back("delimiter", "/");
    if (!next.empty()) request.query.emplace_back("continuation-token", next);
    CROSSFACE_ASSIGN_OR_RETURN(const S3Answer answer, Ask(client, place, std::move(request), stop));
    CROSSFACE_ASSIGN_OR_RETURN(Page page, ReadPage(answer.body, place));
    const bool encoded = page.own["EncodingType"] == "url";
    const auto key_of = [&](const std::string& text) { return encoded ? PercentDecoded(text) : text; };
    for (Fields& object : page.objects) {
      int64_t bytes = -1;
      const std::string& size = object["Size"];
      std::from_chars(size.data(), size.data() + size.size(), bytes);
      if (object["Key"].empty() || bytes < 0)
        return Status(StatusCode::kIo,
                      DisplayPath(place) + ": the server's list holds an object without name or size");
      listed({.key = key_of(object["Key"]),
              .version = S3Version(bytes, object["ETag"], object["LastModified"])});
    }
    ListingWatch::Count(static_cast<int64_t>(page.objects.size() + page.folders.size()));
    for (Fields& folder : page.folders) listed({.key = key_of(folder["Prefix"]), .folder = true});
    const std::string before =
        std::exchange(next, page.own["IsTruncated"] == "true" ? page.own["NextContinuationToken"] : "");
    if (!next.empty() && next == before)
      return Status(StatusCode::kIo,
                    DisplayPath(place) + ": the server gives the same page of its list again and again");
    if (page.own["IsTruncated"] == "true" && next.empty() && !listing.one_page)
      return Status(StatusCode::kIo,
                    DisplayPath(place) + ": the server broke off its list of what lies there");
  } while (!next.empty() && !listing.one_page);
  return Status();
}

}  // namespace crossface::io

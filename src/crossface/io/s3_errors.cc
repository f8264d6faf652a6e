#include "crossface/io/s3_errors.h"

#include <aws/auth/auth.h>
#include <aws/common/xml_parser.h>
#include <aws/http/http.h>
#include <aws/io/io.h>
#include <aws/s3/s3.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "crossface/io/s3_library.h"
#include "crossface/util/text.h"

namespace crossface::io {
namespace {

struct Said {
  std::string code, region;
};

// What may go into messages, whatever the server is.
std::string Word(const std::string& text) {
  const bool plain = text.size() < 60 && std::all_of(text.begin(), text.end(), [](unsigned char letter) {
                       return letter < 0x80 && (std::isalnum(letter) != 0 || letter == '-' || letter == '.');
                     });
  return plain ? text : "";
}

// <Error><Code>…</Code>…</Error>
Said ErrorIn(const std::string& body) {
  Said said;
  aws_xml_parser_options options = {};
  options.doc = CursorOf(body);
  options.user_data = &said;
  options.on_root_encountered = [](aws_xml_node* root, void* into) {
    return aws_xml_node_traverse(
        root,
        [](aws_xml_node* node, void* said_to) {
          const std::string name = TextOf(aws_xml_node_get_name(node));
          auto* const text = static_cast<Said*>(said_to);
          std::string* const value = name == "Code"     ? &text->code
                                     : name == "Region" ? &text->region
                                                        : nullptr;
          aws_byte_cursor content;
          if (value == nullptr || aws_xml_node_as_body(node, &content) != 0) return AWS_OP_SUCCESS;
          *value = TextOf(content);
          return AWS_OP_SUCCESS;
        },
        into);
  };
  if (!body.empty()) aws_xml_parse(S3Allocator(), &options);
  for (std::string* word : {&said.code, &said.region}) *word = Word(*word);
  return said;
}

struct Meaning {
  std::string_view code;
  StatusCode status;
  std::string_view words;  // behind the place; {0}: the server
};

constexpr std::string_view kNewKeys = "the keys have expired; get new ones, and run the same command again";
constexpr std::string_view kUnknownKey =
    "{0} does not know the access key; look at AWS_ACCESS_KEY_ID, or the profile that AWS_PROFILE names";
constexpr std::string_view kBusy =
    "{0} is too busy or failing and was asked several times; run the same command again later";
constexpr std::string_view kClock =
    "the clocks of this machine and of {0} differ too much; set this machine's clock";
constexpr std::string_view kNoBucket =
    "there is no such bucket at {0}; look at its name, and at AWS_ENDPOINT_URL for which server is asked";
constexpr std::array kMeanings = {
    Meaning{"NoSuchBucket", StatusCode::kNotFound, kNoBucket},
    Meaning{"InvalidBucketName", StatusCode::kNotFound, kNoBucket},
    Meaning{"NoSuchKey", StatusCode::kNotFound, "there is no such object"},
    Meaning{"ExpiredToken", StatusCode::kPermissionDenied, kNewKeys},
    Meaning{"ExpiredTokenException", StatusCode::kPermissionDenied, kNewKeys},
    Meaning{"TokenRefreshRequired", StatusCode::kPermissionDenied, kNewKeys},
    Meaning{"InvalidToken", StatusCode::kPermissionDenied,
            "{0} does not take the session token; get new keys, and set AWS_SESSION_TOKEN with them"},
    Meaning{"InvalidAccessKeyId", StatusCode::kPermissionDenied, kUnknownKey},
    Meaning{"XAdminUserNotFound", StatusCode::kPermissionDenied, kUnknownKey},
    Meaning{"SignatureDoesNotMatch", StatusCode::kPermissionDenied,
            "the secret key does not belong to the access key; look at AWS_SECRET_ACCESS_KEY, or the profile "
            "that "
            "AWS_PROFILE names"},
    Meaning{"RequestTimeTooSkewed", StatusCode::kPermissionDenied, kClock},
    Meaning{"RequestExpired", StatusCode::kPermissionDenied, kClock},
    Meaning{"AccessDenied", StatusCode::kPermissionDenied,
            "these keys have no permission for it; ask the owner of the bucket for it, or name other keys by "
            "AWS_PROFILE"},
    Meaning{"AllAccessDisabled", StatusCode::kPermissionDenied, "its owner has closed it"},
    Meaning{"PreconditionFailed", StatusCode::kMismatch,
            "was changed while it was read; run the same command again when it is complete"},
    Meaning{"InvalidObjectState", StatusCode::kUnsupported,
            "is in an archive, from where it cannot be read; have it restored first"},
    Meaning{"NoSuchUpload", StatusCode::kIo,
            "the server has given up its upload; run the same command again"},
    Meaning{"EntityTooLarge", StatusCode::kUnsupported, "is larger than {0} takes"},
    Meaning{"KeyTooLongError", StatusCode::kInvalidArgument, "its name is longer than {0} takes"},
    Meaning{"QuotaExceeded", StatusCode::kOutOfResources, "{0} has no room left for it"},
    Meaning{"SlowDown", StatusCode::kIo, kBusy},
    Meaning{"ServiceUnavailable", StatusCode::kIo, kBusy},
    Meaning{"InternalError", StatusCode::kIo, kBusy},
};

Status WithoutAnAnswer(const std::string& name, const std::string& server, int error) {
  if (error / AWS_ERROR_ENUM_STRIDE == AWS_C_AUTH_PACKAGE_ID) {
    return Status(StatusCode::kPermissionDenied,
                  name +
                      ": no keys were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a "
                      "profile that has keys by AWS_PROFILE");
  }
  // What comes where TLS is spoken to a server that does not, or the other way round.
  const bool broke_off = error == AWS_IO_SOCKET_CLOSED || error == AWS_ERROR_HTTP_CONNECTION_CLOSED;
  switch (error) {
    case AWS_IO_DNS_INVALID_NAME:
    case AWS_IO_DNS_QUERY_FAILED:
    case AWS_IO_DNS_NO_ADDRESS_FOR_HOST:
      return Status(StatusCode::kIo,
                    fmt::format("{}: the name of {} is not known; look at AWS_ENDPOINT_URL and "
                                "AWS_REGION, and whether there is a network",
                                name, server));
    case AWS_IO_SOCKET_CONNECTION_REFUSED:
    case AWS_IO_SOCKET_TIMEOUT:
    case AWS_IO_SOCKET_NO_ROUTE_TO_HOST:
    case AWS_IO_SOCKET_NETWORK_DOWN:
    case AWS_IO_SOCKET_NOT_CONNECTED:
      return Status(StatusCode::kIo,
                    fmt::format("{}: {} cannot be reached; look at AWS_ENDPOINT_URL, and whether "
                                "the network and the server are up",
                                name, server));
    case AWS_IO_TLS_ERROR_NEGOTIATION_FAILURE:
      return Status(StatusCode::kIo,
                    fmt::format("{}: {} cannot be trusted, or speaks no TLS; name its certificate "
                                "by AWS_CA_BUNDLE, or write http:// for a server without",
                                name, server));
    case AWS_ERROR_S3_REQUEST_TIME_TOO_SKEWED:
      return Status(StatusCode::kPermissionDenied, name + ": " + fmt::format(kClock, server));
    case AWS_ERROR_S3_SLOW_DOWN:
    case AWS_ERROR_S3_INTERNAL_ERROR:
      return Status(StatusCode::kIo, name + ": " + fmt::format(kBusy, server));
    case AWS_ERROR_S3_RESPONSE_CHECKSUM_MISMATCH:
      return Status(StatusCode::kIo, name + ": came damaged over the network; run the same command again");
    default:
      return Status(
          StatusCode::kIo,
          fmt::format("{}: {} broke off or did not answer in time, and was asked several times ({}); run the "
                      "same command again{}",
                      name, server, aws_error_name(error),
                      broke_off && server.starts_with("http://")
                          ? ", and look whether AWS_ENDPOINT_URL should begin with https://"
                          : ""));
  }
}

bool IsRefusal(const S3Answer& answer) { return answer.error != 0 && answer.status >= 300; }

}  // namespace

Status FailureOf(const S3Client& client, const std::string& place, const S3Answer& answer) {
  if (answer.error == 0) return Status();
  const std::string name = DisplayPath(place), server = client.Server();
  if (!IsRefusal(answer)) return WithoutAnAnswer(name, server, answer.error);
  const Said said = ErrorIn(answer.body);
  const auto header = answer.headers.find("x-amz-bucket-region");
  const std::string region = header != answer.headers.end() ? Word(header->second) : said.region;
  const bool elsewhere = said.code == "PermanentRedirect" || said.code == "TemporaryRedirect" ||
                         said.code == "AuthorizationHeaderMalformed" ||
                         said.code == "IllegalLocationConstraintException" ||
                         (answer.status / 100 == 3 && answer.status != 304);
  if (elsewhere) {
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("{}: its bucket is not in the region {}; set AWS_REGION{}", name,
                              client.settings().region, region.empty() ? " to where it is" : "=" + region));
  }
  for (const Meaning& meaning : kMeanings) {
    if (said.code == meaning.code)
      return Status(meaning.status, name + ": " + fmt::format(fmt::runtime(meaning.words), server));
  }
  const std::string_view code = !said.code.empty()     ? ""
                                : answer.status == 404 ? "NoSuchKey"
                                : answer.status == 412 ? "PreconditionFailed"
                                : answer.status == 403 ? "AccessDenied"
                                : answer.status >= 500 ? "SlowDown"
                                                       : "";
  for (const Meaning& meaning : kMeanings) {
    if (code == meaning.code)
      return Status(meaning.status, name + ": " + fmt::format(fmt::runtime(meaning.words), server));
  }
  return Status(StatusCode::kIo,
                fmt::format("{}: {} refused with {}{}{}; look at AWS_ENDPOINT_URL and at the server", name,
                            server, answer.status, said.code.empty() ? "" : " ", said.code));
}

Result<S3Answer> Ask(S3Client& client, const std::string& place, S3Request request,
                     const std::stop_token& stop) {
  const bool silent = std::string_view(request.method) == "HEAD";
  const auto annotated = [&](const Status& status) { return status.Annotate(DisplayPath(place)); };
  auto answer = client.Do(request, stop);
  if (!answer.ok()) return annotated(answer.status());
  if (silent && IsRefusal(*answer) && answer->status != 404 && answer->status != 412) {
    request.method = "GET";
    if (std::string_view(request.operation) == "HeadObject") request.operation = "GetObject";
    request.headers.emplace_back("Range", "bytes=0-0");
    auto said = client.Do(std::move(request), stop);
    if (!said.ok()) return annotated(said.status());
    // The one that may be read is refused for itself.
    if (said->error != 0) answer = std::move(said);
  }
  CROSSFACE_RETURN_IF_ERROR(FailureOf(client, place, *answer));
  return std::move(*answer);
}

}  // namespace crossface::io

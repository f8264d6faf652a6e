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
  Remedy remedy;
  std::string_view words;  // behind the place; {0}: the server
};

constexpr std::string_view kExpired = "the keys have expired";
constexpr std::string_view kUnknownKey = "{0} does not know the access key";
constexpr std::string_view kBusy = "{0} is too busy or failing, and was asked several times";
constexpr std::string_view kClock = "the clocks of this machine and of {0} differ too much";
constexpr std::string_view kNoBucket = "there is no such bucket at {0}";
constexpr std::array kMeanings = {
    Meaning{"NoSuchBucket", StatusCode::kNotFound, Remedy::kCheckPlace, kNoBucket},
    Meaning{"InvalidBucketName", StatusCode::kNotFound, Remedy::kCheckPlace, kNoBucket},
    Meaning{"NoSuchKey", StatusCode::kNotFound, Remedy::kCheckPlace, "there is no such object"},
    Meaning{"ExpiredToken", StatusCode::kPermissionDenied, Remedy::kRenewKeys, kExpired},
    Meaning{"ExpiredTokenException", StatusCode::kPermissionDenied, Remedy::kRenewKeys, kExpired},
    Meaning{"TokenRefreshRequired", StatusCode::kPermissionDenied, Remedy::kRenewKeys, kExpired},
    Meaning{"InvalidToken", StatusCode::kPermissionDenied, Remedy::kRenewKeys,
            "{0} does not take the session token"},
    Meaning{"InvalidAccessKeyId", StatusCode::kPermissionDenied, Remedy::kRenewKeys, kUnknownKey},
    Meaning{"XAdminUserNotFound", StatusCode::kPermissionDenied, Remedy::kRenewKeys, kUnknownKey},
    Meaning{"SignatureDoesNotMatch", StatusCode::kPermissionDenied, Remedy::kRenewKeys,
            "the secret key does not belong to the access key"},
    Meaning{"RequestTimeTooSkewed", StatusCode::kPermissionDenied, Remedy::kSetClock, kClock},
    Meaning{"RequestExpired", StatusCode::kPermissionDenied, Remedy::kSetClock, kClock},
    Meaning{"AccessDenied", StatusCode::kPermissionDenied, Remedy::kAskPermission,
            "these keys have no permission for it"},
    Meaning{"AllAccessDisabled", StatusCode::kPermissionDenied, Remedy::kAskPermission,
            "its owner has closed it"},
    Meaning{"PreconditionFailed", StatusCode::kMismatch, Remedy::kRunAgain, "was changed while it was read"},
    Meaning{"InvalidObjectState", StatusCode::kUnsupported, Remedy::kNone,
            "is in an archive, from where it cannot be read; have it restored first"},
    Meaning{"NoSuchUpload", StatusCode::kIo, Remedy::kRunAgain, "the server has given up its upload"},
    Meaning{"EntityTooLarge", StatusCode::kUnsupported, Remedy::kNone, "is larger than {0} takes"},
    Meaning{"KeyTooLongError", StatusCode::kInvalidArgument, Remedy::kNone,
            "its name is longer than {0} takes"},
    Meaning{"QuotaExceeded", StatusCode::kOutOfResources, Remedy::kNone, "{0} has no room left for it"},
    Meaning{"SlowDown", StatusCode::kIo, Remedy::kRunAgain, kBusy},
    Meaning{"ServiceUnavailable", StatusCode::kIo, Remedy::kRunAgain, kBusy},
    Meaning{"InternalError", StatusCode::kIo, Remedy::kRunAgain, kBusy},
};

const Meaning* MeaningOf(std::string_view code) {
  const auto* const found = std::find_if(kMeanings.begin(), kMeanings.end(),
                                         [&](const Meaning& meaning) { return meaning.code == code; });
  return found == kMeanings.end() ? nullptr : found;
}

Status StatusOf(const Meaning& meaning, const std::string& name, const std::string& server) {
  return Status(meaning.status, name + ": " + fmt::format(fmt::runtime(meaning.words), server),
                meaning.remedy);
}

Status WithoutAnAnswer(const std::string& name, const std::string& server, int error) {
  if (error / AWS_ERROR_ENUM_STRIDE == AWS_C_AUTH_PACKAGE_ID)
    return Status(StatusCode::kPermissionDenied, name + ": no keys were found", Remedy::kGiveKeys);
  // What comes where TLS is spoken to a server that does not, or the other way round.
  const bool broke_off = error == AWS_IO_SOCKET_CLOSED || error == AWS_ERROR_HTTP_CONNECTION_CLOSED;
  const auto failed = [&](Remedy remedy, const std::string& words) {
    return Status(StatusCode::kIo, name + ": " + words, remedy);
  };
  switch (error) {
    case AWS_IO_DNS_INVALID_NAME:
    case AWS_IO_DNS_QUERY_FAILED:
    case AWS_IO_DNS_NO_ADDRESS_FOR_HOST:
      return failed(Remedy::kCheckServer, "the name of " + server + " is not known");
    case AWS_IO_SOCKET_CONNECTION_REFUSED:
    case AWS_IO_SOCKET_TIMEOUT:
    case AWS_IO_SOCKET_NO_ROUTE_TO_HOST:
    case AWS_IO_SOCKET_NETWORK_DOWN:
    case AWS_IO_SOCKET_NOT_CONNECTED:
      return failed(Remedy::kCheckServer, server + " cannot be reached");
    case AWS_IO_TLS_ERROR_NEGOTIATION_FAILURE:
      return failed(Remedy::kTrustServer, server + " cannot be trusted, or speaks no TLS");
    case AWS_ERROR_S3_REQUEST_TIME_TOO_SKEWED:
      return StatusOf(*MeaningOf("RequestTimeTooSkewed"), name, server);
    case AWS_ERROR_S3_SLOW_DOWN:
    case AWS_ERROR_S3_INTERNAL_ERROR:
      return StatusOf(*MeaningOf("SlowDown"), name, server);
    case AWS_ERROR_S3_RESPONSE_CHECKSUM_MISMATCH:
      return failed(Remedy::kRunAgain, "came damaged over the network");
    default:
      return failed(Remedy::kRunAgain,
                    fmt::format("{} broke off or did not answer in time, and was asked several times ({}){}",
                                server, aws_error_name(error),
                                broke_off && server.starts_with("http://")
                                    ? "; a server that wants https:// does so too"
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
                  fmt::format("{}: its bucket is not in the region {}{}", name, client.settings().region,
                              region.empty() ? "" : ", but in " + region),
                  Remedy::kSetRegion);
  }
  if (const Meaning* meaning = MeaningOf(said.code)) return StatusOf(*meaning, name, server);
  const std::string_view code = !said.code.empty()     ? ""
                                : answer.status == 404 ? "NoSuchKey"
                                : answer.status == 412 ? "PreconditionFailed"
                                : answer.status == 403 ? "AccessDenied"
                                : answer.status >= 500 ? "SlowDown"
                                                       : "";
  if (const Meaning* meaning = MeaningOf(code)) return StatusOf(*meaning, name, server);
  return Status(StatusCode::kIo,
                fmt::format("{}: {} refused with {}{}{}", name, server, answer.status,
                            said.code.empty() ? "" : " ", said.code),
                Remedy::kCheckServer);
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

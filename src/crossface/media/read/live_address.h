// Where a live stream comes from, as a user names it: an address of the network, a camera of this computer,
// "-" for standard input, or a file. What an address tells of users and passwords is for opening it alone.
// Pure but for a look whether there is such a file; thread-safe.
#pragma once

#include <string>

#include "crossface/util/status.h"

namespace crossface {

struct LiveAddress {
  enum class Kind { kNetwork, kCamera, kStandardInput, kFile };
  Kind kind = Kind::kFile;
  std::string scheme;     // of kNetwork, in lower case; of kCamera libav's name of the way to it, "v4l2"
  std::string url;        // as it is opened, with whatever secrets are in it
  std::string shown;      // the same without any: for logs, events and messages
  std::string protocols;  // what libav may open for it, separated by commas; empty: nothing by itself
  std::string name;       // what the user calls the stream, or made of `shown`; fit for a folder

  // Ends by itself, and is not opened again.
  bool ends() const { return kind == Kind::kStandardInput || kind == Kind::kFile; }
};

// "rtsp://…", "NAME=rtsp://…", "-", "NAME=-", "/dev/video0", a file. Errors: kInvalidArgument for a scheme
// that is not spoken, or a name that is no good; kNotFound when there is no such file or camera.
Result<LiveAddress> ParseLiveAddress(const std::string& text);

// Of any text: letters, digits, dots, dashes and underscores, no dot in front, 60 characters at most; never
// empty.
std::string StreamName(const std::string& text);

}  // namespace crossface

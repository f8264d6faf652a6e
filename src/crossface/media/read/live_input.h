// An open connection to a live stream: packets as they arrive. The one seam between streams and what watches
// them; tests put inputs of their own in its place. Not thread-safe: one thread opens, reads and closes it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>

#include "crossface/media/file/libav.h"
#include "crossface/media/read/live_address.h"
#include "crossface/util/status.h"

namespace crossface {

class LiveInput {
 public:
  virtual ~LiveInput() = default;

  // What is known of its streams. Lives as long as this object.
  virtual AVFormatContext& format() = 0;
  // Of the pictures, in format().
  virtual AVStream& pictures() = 0;

  // Waits for the next packet, of any stream. False at the stream's end. Errors, without any secret of the
  // address: kInterrupted (asked to stop), kIo (it broke off, or nothing came for too long), kCorrupt.
  virtual Result<bool> Read(AVPacket* packet) = 0;
};

struct LiveInputOptions {
  std::chrono::milliseconds patience{10'000};  // for a connection, and for its next packet
};

// Errors, without any secret of the address: kInterrupted; kPermissionDenied (a wrong password, say);
// kNotFound (no such stream there); kIo (nobody answers); kNoVideo; kCorrupt.
Result<std::unique_ptr<LiveInput>> OpenLiveInput(const LiveAddress& address, const LiveInputOptions& options,
                                                 std::stop_token stop);

}  // namespace crossface

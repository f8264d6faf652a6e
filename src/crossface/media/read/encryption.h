// Copy protection: pictures that no program reads without a key. Told from damage, which it looks like to a
// decoder. Thread-safe.
#pragma once

#include "crossface/media/file/input_file.h"
#include "crossface/media/file/libav.h"

namespace crossface {

// True for a packet whose data is encrypted (Common Encryption).
bool IsEncrypted(const AVPacket& packet);

// True where the container says that all its pictures are encrypted, in a way that packets do not tell of:
// Windows Media, WebM, iTunes. A decoder might make pictures of noise of them.
bool IsLocked(const AVFormatContext& format, const AVStream& stream, const InputFile& file);

// True where the container says of a stream, of which no picture could be decoded, that it is encrypted, or
// marks most of its packets as scrambled (MPEG transport streams, DVDs). Reads some megabytes at most.
bool SaysEncrypted(const AVFormatContext& format, const AVStream& stream, const InputFile& file);

}  // namespace crossface

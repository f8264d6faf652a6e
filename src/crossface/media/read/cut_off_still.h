// Still images whose end is missing: telling, and making what is there readable. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace crossface {

// True for a JPEG file without its end marker; false for other files.
bool JpegIsCutOff(std::string_view file);

// Ends the file's data where it stops: shortens the chunk that runs past the end and adds the closing one.
// False, and nothing changed, when the file is complete, no PNG, or holds no picture data yet. Check sums are
// not updated; decoders that verify them would refuse the result, libav's does not.
bool CloseCutOffPng(std::string& file);

}  // namespace crossface

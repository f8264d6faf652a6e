// Scan tasks and their findings as bytes that machines send each other. Pure functions, thread-safe.
//
// First "CFSCAN" and the form's version, then pieces in CBOR, each behind its length, and at the end the
// SHA-256 of all that. Whoever changes what is in a piece raises kWireVersion: programs of one version alone
// work together.
#pragma once

#include <string>
#include <string_view>

#include "crossface/scan/scan_task.h"

namespace crossface {

inline constexpr uint32_t kWireVersion = 4;

std::string ToWire(const ScanTask& task);
// Pictures that were put aside are read. Errors: those of PictureOf.
Result<std::string> ToWire(const ScanFindings& findings);

// Errors: kCorrupt for what is not the bytes that ToWire gave, kMismatch for those of another version.
Result<ScanTask> ScanTaskFromWire(std::string_view bytes);
Result<ScanFindings> ScanFindingsFromWire(std::string_view bytes);

}  // namespace crossface

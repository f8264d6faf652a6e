// The client library of object storage, aws-c-s3, ready for use. It prints and logs nothing.
#pragma once

#include <aws/common/byte_buf.h>
#include <aws/common/common.h>

#include <string>
#include <string_view>

namespace crossface::io {

// What all of its functions are given; the first call makes the library ready. Thread-safe.
aws_allocator* S3Allocator();

inline aws_byte_cursor CursorOf(std::string_view text) {
  return aws_byte_cursor_from_array(text.data(), text.size());
}
inline std::string TextOf(aws_byte_cursor cursor) {
  return std::string(reinterpret_cast<const char*>(cursor.ptr), cursor.len);
}

}  // namespace crossface::io

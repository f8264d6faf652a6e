#include "crossface/io/s3_library.h"

#include <aws/auth/auth.h>
#include <aws/s3/s3.h>

namespace crossface::io {

aws_allocator* S3Allocator() {
  static aws_allocator* const allocator = [] {
    aws_allocator* const made = aws_default_allocator();
    aws_auth_library_init(made);
    aws_s3_library_init(made);
    return made;
  }();
  return allocator;
}

}  // namespace crossface::io

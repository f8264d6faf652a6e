// Marks what the shared library offers; everything else stays inside it.
#pragma once

#define CROSSFACE_API __attribute__((visibility("default")))

# What nearly every file includes is read once: the standard library and fmt for the rooms, GoogleTest as well for their tests.
# A room's file still includes what it uses: the dev preset builds without this.
option(CROSSFACE_PRECOMPILED "Read common headers once" ON)
set(CROSSFACE_COMMON_HEADERS <fmt/format.h> <algorithm> <atomic> <chrono> <cstdint> <filesystem> <fstream> <functional> <map> <memory>
    <optional> <set> <stop_token> <string> <string_view> <thread> <unordered_map> <utility> <vector>)

function(crossface_precompiled NAME LIBRARY)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled/${NAME}.cc CONTENT "")
  add_library(${NAME} OBJECT ${PROJECT_BINARY_DIR}/precompiled/${NAME}.cc)
  target_link_libraries(${NAME} PRIVATE ${LIBRARY} fmt::fmt Threads::Threads)
  target_precompile_headers(${NAME} PRIVATE ${CROSSFACE_COMMON_HEADERS} ${ARGN})
endfunction()

if(CROSSFACE_PRECOMPILED)
  crossface_precompiled(crossface_precompiled Threads::Threads)
  # What was read for another degree of optimisation is not taken either.
  crossface_precompiled(crossface_precompiled_quick Threads::Threads)
  target_compile_options(crossface_precompiled_quick PRIVATE -O1)
  if(CROSSFACE_TESTS)
    # Programs are compiled for programs, and the compiler takes no headers that were read for libraries.
    crossface_precompiled(crossface_precompiled_tests GTest::gmock <gmock/gmock.h> <gtest/gtest.h>)
    set_target_properties(crossface_precompiled_tests PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(crossface_precompiled_tests PRIVATE -fPIE)
  endif()
endif()

# LIBRARIES: what the target links by itself. With OpenMP the compiler is another one to it.
function(crossface_use_precompiled TARGET PRECOMPILED LIBRARIES)
  if(CROSSFACE_PRECOMPILED AND NOT OpenMP::OpenMP_CXX IN_LIST LIBRARIES)
    target_precompile_headers(${TARGET} REUSE_FROM ${PRECOMPILED})
  endif()
endfunction()

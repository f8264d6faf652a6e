# Compiled a file at a time, two thirds of a whole build go into reading the same headers and templates again.
option(CROSSFACE_UNITY "Compile files of a room together, in rooms that are called UNITY" ON)

# crossface_room(FOLDER [UNITY] [QUICK] [PUBLIC libs...] [PRIVATE libs...] [TEST libs...])
# One static library per room out of its folder's *.cc, and one test program out of its *_test.cc. A room of another,
# such as media/read, is the library crossface_media_read. Which room may include which is checked by tools/check_layers.py,
# which ctest runs; TEST names what its tests need beyond it. UNITY is for rooms that compute little: what a file is compiled
# with decides about the last digits of sums. QUICK is for those that mostly parse, ask and write: optimised for a quick build,
# which takes a third less.
function(crossface_room FOLDER)
  cmake_parse_arguments(ROOM "UNITY;QUICK" "" "PUBLIC;PRIVATE;TEST" ${ARGN})
  string(REPLACE "/" "_" NAME ${FOLDER})
  file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${FOLDER}/*.cc)
  set(TESTS ${SOURCES})
  list(FILTER SOURCES EXCLUDE REGEX "_test\\.cc$")
  list(FILTER SOURCES EXCLUDE REGEX "/main\\.cc$")
  list(FILTER TESTS INCLUDE REGEX "_test\\.cc$")
  add_library(crossface_${NAME} STATIC ${SOURCES})
  set_property(GLOBAL APPEND PROPERTY CROSSFACE_ROOMS crossface_${NAME})
  set_target_properties(crossface_${NAME} PROPERTIES LINKER_LANGUAGE CXX)
  if(ROOM_UNITY AND CROSSFACE_UNITY)
    set_target_properties(crossface_${NAME} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
  if(ROOM_QUICK AND CMAKE_BUILD_TYPE STREQUAL Release)
    target_compile_options(crossface_${NAME} PRIVATE -O1)
    crossface_use_precompiled(crossface_${NAME} crossface_precompiled_quick "${ROOM_PRIVATE}")
  else()
    crossface_use_precompiled(crossface_${NAME} crossface_precompiled "${ROOM_PRIVATE}")
  endif()
  target_include_directories(crossface_${NAME} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(crossface_${NAME} PUBLIC ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE})
  if(CROSSFACE_TESTS AND TESTS)
    add_executable(crossface_${NAME}_test ${TESTS})
    target_link_libraries(crossface_${NAME}_test PRIVATE crossface_${NAME} crossface_testing ${ROOM_TEST})
    crossface_use_precompiled(crossface_${NAME}_test crossface_precompiled_tests "${ROOM_TEST}")
    gtest_discover_tests(crossface_${NAME}_test TEST_PREFIX ${NAME}. DISCOVERY_MODE PRE_TEST
                         PROPERTIES TIMEOUT 1200 LABELS ${NAME} ENVIRONMENT RC_PARAMS=seed=20240305)
  endif()
endfunction()

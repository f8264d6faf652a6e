# The libraries crossface stands on: Debian packages, and ONNX Runtime as tools/setup.sh lays it out.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# Debian's OpenCV package configuration comes only with the package of all modules and their many dependencies: those that are
# used are found one by one. imgcodecs is for tests and measurements alone: it brings GDAL and a hundred libraries more.
find_path(OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
foreach(MODULE core imgproc imgcodecs video)
  find_library(OPENCV_${MODULE}_LIBRARY opencv_${MODULE} REQUIRED)
  add_library(opencv_${MODULE} SHARED IMPORTED GLOBAL)
  set_target_properties(opencv_${MODULE} PROPERTIES IMPORTED_LOCATION ${OPENCV_${MODULE}_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${OPENCV_INCLUDE})
endforeach()

find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)  # comes with OpenCV and MediaInfo
find_package(SQLiteCpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Eigen3 REQUIRED)
pkg_check_modules(FFMPEG REQUIRED IMPORTED_TARGET libavformat libavcodec libavutil libswscale)
pkg_check_modules(LIBARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(EXIV2 REQUIRED IMPORTED_TARGET exiv2)
pkg_check_modules(JPEG REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(TIFF REQUIRED IMPORTED_TARGET libtiff-4)
pkg_check_modules(HEIF REQUIRED IMPORTED_TARGET libheif)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebpdemux libwebp)
pkg_check_modules(CHAFA REQUIRED IMPORTED_TARGET chafa)

# Debian's pkg-config file of libmediainfo names folders of libraries that it does not need to be used.
find_path(MEDIAINFO_INCLUDE MediaInfo/MediaInfo.h REQUIRED)
find_library(MEDIAINFO_LIBRARY mediainfo REQUIRED)
add_library(mediainfo SHARED IMPORTED GLOBAL)
set_target_properties(mediainfo PROPERTIES IMPORTED_LOCATION ${MEDIAINFO_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${MEDIAINFO_INCLUDE}
                      INTERFACE_COMPILE_DEFINITIONS "UNICODE;_UNICODE")

pkg_check_modules(IGRAPH REQUIRED IMPORTED_TARGET igraph)
find_package(OpenMP REQUIRED)  # of FAISS
find_package(faiss REQUIRED)
find_path(SPECTRA_INCLUDE Spectra/SymEigsSolver.h REQUIRED)  # headers only
find_path(HNSWLIB_INCLUDE hnswlib/hnswlib.h REQUIRED)  # headers only

set(CROSSFACE_DEPS "$ENV{CROSSFACE_DEPS}" CACHE PATH "Folder that tools/setup.sh prepared")
if(NOT CROSSFACE_DEPS)
  if(DEFINED ENV{XDG_CACHE_HOME})
    set(CROSSFACE_DEPS $ENV{XDG_CACHE_HOME}/crossface/deps)
  else()
    set(CROSSFACE_DEPS $ENV{HOME}/.cache/crossface/deps)
  endif()
endif()

# Its limits are macros: whoever includes it differently has another library.
if(NOT EXISTS ${CROSSFACE_DEPS}/httplib/httplib.h)
  message(FATAL_ERROR "cpp-httplib is not in ${CROSSFACE_DEPS}: run tools/setup.sh")
endif()
add_library(httplib INTERFACE)
target_include_directories(httplib SYSTEM INTERFACE ${CROSSFACE_DEPS}/httplib)
target_compile_definitions(httplib INTERFACE CPPHTTPLIB_HEADER_MAX_COUNT=64 CPPHTTPLIB_MAX_LINE_LENGTH=65536 CPPHTTPLIB_LISTEN_BACKLOG=128 CPPHTTPLIB_REQUEST_URI_MAX_LENGTH=32768
                           CPPHTTPLIB_RANGE_MAX_COUNT=1 CPPHTTPLIB_TCP_NODELAY=true CPPHTTPLIB_OPENSSL_SUPPORT)
target_link_libraries(httplib INTERFACE Threads::Threads OpenSSL::SSL OpenSSL::Crypto)

# Object storage: aws-c-s3 and what it stands on, as static libraries.
file(STRINGS ${PROJECT_SOURCE_DIR}/tools/setup.sh AWS_CRT_VERSION REGEX "^aws_crt_version=")
string(REPLACE "aws_crt_version=" "" AWS_CRT_VERSION ${AWS_CRT_VERSION})
if(NOT EXISTS ${CROSSFACE_DEPS}/aws-crt-${AWS_CRT_VERSION}/lib/libaws-c-s3.a)
  message(FATAL_ERROR "aws-c-s3 ${AWS_CRT_VERSION} is not in ${CROSSFACE_DEPS}: run tools/setup.sh")
endif()
list(PREPEND CMAKE_PREFIX_PATH ${CROSSFACE_DEPS}/aws-crt-${AWS_CRT_VERSION})
find_package(aws-c-s3 REQUIRED CONFIG)

if(NOT EXISTS ${CROSSFACE_DEPS}/ftxui/include/ftxui/dom/elements.hpp)
  message(FATAL_ERROR "FTXUI is not in ${CROSSFACE_DEPS}: run tools/setup.sh")
endif()
file(GLOB FTXUI_SOURCES ${CROSSFACE_DEPS}/ftxui/src/ftxui/screen/*.cpp ${CROSSFACE_DEPS}/ftxui/src/ftxui/dom/*.cpp)
add_library(ftxui STATIC ${FTXUI_SOURCES})
# Compiled in a few pieces: a third of the time.
set_target_properties(ftxui PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
target_compile_options(ftxui PRIVATE -w -O1)
target_include_directories(ftxui SYSTEM PUBLIC ${CROSSFACE_DEPS}/ftxui/include PRIVATE ${CROSSFACE_DEPS}/ftxui/src)

# Ray is no part of crossface; its version stands in messages.
file(STRINGS ${PROJECT_SOURCE_DIR}/tools/setup.sh RAY_VERSION REGEX "^ray_version=")
string(REPLACE "ray_version=" "" RAY_VERSION ${RAY_VERSION})

option(CROSSFACE_CUDA "Use the ONNX Runtime for NVIDIA cards that tools/setup.sh --cuda fetched" OFF)
find_package(onnxruntime QUIET CONFIG)
if(NOT TARGET onnxruntime::onnxruntime)
  file(STRINGS ${PROJECT_SOURCE_DIR}/tools/setup.sh ONNXRUNTIME_VERSION REGEX "^onnxruntime_version=")
  string(REPLACE "onnxruntime_version=" "" ONNXRUNTIME_VERSION ${ONNXRUNTIME_VERSION})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/setup.sh)
  # Not searched for: what a search found once would stay in the cache when the version changes.
  set(ONNXRUNTIME_INCLUDE ${CROSSFACE_DEPS}/onnxruntime-${ONNXRUNTIME_VERSION}/include/onnxruntime)
  # One interface: the headers do for both.
  if(CROSSFACE_CUDA)
    set(ONNXRUNTIME_LIBRARY ${CROSSFACE_DEPS}/onnxruntime-gpu-${ONNXRUNTIME_VERSION}/lib/libonnxruntime.so)
  else()
    set(ONNXRUNTIME_LIBRARY ${CROSSFACE_DEPS}/onnxruntime-${ONNXRUNTIME_VERSION}/lib/libonnxruntime.so)
  endif()
  if(NOT EXISTS ${ONNXRUNTIME_INCLUDE}/onnxruntime_cxx_api.h OR NOT EXISTS ${ONNXRUNTIME_LIBRARY})
    message(FATAL_ERROR "${ONNXRUNTIME_LIBRARY} or its headers are missing: run tools/setup.sh (with --cuda for NVIDIA cards)")
  endif()
  add_library(onnxruntime::onnxruntime SHARED IMPORTED)
  set_target_properties(onnxruntime::onnxruntime PROPERTIES IMPORTED_LOCATION ${ONNXRUNTIME_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${ONNXRUNTIME_INCLUDE})
endif()

if(CROSSFACE_TESTS)
  find_package(GTest REQUIRED)
  pkg_check_modules(RTSP_SERVER REQUIRED IMPORTED_TARGET gstreamer-rtsp-server-1.0)
  include(GoogleTest)
  find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
endif()

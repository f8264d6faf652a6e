# The rooms as one shared library for programs of others, crossface::crossface, and what an installed copy needs to be found by
# find_package(crossface). What it is made of (OpenCV, FFmpeg, FAISS ...) stays inside: who uses it needs none of their headers.
#
# The public headers are those of the door, app/, and what these include. tools/test_library.py sees to it that nothing else can be
# reached from an installed copy.
set(CROSSFACE_PUBLIC_HEADERS
    app/answers.h app/calibration.h app/case_service.h app/custody_answers.h app/ending.h app/exit_code.h app/footage_answers.h app/installation.h app/json_document.h
    app/reference_answers.h app/requests.h app/scan_worker.h app/table_answers.h app/watch.h
    calibration/calibrate_summary.h cluster/graph/profile.h cluster/persons/clustering_methods.h cluster/persons/metrics.h
    curation/appearance.h curation/curation_values.h custody/custody_summaries.h detect/detector_kind.h embed/checked_rate.h embed/unassigned_reason.h
    evaluation/evaluation.h export/duplicates_view.h export/export_formats.h export/export_summary.h
    gallery/copy_record.h gallery/face_embedding.h gallery/source_record.h grouping/cluster_summary.h
    inference/engine/device_facts.h inference/models/model_outcomes.h inference/models/model_store.h media/file/aspect.h media/file/left_out.h media/file/source_info.h media/read/card_use.h ray/ray_request.h redaction/redact_options.h
    scan/duplicates_summary.h scan/reembed_summary.h scan/scan_choice.h scan/scan_control.h scan/scan_summary.h search/search_hit.h
    select/select_counts.h util/box.h util/mutex.h util/public_api.h util/status.h util/thread_budget.h util/time.h)
list(TRANSFORM CROSSFACE_PUBLIC_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/src/crossface/)

# Whole rooms, since what the public headers offer is not all used by app/; front ends are none of it.
get_property(ROOMS GLOBAL PROPERTY CROSSFACE_ROOMS)
list(REMOVE_ITEM ROOMS crossface_cli crossface_server crossface_tui)
list(TRANSFORM ROOMS REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE ROOM_OBJECTS)
add_library(crossface_library SHARED ${ROOM_OBJECTS})
add_library(crossface::crossface ALIAS crossface_library)
target_sources(crossface_library PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${CROSSFACE_PUBLIC_HEADERS})
target_link_libraries(crossface_library PRIVATE crossface_app)
target_link_options(crossface_library PRIVATE LINKER:--no-undefined LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/crossface.map)
set_target_properties(crossface_library PROPERTIES LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/crossface.map)
target_compile_features(crossface_library INTERFACE cxx_std_20)
file(RELATIVE_PATH FROM_LIBRARY /${CMAKE_INSTALL_LIBDIR} /${CROSSFACE_PRIVATE_LIBDIR})
set_target_properties(crossface_library PROPERTIES OUTPUT_NAME crossface EXPORT_NAME crossface LINKER_LANGUAGE CXX
                      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
                      INSTALL_RPATH "$ORIGIN/${FROM_LIBRARY}")

set(CROSSFACE_CONFIG_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/crossface)
install(TARGETS crossface_library EXPORT crossfaceTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
install(EXPORT crossfaceTargets NAMESPACE crossface:: DESTINATION ${CROSSFACE_CONFIG_FOLDER} COMPONENT library)
include(CMakePackageConfigHelpers)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/crossfaceConfig.cmake @ONLY CONTENT
     "include(\${CMAKE_CURRENT_LIST_DIR}/crossfaceTargets.cmake)\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/crossfaceConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/crossfaceConfig.cmake ${PROJECT_BINARY_DIR}/crossfaceConfigVersion.cmake
        DESTINATION ${CROSSFACE_CONFIG_FOLDER} COMPONENT library)

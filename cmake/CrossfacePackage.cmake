# Where an installed copy has its parts, and the Debian packages: crossface, the program, and libcrossface-dev, the library for programs
# of others. ONNX Runtime, which Debian 12 does not have, comes along in a folder of its own, where no other program finds it; program
# and library share it.
include(GNUInstallDirs)
set(CROSSFACE_PRIVATE_LIBDIR ${CMAKE_INSTALL_LIBDIR}/crossface)
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME program)

install(TARGETS crossface RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
file(RELATIVE_PATH FROM_PROGRAM /${CMAKE_INSTALL_BINDIR} /${CROSSFACE_PRIVATE_LIBDIR})
set_target_properties(crossface PROPERTIES INSTALL_RPATH "$ORIGIN/${FROM_PROGRAM}")
get_target_property(ONNXRUNTIME_FILE onnxruntime::onnxruntime IMPORTED_LOCATION)
if(ONNXRUNTIME_FILE)
  get_filename_component(ONNXRUNTIME_FOLDER ${ONNXRUNTIME_FILE} DIRECTORY)
  file(GLOB ONNXRUNTIME_FILES ${ONNXRUNTIME_FOLDER}/libonnxruntime.so.*)
  install(FILES ${ONNXRUNTIME_FILES} DESTINATION ${CROSSFACE_PRIVATE_LIBDIR} COMPONENT runtime)
endif()
install(PROGRAMS ${PROJECT_SOURCE_DIR}/tools/convert_model.py ${PROJECT_SOURCE_DIR}/tools/download_file.py
        DESTINATION ${CMAKE_INSTALL_DATADIR}/crossface)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "*.json")
# Made by the program out of the tables that parse its command line.
set(SHELL_FILES ${PROJECT_BINARY_DIR}/shell)
file(MAKE_DIRECTORY ${SHELL_FILES})
add_custom_command(TARGET crossface POST_BUILD
  COMMAND crossface man >${SHELL_FILES}/crossface.1 && gzip -9nf ${SHELL_FILES}/crossface.1
  COMMAND crossface completion bash >${SHELL_FILES}/crossface
  COMMAND crossface completion zsh >${SHELL_FILES}/_crossface
  COMMAND crossface completion fish >${SHELL_FILES}/crossface.fish VERBATIM)
install(FILES ${SHELL_FILES}/crossface.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${SHELL_FILES}/crossface DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${SHELL_FILES}/_crossface DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${SHELL_FILES}/crossface.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
include(CrossfaceLibrary)

execute_process(COMMAND dpkg --print-architecture OUTPUT_VARIABLE ARCHITECTURE OUTPUT_STRIP_TRAILING_WHITESPACE)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME crossface)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "crossface developers <crossface@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_SOURCE_DIR}/build)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_SECTION video)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${ONNXRUNTIME_FOLDER})
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL program runtime library)
set(CPACK_COMPONENT_PROGRAM_GROUP program)
set(CPACK_COMPONENT_RUNTIME_GROUP program)
set(CPACK_COMPONENT_LIBRARY_GROUP library)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME crossface)
set(CPACK_DEBIAN_PROGRAM_FILE_NAME crossface_${PROJECT_VERSION}_${ARCHITECTURE}.deb)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libcrossface-dev)
set(CPACK_DEBIAN_LIBRARY_FILE_NAME libcrossface-dev_${PROJECT_VERSION}_${ARCHITECTURE}.deb)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libdevel)
# What only names BLAS may be the reference implementation, many times slower. ONNX Runtime lies in the program's package.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS libopenblas0-pthread)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS "crossface (= ${PROJECT_VERSION})")
# The converter of models and the registries' clients that fetch them.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "python3-venv, python3-pip")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS npm)
include(CPack)

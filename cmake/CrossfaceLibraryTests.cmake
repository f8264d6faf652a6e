# An installed copy is tested as others use it: first it is made, then the examples are built against it alone, and a Python wheel. Not
# with sanitizers, which a program brings and not a library.
if(CROSSFACE_SANITIZE)
  return()
endif()
set(INSTALLED ${PROJECT_BINARY_DIR}/installed)
set(LIBRARY_TEST python3 -B ${PROJECT_SOURCE_DIR}/tools/test_library.py)
add_test(NAME library.AnInstalledCopyHasThePublicHeadersAndNoOthers COMMAND ${LIBRARY_TEST} install ${PROJECT_BINARY_DIR} ${INSTALLED})
add_test(NAME examples.FirstLook COMMAND ${LIBRARY_TEST} example ${PROJECT_BINARY_DIR} ${INSTALLED})
add_test(NAME python.TheWheelReadsACase COMMAND ${LIBRARY_TEST} wheel ${PROJECT_BINARY_DIR} ${INSTALLED})
set_tests_properties(library.AnInstalledCopyHasThePublicHeadersAndNoOthers PROPERTIES FIXTURES_SETUP installed)
set_tests_properties(examples.FirstLook python.TheWheelReadsACase PROPERTIES FIXTURES_REQUIRED installed SKIP_RETURN_CODE 77 TIMEOUT 1200)

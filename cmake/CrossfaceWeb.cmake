# crossface_web(TARGET HEADER): builds the page of web/ with npm and compiles it into TARGET, as kWebFiles in the generated header
# HEADER. Without npm a page that was built before is taken (web/dist), and without that one that says so; -DCROSSFACE_WEB=OFF asks
# for the latter.
option(CROSSFACE_WEB "Build the web page into the program" ON)
function(crossface_web TARGET HEADER)
  set(OUTPUT ${PROJECT_BINARY_DIR}/generated/${HEADER})
  set(WEB ${PROJECT_SOURCE_DIR}/web)
  find_program(NPM npm)
  set(FOLDER)
  set(NEEDS)
  if(CROSSFACE_WEB AND NPM AND EXISTS ${WEB}/package-lock.json)
    set(MODULES ${PROJECT_BINARY_DIR}/web_modules.stamp)
    set(NEEDS ${PROJECT_BINARY_DIR}/web_dist.stamp)
    set(FOLDER ${WEB}/dist)
    file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS ${WEB}/src/* ${WEB}/public/*)
    add_custom_command(
      OUTPUT ${MODULES} DEPENDS ${WEB}/package-lock.json WORKING_DIRECTORY ${WEB} COMMENT "Fetching what the web page is built with"
      COMMAND ${NPM} ci --no-audit --no-fund --loglevel=error COMMAND ${CMAKE_COMMAND} -E touch ${MODULES})
    add_custom_command(
      OUTPUT ${NEEDS} DEPENDS ${MODULES} ${SOURCES} ${WEB}/index.html ${WEB}/package.json ${PROJECT_SOURCE_DIR}/docs/openapi.json
      WORKING_DIRECTORY ${WEB} COMMENT "Building the web page"
      COMMAND ${NPM} run --silent build COMMAND ${CMAKE_COMMAND} -E touch ${NEEDS})
  elseif(CROSSFACE_WEB AND EXISTS ${WEB}/dist/index.html)
    set(FOLDER ${WEB}/dist)
    file(GLOB_RECURSE NEEDS CONFIGURE_DEPENDS ${WEB}/dist/*)
  elseif(CROSSFACE_WEB)
    message(WARNING "npm is not here: crossface is built without its web page")
  endif()
  add_custom_command(
    OUTPUT ${OUTPUT} DEPENDS ${NEEDS} ${PROJECT_SOURCE_DIR}/cmake/embed_folder.py
    COMMAND python3 ${PROJECT_SOURCE_DIR}/cmake/embed_folder.py ${OUTPUT} ${FOLDER})
  target_sources(${TARGET} PRIVATE ${OUTPUT})
  target_include_directories(${TARGET} PRIVATE ${PROJECT_BINARY_DIR}/generated)
endfunction()

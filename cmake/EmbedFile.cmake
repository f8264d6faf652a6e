# crossface_embed_file(TARGET FILE HEADER SYMBOL): compiles a file into TARGET as `inline constexpr std::string_view SYMBOL` of
# namespace crossface, in the generated header HEADER ("crossface/<room>/thing.h").
function(crossface_embed_file TARGET FILE HEADER SYMBOL)
  set(OUTPUT ${PROJECT_BINARY_DIR}/generated/${HEADER})
  add_custom_command(
    OUTPUT ${OUTPUT} DEPENDS ${FILE} ${PROJECT_SOURCE_DIR}/cmake/embed_file.py
    COMMAND python3 ${PROJECT_SOURCE_DIR}/cmake/embed_file.py ${FILE} ${OUTPUT} ${SYMBOL})
  target_sources(${TARGET} PRIVATE ${OUTPUT})
  target_include_directories(${TARGET} PRIVATE ${PROJECT_BINARY_DIR}/generated)
endfunction()

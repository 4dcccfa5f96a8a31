# The pages of the web UI as part of the program: what `vite build` left in web/dist, or, where nobody has built
# it (that takes node), one page that says how.
#
# punctual_embed_ui(<target>) gives the target an assembly file that holds the bytes (.incbin) and the file
# ui/assets_table.inc, the table of them that ui/assets.cpp includes.

set(PUNCTUAL_UI_DIST ${PROJECT_SOURCE_DIR}/web/dist CACHE PATH "The built pages of the web UI")

function(punctual_embed_ui target)
  set(folder ${PUNCTUAL_UI_DIST})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
  if(NOT EXISTS ${folder}/index.html)
    message(STATUS "the web UI is not built: the program will have no web UI")
    set(folder ${PROJECT_SOURCE_DIR}/src/ui/placeholder)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
  endif()
  list(FILTER files EXCLUDE REGEX "(\\.br|\\.gz|/\\.[^/]*|/\\.vite/.*)$")
  list(SORT files)

  set(number 0)
  set(blobs "")
  set(names "")
  set(rows "")
  set(all "")
  foreach(file ${files})
    file(RELATIVE_PATH path ${folder} ${file})
    file(SHA256 ${file} hash)
    string(SUBSTRING ${hash} 0 20 tag)
    set(immutable false)
    if(path MATCHES "^assets/")
      set(immutable true)
    endif()
    set(row "    {\"/ui/${path}\", \"${tag}\", ${immutable}")
    foreach(ending "" ".br" ".gz")
      if(NOT EXISTS "${file}${ending}")
        string(APPEND row ", {}")
        continue()
      endif()
      file(SIZE "${file}${ending}" size)
      set(symbol punctual_ui_${number})
      string(APPEND blobs ".global ${symbol}\n.balign 16\n${symbol}:\n.incbin \"${file}${ending}\"\n")
      string(APPEND names "extern \"C\" const char ${symbol}[];\n")
      string(APPEND row ", {${symbol}, ${size}}")
      list(APPEND all "${file}${ending}")
      math(EXPR number "${number} + 1")
    endforeach()
    string(APPEND rows "${row}},\n")
  endforeach()

  set(directory ${PROJECT_BINARY_DIR}/generated)
  # The size stands in the table: both are made anew when a file changes.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${all})
  file(CONFIGURE OUTPUT ${directory}/ui/assets.S @ONLY CONTENT
    ".section .rodata\n${blobs}.section .note.GNU-stack,\"\",@progbits\n")
  file(CONFIGURE OUTPUT ${directory}/ui/assets_table.inc @ONLY CONTENT
    "${names}\nconst Asset table[] = {\n${rows}};\n")
  set_source_files_properties(${directory}/ui/assets.S PROPERTIES OBJECT_DEPENDS "${all}")
  target_sources(${target} PRIVATE ${directory}/ui/assets.S)
  target_include_directories(${target} PRIVATE ${directory})
endfunction()

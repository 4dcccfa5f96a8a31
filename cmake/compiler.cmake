# The compiler, its warnings and its sanitizers.

option(PUNCTUAL_TESTS "Build the tests" ON)
option(PUNCTUAL_FUZZ "Build the libFuzzer targets (clang only)" OFF)
set(PUNCTUAL_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them: address,undefined or thread")

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles ordinary coroutine code (crashes and double frees "
    "without a warning). Use clang++-19 (cmake --preset release does) or g++ 13 or newer.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(punctual_options INTERFACE)
target_compile_options(punctual_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror>)
target_include_directories(punctual_options INTERFACE ${PROJECT_SOURCE_DIR}/src)

find_program(MOLD mold)
if(MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(punctual_options INTERFACE -fuse-ld=mold)
endif()

if(PUNCTUAL_SANITIZE)
  add_compile_options(-fsanitize=${PUNCTUAL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1)
  add_link_options(-fsanitize=${PUNCTUAL_SANITIZE})
endif()
if(PUNCTUAL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

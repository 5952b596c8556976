# Language level, warnings, sanitizers and linker, for every target of the project.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_DEV "-O2 -g1")
# gcc would look for garbage again and again after it has read precompiled headers: a sixth of its time.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(--param=ggc-min-heapsize=500000)
endif()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(QUORUM_SANITIZE "" CACHE STRING "Sanitizers for our own code: address,undefined or thread")

find_program(QUORUM_MOLD mold)
if(QUORUM_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
find_program(QUORUM_CCACHE ccache)
if(QUORUM_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${QUORUM_CCACHE})
endif()

# Our own code: strict. Generated code: neither warnings nor
# sanitizers (UBSan over protobuf output takes ten seconds a file).
add_library(quorum_strict INTERFACE)
target_include_directories(quorum_strict INTERFACE ${PROJECT_SOURCE_DIR})
target_include_directories(quorum_strict SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/gen)
# -fPIC and -pthread everywhere: precompiled headers are shared by files of equal flags only.
target_compile_options(quorum_strict INTERFACE -fPIC -pthread -Wall -Wextra -Werror -Wno-unused-parameter
                       -Wnon-virtual-dtor -Woverloaded-virtual -Winvalid-pch -fpch-preprocess)
target_compile_definitions(quorum_strict INTERFACE FMT_SHARED)
if(QUORUM_SANITIZE)
  # The compiler takes what sanitizers add for reads of what was never written, also within <functional>.
  target_compile_options(quorum_strict INTERFACE
                         -fsanitize=${QUORUM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
                         -Wno-maybe-uninitialized)
  target_link_options(quorum_strict INTERFACE -fsanitize=${QUORUM_SANITIZE})
endif()

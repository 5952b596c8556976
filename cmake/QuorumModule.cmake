# Loadable modules: one implementation of one lab each, at modules/<impl>/<lab>.so in the build folder.

# What a module is compiled and linked with. Hidden symbols and -z defs keep it to its table; without -fno-gnu-unique the
# dynamic linker would share its inline statics between modules. -O1 compiles fastest.
add_library(quorum_module_flags INTERFACE)
target_include_directories(quorum_module_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_include_directories(quorum_module_flags SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/gen)
target_compile_options(quorum_module_flags INTERFACE -Wall -Wextra -Werror -Wno-unused-parameter -O1 -g -fPIC
                       -fvisibility=hidden -fno-gnu-unique)
target_link_options(quorum_module_flags INTERFACE -Wl,-z,defs)

set(QUORUM_MODULE_SANITIZERS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
                             -Wno-maybe-uninitialized)

# The headers that every module includes, compiled once.
add_library(quorum_module_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
target_link_libraries(quorum_module_pch PRIVATE quorum_module_flags quorum_env)
target_precompile_headers(quorum_module_pch PRIVATE
                          <map> <memory> <optional> <set> <string> <vector> <google/protobuf/message.h>
                          ${PROJECT_SOURCE_DIR}/common/env/env.h ${PROJECT_SOURCE_DIR}/common/env/module.h)
if(QUORUM_SANITIZE)
  target_compile_options(quorum_module_pch PRIVATE ${QUORUM_MODULE_SANITIZERS})
endif()

# quorum_lab(LAB PROTO [LIBS lib...] [SOLVED]): declares a lab, whose generated messages are the target PROTO, and builds
# the skeleton that its folder holds. LIBS are libraries that its student files may use. Students may add files. A SOLVED
# lab's folder holds the solution itself.
function(quorum_lab lab proto)
  cmake_parse_arguments(arg "SOLVED" "" "LIBS" ${ARGN})
  set_property(GLOBAL APPEND PROPERTY QUORUM_LABS ${lab})
  set_property(GLOBAL PROPERTY QUORUM_LAB_${lab}_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  set_property(GLOBAL PROPERTY QUORUM_LAB_${lab}_LIBS ${proto} ${arg_LIBS})
  quorum_implementation(labs ${lab} ${CMAKE_CURRENT_SOURCE_DIR})
  if(arg_SOLVED)
    quorum_implementation(solutions ${lab} ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
endfunction()

# quorum_implementation(IMPL LAB DIR [SOURCE...]): builds the student files in DIR, and the further ones named, into the
# module of LAB, as target module_IMPL_LAB, and as module_IMPL_LAB_asan, on demand, with sanitizers.
function(quorum_implementation impl lab dir)
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cc)
  list(FILTER sources EXCLUDE REGEX "(_test|/module)\\.cc$")
  list(APPEND sources ${ARGN})
  set_property(GLOBAL APPEND_STRING PROPERTY QUORUM_MODULE_INDEX "${impl} ${lab}\n")
  quorum_module_objects(objects ${lab} ${sources})
  quorum_module(module_${impl}_${lab} ${lab} ${impl} ${lab}.so ${objects})
  if(NOT QUORUM_SANITIZE)
    quorum_module(module_${impl}_${lab}_asan ${lab} ${impl} ${lab}.asan.so ${sources})
    set_target_properties(module_${impl}_${lab}_asan PROPERTIES EXCLUDE_FROM_ALL ON)
    target_compile_options(module_${impl}_${lab}_asan PRIVATE ${QUORUM_MODULE_SANITIZERS})
    target_link_options(module_${impl}_${lab}_asan PRIVATE ${QUORUM_MODULE_SANITIZERS})
  endif()
endfunction()

# quorum_module_objects(OUT LAB SOURCE...): what stands for the sources in each module of LAB that has them: variants and
# mutants borrow many, and each is compiled once.
function(quorum_module_objects out lab)
  get_property(lab_libs GLOBAL PROPERTY QUORUM_LAB_${lab}_LIBS)
  set(objects)
  foreach(source IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH source)
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE path)
    string(MAKE_C_IDENTIFIER object_${path} object)
    if(NOT TARGET ${object})
      add_library(${object} OBJECT EXCLUDE_FROM_ALL ${source})
      target_link_libraries(${object} PRIVATE quorum_module_flags quorum_env ${lab_libs})
      if(QUORUM_SANITIZE)
        target_compile_options(${object} PRIVATE ${QUORUM_MODULE_SANITIZERS})
      endif()
      target_precompile_headers(${object} REUSE_FROM quorum_module_pch)
    endif()
    list(APPEND objects $<TARGET_OBJECTS:${object}>)
  endforeach()
  set(${out} ${objects} PARENT_SCOPE)
endfunction()

# quorum_module(TARGET LAB IMPL FILE SOURCE|OBJECT...): the loadable library modules/IMPL/FILE.
function(quorum_module target lab impl file)
  get_property(lab_dir GLOBAL PROPERTY QUORUM_LAB_${lab}_DIR)
  get_property(lab_libs GLOBAL PROPERTY QUORUM_LAB_${lab}_LIBS)
  set(table ${lab_dir}/module.cc)
  if(NOT file MATCHES "asan")
    quorum_module_objects(table ${lab} ${table})
  endif()
  add_library(${target} MODULE ${table} ${ARGN})
  set_target_properties(${target} PROPERTIES PREFIX "" SUFFIX "" OUTPUT_NAME ${file} LINKER_LANGUAGE CXX
                        LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/modules/${impl})
  target_link_libraries(${target} PRIVATE quorum_module_flags quorum_env ${lab_libs})
  if(QUORUM_SANITIZE)
    target_compile_options(${target} PRIVATE ${QUORUM_MODULE_SANITIZERS})
    target_link_options(${target} PRIVATE -fsanitize=${QUORUM_SANITIZE})
  endif()
  if(NOT file MATCHES "asan")
    target_precompile_headers(${target} REUSE_FROM quorum_module_pch)
  endif()
endfunction()

# quorum_module_index(): writes down, for the quorum program, which modules can be built; called last.
function(quorum_module_index)
  get_property(index GLOBAL PROPERTY QUORUM_MODULE_INDEX)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/modules/index.txt CONTENT "${index}" @ONLY)
endfunction()

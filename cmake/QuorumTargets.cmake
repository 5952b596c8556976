# The few shapes that a target of this project has. Sources, headers and generated files are included by their path from
# the top of the repository.

# Headers that many files include, compiled once: for the project's own code, for its commands, and for its tests. What
# has nothing to gain from it (QUICK) is optimised less and compiles faster.
function(quorum_precompiled name)
  cmake_parse_arguments(arg "QUICK" "" "DEPS" ${ARGN})
  add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
  target_link_libraries(${name} PRIVATE quorum_strict protobuf::libprotobuf ${arg_DEPS})
  target_precompile_headers(${name} PRIVATE
    <algorithm> <chrono> <cstdint> <deque> <functional> <map> <memory> <optional> <set> <string> <string_view>
    <utility> <vector> <absl/functional/any_invocable.h> <absl/functional/function_ref.h> <absl/status/statusor.h>
    <fmt/format.h> <google/protobuf/message.h> <google/protobuf/any.pb.h> ${arg_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES QUORUM_QUICK ${arg_QUICK})
  quorum_optimize(${name} ${name})
endfunction()

# quorum_optimize(TARGET PRECOMPILED): as much as the precompiled headers are.
function(quorum_optimize name precompiled)
  get_target_property(quick ${precompiled} QUORUM_QUICK)
  if(quick)
    target_compile_options(${name} PRIVATE $<$<CONFIG:Dev>:-O1>)
  endif()
endfunction()

quorum_precompiled(quorum_pch)
quorum_precompiled(quorum_command_pch <CLI/CLI.hpp> <nlohmann/json.hpp> DEPS CLI11::CLI11 QUICK)
quorum_precompiled(quorum_test_pch <gmock/gmock.h> <gtest/gtest.h> DEPS GTest::gmock QUICK)

# Files of one target are compiled several at a time, since nine tenths of a file alone are its headers. OFF compiles each
# alone, which shows where one leans on what another includes, and gives clangd and clang-tidy a command for each.
option(QUORUM_UNITY "Compile the files of a target six at a time" ON)

# quorum_compiled(TARGET PRECOMPILED): how the project's own code is compiled.
function(quorum_compiled name precompiled)
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${QUORUM_UNITY} UNITY_BUILD_BATCH_SIZE 6)
  target_precompile_headers(${name} REUSE_FROM ${precompiled})
  quorum_optimize(${name} ${precompiled})
endfunction()

# quorum_proto(NAME FILE.proto... [DEPS target...]): a *shared* library of generated messages, so that every module and
# the program that loads it see one copy of each message type.
function(quorum_proto name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  set(gen ${PROJECT_BINARY_DIR}/gen)
  set(sources)
  foreach(file IN LISTS arg_UNPARSED_ARGUMENTS)
    file(RELATIVE_PATH rel ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    string(REGEX REPLACE "\\.proto$" "" stem ${gen}/${rel})
    get_filename_component(dir ${stem} DIRECTORY)
    file(MAKE_DIRECTORY ${dir})
    add_custom_command(
      OUTPUT ${stem}.pb.cc ${stem}.pb.h
      COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR} --cpp_out=${gen} ${rel}
      DEPENDS ${file} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
    list(APPEND sources ${stem}.pb.cc ${stem}.pb.h)
  endforeach()
  add_library(${name} SHARED ${sources})
  target_compile_options(${name} PRIVATE -g0)  # nobody debugs it
  target_include_directories(${name} SYSTEM PUBLIC ${gen})
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${arg_DEPS})
endfunction()

# quorum_suitable(OUT DEPENDENCY...): the precompiled headers of what has these dependencies: what parses a command line
# is a command.
function(quorum_suitable out)
  if(CLI11::CLI11 IN_LIST ARGN)
    set(${out} quorum_command_pch PARENT_SCOPE)
  else()
    set(${out} quorum_pch PARENT_SCOPE)
  endif()
endfunction()

# quorum_library(NAME [SHARED] SOURCES... [DEPS target...] [PRECOMPILED target]): part of the project; headers only makes
# it INTERFACE.
function(quorum_library name)
  cmake_parse_arguments(arg "SHARED" "PRECOMPILED" "DEPS" ${ARGN})
  if(NOT arg_UNPARSED_ARGUMENTS)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE quorum_strict ${arg_DEPS})
    return()
  endif()
  if(arg_SHARED)
    add_library(${name} SHARED ${arg_UNPARSED_ARGUMENTS})
  else()
    add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  endif()
  target_link_libraries(${name} PUBLIC quorum_strict ${arg_DEPS})
  if(NOT arg_PRECOMPILED)
    quorum_suitable(arg_PRECOMPILED ${arg_DEPS})
  endif()
  quorum_compiled(${name} ${arg_PRECOMPILED})
endfunction()

# quorum_program(NAME SOURCES... [DEPS target...]): an executable in bin/. Its symbols are visible to modules.
function(quorum_program name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE quorum_strict ${arg_DEPS})
  quorum_suitable(precompiled ${arg_DEPS})
  quorum_compiled(${name} ${precompiled})
endfunction()

# What `./quorum test` builds under ThreadSanitizer: tests labelled tsan.
add_custom_target(tsan_tests)

# quorum_test(NAME SOURCES... [DEPS target...] [LABEL label] [TIMEOUT seconds]): GoogleTest cases, one ctest each.
function(quorum_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "DEPS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 900)  # against tests that hang: a busy machine takes long
  endif()
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE quorum_strict ${arg_DEPS} GTest::gmock GTest::gtest_main)
  quorum_compiled(${name} quorum_test_pch)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                       PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
  if(arg_LABEL STREQUAL "tsan")
    add_dependencies(tsan_tests ${name})
  endif()
endfunction()

# quorum_grpc_stubs(NAME FILE.proto PROTO): ordinary generated gRPC stubs for FILE.proto, whose messages are the target
# PROTO: for tests and measurements that talk to nodes as strangers do.
function(quorum_grpc_stubs name file proto)
  set(gen ${PROJECT_BINARY_DIR}/gen)
  file(RELATIVE_PATH rel ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  string(REGEX REPLACE "\\.proto$" ".grpc.pb" stem ${gen}/${rel})
  add_custom_command(
    OUTPUT ${stem}.cc ${stem}.h
    COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR} --grpc_out=${gen}
            --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin> ${rel}
    DEPENDS ${file} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
  add_library(${name} STATIC ${stem}.cc)
  target_compile_options(${name} PRIVATE -O1 -g0)
  target_include_directories(${name} SYSTEM PUBLIC ${gen})
  target_link_libraries(${name} PUBLIC ${proto} gRPC::grpc++)
endfunction()

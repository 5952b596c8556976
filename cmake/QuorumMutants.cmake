# Mutants: the reference solution, or a variant, with one known bug each, as patches solutions/mutants/LAB/ID.patch. Each
# becomes the module modules/mutants/LAB/ID.so; `mutants_LAB` builds those of a lab. Only the patched files are compiled
# again, and all of a variant's own. What is changed is marked, so that it can be counted (common/env/reached.h).
find_package(Python3 REQUIRED COMPONENTS Interpreter)

# quorum_mutants(LAB DIR): the mutants of the solution of LAB, which is in DIR.
function(quorum_mutants lab dir)
  file(GLOB patches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/solutions/mutants/${lab}/*.patch)
  add_custom_target(mutants_${lab})
  if(NOT patches)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cc)
  file(GLOB headers CONFIGURE_DEPENDS ${dir}/*.h)
  foreach(patch IN LISTS patches)
    file(STRINGS ${patch} touched REGEX "^\\+\\+\\+ b/")
    if(touched MATCHES "b/solutions/variants/([^/]+)/")
      quorum_mutant_of_variant(${lab} ${CMAKE_MATCH_1} ${patch})
    else()
      quorum_mutant(${lab} ${dir} ${patch} "${sources}" "${headers}")
    endif()
  endforeach()
endfunction()

# quorum_mutant(LAB DIR PATCH SOURCES HEADERS): the module of one mutant.
function(quorum_mutant lab dir patch sources headers)
  get_filename_component(id ${patch} NAME_WE)
  set(patched_dir ${PROJECT_BINARY_DIR}/mutants/${lab}/${id})
  file(STRINGS ${patch} touched REGEX "^\\+\\+\\+ b/")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${patch})
  set(patched)
  set(whole)
  foreach(source IN LISTS sources)
    get_filename_component(name ${source} NAME)
    # A patched header may change every file that includes it.
    if(touched MATCHES "/${name}([ \t;]|$)" OR touched MATCHES "\\.h([ \t;]|$)")
      list(APPEND patched ${patched_dir}/${name})
    else()
      list(APPEND whole ${source})
    endif()
  endforeach()
  quorum_module_objects(objects ${lab} ${whole})
  quorum_patched_module(${lab} ${id} ${dir} 3 ${patch} "${patched}" "${sources};${headers}" ${objects})
endfunction()

# quorum_mutant_of_variant(LAB NAME PATCH): the module of one mutant of the variant NAME.
function(quorum_mutant_of_variant lab name patch)
  get_property(sources GLOBAL PROPERTY QUORUM_VARIANT_${name}_${lab}_SOURCES)
  get_property(borrowed GLOBAL PROPERTY QUORUM_VARIANT_${name}_${lab}_BORROWED)
  get_property(dir GLOBAL PROPERTY QUORUM_VARIANT_${name}_${lab}_DIR)
  file(GLOB headers CONFIGURE_DEPENDS ${dir}/*.h)
  get_filename_component(id ${patch} NAME_WE)
  set(patched)
  foreach(source IN LISTS sources)
    get_filename_component(file ${source} NAME)
    list(APPEND patched ${PROJECT_BINARY_DIR}/mutants/${lab}/${id}/${file})
  endforeach()
  quorum_module_objects(objects ${lab} ${borrowed})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${patch})
  quorum_patched_module(${lab} ${id} ${dir} 5 ${patch} "${patched}" "${sources};${headers}" ${objects})
endfunction()

# quorum_patched_module(LAB ID DIR STRIP PATCH PATCHED DEPENDS OBJECT...): copies DIR, applies PATCH without the first STRIP
# parts of its paths, and builds the module of the files PATCHED and the objects.
function(quorum_patched_module lab id dir strip patch patched depends)
  add_custom_command(
    OUTPUT ${patched}
    COMMAND ${CMAKE_COMMAND} -DFROM=${dir} -DTO=${PROJECT_BINARY_DIR}/mutants/${lab}/${id} -DPATCH=${patch} -DSTRIP=${strip}
            -DPYTHON=${Python3_EXECUTABLE} -P ${PROJECT_SOURCE_DIR}/cmake/apply_mutant.cmake
    DEPENDS ${patch} ${depends} ${PROJECT_SOURCE_DIR}/cmake/apply_mutant.cmake
            ${PROJECT_SOURCE_DIR}/cmake/mark_mutant.py
    COMMENT "Patching mutant ${id}" VERBATIM)
  quorum_module(mutant_${lab}_${id} ${lab} mutants/${lab} ${id}.so ${patched} ${ARGN})
  set_target_properties(mutant_${lab}_${id} PROPERTIES EXCLUDE_FROM_ALL ON)
  # A mutant may leave something unused. (-Wno-error would stand before -Werror, and lose.)
  target_compile_options(mutant_${lab}_${id} PRIVATE -w)
  add_dependencies(mutants_${lab} mutant_${lab}_${id})
endfunction()

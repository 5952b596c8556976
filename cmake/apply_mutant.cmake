# Copies the solution in FROM to TO and applies PATCH, whose paths are those of the repository, to the
# copy: the first STRIP parts of the paths lead to FROM. PYTHON marks what is changed.
file(REMOVE_RECURSE ${TO})
file(GLOB files ${FROM}/*.cc ${FROM}/*.h)
file(COPY ${files} DESTINATION ${TO})
execute_process(COMMAND patch --strip=${STRIP} --fuzz=0 --quiet --no-backup-if-mismatch --directory=${TO}
                INPUT_FILE ${PATCH} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(failed)
  file(REMOVE_RECURSE ${TO})
  message(FATAL_ERROR "The mutant ${PATCH} no longer fits the solution; make it anew:\n${output}")
endif()
execute_process(COMMAND ${PYTHON} ${CMAKE_CURRENT_LIST_DIR}/mark_mutant.py ${FROM} ${TO} COMMAND_ERROR_IS_FATAL ANY)

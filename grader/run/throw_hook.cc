// Stands before the C++ runtime's function that throws: when an exception arrives somewhere, nobody
// can tell any more where it came from.

#include <dlfcn.h>

#include <typeinfo>

#include "grader/run/last_words.h"

extern "C" void __cxa_throw(void* object, std::type_info* type, void (*destructor)(void*)) {
  using Throw = void (*)(void*, std::type_info*, void (*)(void*));
  static const auto original = reinterpret_cast<Throw>(dlsym(RTLD_NEXT, "__cxa_throw"));
  quorum::run::NoteThrow();
  original(object, type, destructor);
  __builtin_unreachable();
}

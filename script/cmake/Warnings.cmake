# Warnings for our own sources, all of them errors. Third-party headers are system headers.
add_library(fhirscope_warnings INTERFACE)
target_compile_options(fhirscope_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror
  -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wold-style-cast -Wformat=2 -Wundef
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>)

# g++ 12 reports an overlap inside std::string's operator+ that is not there (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(fhirscope_warnings INTERFACE -Wno-restrict)
endif()

# g++ takes the unused bytes of a std::variant that is moved for a value that was never set.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(fhirscope_warnings INTERFACE -Wno-maybe-uninitialized)
endif()

# The code that sanitizers insert confuses the warnings that follow values through the optimiser, and Asio's
# fences are ones that TSan does not model (Asio's own locks are).
if(FHIRSCOPE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(fhirscope_warnings INTERFACE
    -Wno-stringop-overflow -Wno-array-bounds -Wno-tsan)
endif()

# In a unity build a file sees what its neighbours define: it hides their names, and what is local to it is not "of the
# main file". The plain build of the preset release warns of both.
if(CMAKE_UNITY_BUILD)
  target_compile_options(fhirscope_warnings INTERFACE -Wno-shadow)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(fhirscope_warnings INTERFACE -Wno-subobject-linkage)
  endif()
endif()

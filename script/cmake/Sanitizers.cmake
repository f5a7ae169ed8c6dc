# Sanitizers apply to everything that is compiled here, third-party sources too: a half-instrumented program
# reports what is not there (containers under ASan) and misses what is (locks under TSan).
set(FHIRSCOPE_SANITIZE "" CACHE STRING "Value for -fsanitize, e.g. address,undefined or thread; empty for none")

if(FHIRSCOPE_SANITIZE)
  add_compile_options(-fsanitize=${FHIRSCOPE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FHIRSCOPE_SANITIZE})
  # Clang reports an offset added to a null pointer, as RapidJSON's empty stack does; GCC does not.
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND FHIRSCOPE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=pointer-overflow)
  endif()
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  # The check of dynamic types needs a descriptor to look at memory, and reports what is not there when there is none left.
  if(FHIRSCOPE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize=vptr)
  endif()
endif()

# Three of UBSan's checks are most of what a file takes longer to compile. ASan reports a null or dangling pointer as well
# when it is used; a misaligned pointer it does not. They are kept for the code that handles
# foreign bytes and for the engine, and are off for Beast, the window, the command line and the tests.
set(fhirscope_fewer_checks)
if(FHIRSCOPE_SANITIZE MATCHES "undefined")
  set(fhirscope_fewer_checks -fno-sanitize=null,alignment,object-size)
endif()

# Files that instantiate Beast: most of the minutes are the optimiser's.
function(fhirscope_beast_sources)
  # One of them takes as long as a unit of twelve others.
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  if(FHIRSCOPE_SANITIZE AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # It cannot assemble coroutines under its sanitizers; what is fuzzed has no network.
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -fno-sanitize=all)
  elseif(FHIRSCOPE_SANITIZE)
    # g++ takes the awaitable's own operator new and delete for a pair that does not match.
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS
      "-O0;${fhirscope_fewer_checks};-Wno-mismatched-new-delete")
  endif()
endfunction()

# Targets whose code is not what takes the time when tests run: not optimised under a sanitizer.
function(fhirscope_quick_to_compile)
  if(FHIRSCOPE_SANITIZE)
    foreach(target IN LISTS ARGN)
      target_compile_options(${target} PRIVATE -O0 ${fhirscope_fewer_checks})
    endforeach()
  endif()
endfunction()

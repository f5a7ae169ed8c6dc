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
endif()

# Four of UBSan's checks make each file that instantiates Beast take minutes instead of half a minute. In these files
# alone they are off; what they would find (a null or misaligned pointer used) ASan reports as well, when it is used.
function(fhirscope_beast_sources)
  if(FHIRSCOPE_SANITIZE MATCHES "undefined")
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS "-fno-sanitize=null,alignment,vptr,object-size")
  endif()
endfunction()

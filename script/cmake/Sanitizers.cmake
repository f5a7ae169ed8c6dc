# Sanitizers apply to everything that is compiled here, third-party sources too: a half-instrumented program
# reports what is not there (containers under ASan) and misses what is (locks under TSan).
set(FHIRSCOPE_SANITIZE "" CACHE STRING "Value for -fsanitize, e.g. address,undefined or thread; empty for none")

if(FHIRSCOPE_SANITIZE)
  add_compile_options(-fsanitize=${FHIRSCOPE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FHIRSCOPE_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

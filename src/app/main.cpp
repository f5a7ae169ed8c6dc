#include "app/command_line.hpp"

int main(int argc, char** argv) { return fhirscope::app::main(argc, argv); }

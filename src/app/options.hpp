#pragma once
// The options of the command line. CLI11 stands behind it in options.cpp alone: its header takes longer to compile than
// a subcommand does.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace fhirscope::app {

enum class ExitCode : int {
    Ok = 0,
    Failed = 1,    // could not start, or could not go on
    Usage = 2,     // the command line is wrong
    Different = 3, // stores and server, or replay and recording, are not the same; a conflict or incident is there
};

// An option, a positional argument or a flag: a handle, valid as long as its CommandLine.
class Option {
public:
    Option& required();
    Option& type_name(const std::string& name); // what the help shows for the value; a FILE or DIR is not empty
    Option& show_default();                     // what the variable holds now
    Option& range(int least, int most);
    Option& range(double least, double most);
    Option& size(std::uint64_t least, std::uint64_t most); // bytes, as "512M" or "4G", too
    Option& one_of(const std::vector<std::string>& values);
    Option& existing_folder();
    // Empty when the text is fine, otherwise what is wrong with it.
    Option& check(std::function<std::string(const std::string&)> problem);
    Option& needs(const Option& other);
    Option& excludes(const Option& other);
    // Whether the command line has it.
    bool given() const;

private:
    friend class Subcommand;
    explicit Option(CLI::Option& option) : option_(&option) {}

    CLI::Option* option_;
};

// Where a value goes. The variable must live until the line is read.
using OptionValue = std::variant<std::string*, double*, int*, unsigned*, std::uint16_t*, std::uint64_t*>;
// One that may be given several times, with a value each.
using OptionValues = std::vector<std::string>*;

// A subcommand, or the program itself: a handle, valid as long as its CommandLine.
class Subcommand {
public:
    // `names` is "--rate", "-o,--output", or "FILE" for a positional argument.
    Option option(const std::string& names, OptionValue value, const std::string& help);
    Option option(const std::string& names, OptionValues values, const std::string& help);
    Option flag(const std::string& name, bool& value, const std::string& help);
    Option flag(const std::string& name, std::function<void()> when_given, const std::string& help);
    // One that was added before.
    Option get(const std::string& name);
    void footer(const std::string& text);
    // Called when the command was named and its options are read: empty, or what is wrong with them together.
    void check(std::function<std::string()> problem);

protected:
    explicit Subcommand(CLI::App& app) : app_(&app) {}

    CLI::App* app_;

private:
    friend class CommandLine;
};

// A program with subcommands.
class CommandLine : public Subcommand {
public:
    CommandLine(const std::string& name, const std::string& help);
    ~CommandLine();

    void version(const std::string& text);
    // `run` is called when the line names this command and was read whole.
    Subcommand command(const std::string& name, const std::string& help, std::function<ExitCode()> run);
    // Reads the line and runs what it names, `otherwise` where it names no command. Help, version and what is wrong
    // with the line are printed.
    ExitCode main(int argc, const char* const* argv, const std::function<ExitCode()>& otherwise);

private:
    std::unique_ptr<CLI::App> program_;
    std::function<ExitCode()> run_;
};

} // namespace fhirscope::app

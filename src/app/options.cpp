#include "app/options.hpp"

#include "app/output.hpp"

#include <CLI/CLI.hpp>

#include <sstream>
#include <utility>

namespace fhirscope::app {

namespace {

// An empty name is most often a variable that was never set. Nothing would be recorded, and nothing said.
void refuse_empty_names(const CLI::App& command) {
    for (const CLI::Option* option : command.get_options()) {
        const std::string type = option->get_type_name();
        if (type.find("FILE") == type.npos && type.find("DIR") == type.npos) continue;
        for (const std::string& name : option->results())
            if (name.empty())
                throw CLI::ValidationError(option->get_name(), "names no file: what it is given is empty");
    }
    for (const CLI::App* chosen : command.get_subcommands()) refuse_empty_names(*chosen);
}

} // namespace

Option& Option::required() {
    option_->required();
    return *this;
}

Option& Option::type_name(const std::string& name) {
    option_->type_name(name);
    return *this;
}

Option& Option::show_default() {
    option_->capture_default_str();
    return *this;
}

Option& Option::range(int least, int most) {
    option_->check(CLI::Range(least, most));
    return *this;
}

Option& Option::range(double least, double most) {
    option_->check(CLI::Range(least, most));
    return *this;
}

Option& Option::size(std::uint64_t least, std::uint64_t most) {
    option_->transform(CLI::AsSizeValue(false));
    option_->check(CLI::Range(least, most));
    return *this;
}

Option& Option::one_of(const std::vector<std::string>& values) {
    option_->check(CLI::IsMember(values));
    return *this;
}

Option& Option::existing_folder() {
    option_->check(CLI::ExistingDirectory);
    return *this;
}

Option& Option::check(std::function<std::string(const std::string&)> problem) {
    option_->check(std::move(problem));
    return *this;
}

Option& Option::needs(const Option& other) {
    option_->needs(other.option_);
    return *this;
}

Option& Option::excludes(const Option& other) {
    option_->excludes(other.option_);
    return *this;
}

bool Option::given() const { return option_->count() > 0; }

Option Subcommand::option(const std::string& names, OptionValue value, const std::string& help) {
    return std::visit([&](auto* variable) { return Option(*app_->add_option(names, *variable, help)); }, value);
}

Option Subcommand::option(const std::string& names, OptionValues values, const std::string& help) {
    return Option(*app_->add_option(names, *values, help)->allow_extra_args(false));
}

Option Subcommand::flag(const std::string& name, bool& value, const std::string& help) {
    return Option(*app_->add_flag(name, value, help));
}

Option Subcommand::flag(const std::string& name, std::function<void()> when_given, const std::string& help) {
    return Option(*app_->add_flag_callback(name, std::move(when_given), help));
}

Option Subcommand::get(const std::string& name) { return Option(*app_->get_option(name)); }

void Subcommand::footer(const std::string& text) { app_->footer(text); }

void Subcommand::check(std::function<std::string()> problem) {
    app_->parse_complete_callback([problem = std::move(problem)] {
        if (const std::string text = problem(); !text.empty()) throw CLI::ValidationError(text);
    });
}

CommandLine::CommandLine(const std::string& name, const std::string& help)
    : Subcommand(*new CLI::App(help, name)), program_(app_) {
    program_->require_subcommand(0, 1);
}

CommandLine::~CommandLine() = default;

void CommandLine::version(const std::string& text) { program_->set_version_flag("--version", text); }

Subcommand CommandLine::command(const std::string& name, const std::string& help, std::function<ExitCode()> run) {
    CLI::App* command = program_->add_subcommand(name, help);
    command->final_callback([this, run = std::move(run)] { run_ = run; });
    return Subcommand(*command);
}

ExitCode CommandLine::main(int argc, const char* const* argv, const std::function<ExitCode()>& otherwise) {
    try {
        program_->parse(argc, argv);
        refuse_empty_names(*program_);
    } catch (const CLI::Success& help) { // --help, --version
        program_->exit(help);
        return ExitCode::Ok;
    } catch (const CLI::ParseError& error) {
        std::ostringstream said;
        program_->exit(error, said, said);
        std::istringstream lines(said.str());
        fhir::Text text;
        for (std::string line; std::getline(lines, line);) text << line << "\n";
        print_aside(text);
        set_failure({ErrorCode::Usage, error.what()});
        return ExitCode::Usage;
    }
    return run_ ? run_() : otherwise();
}

} // namespace fhirscope::app

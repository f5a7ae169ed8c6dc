#pragma once
// What the start page asks for, checked while it is typed. Pure: what the program knows of files, profiles and the
// environment comes in as StartInfo.

#include "gui/model/request.hpp"
#include "gui/model/settings/settings.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

// A demo that can be started with one click.
struct DemoChoice {
    std::string name;          // for OpenDemo
    std::string title, detail; // "Flaky network", "drops every 30 s, recovery closes the gap"
};

// What the program tells the start page.
struct StartInfo {
    std::string version;
    std::vector<DemoChoice> demos;
    std::vector<CriteriaRow> criteria; // what the panel definitions show
    std::vector<std::string> profiles; // names of ~/.medplum/*.json
    bool secret_in_environment = false;
    bool insecure_http = false; // the command line allows secrets to travel unencrypted
    std::string url_in_environment, client_in_environment;
    // Of the path that was last asked about with CheckPath.
    std::string checked_path, path_problem;
};

// The form for a server, as it is kept for the next start: everything but the secret.
struct ConnectSettings {
    static constexpr std::string_view name = "connect";
    std::string url;
    Login login = Login::Environment;
    std::string client_id, profile;
    bool record = false;

    template <class A>
    void archive(A& a) {
        using Name = std::pair<std::string_view, Login>;
        static constexpr std::array<Name, 4> logins = {{{"none", Login::None},
                                                        {"environment", Login::Environment},
                                                        {"typed", Login::Typed},
                                                        {"profile", Login::Profile}}};
        a("url", url);
        a.choice("login", login, SettingsNames<Login>(logins));
        a("client-id", client_id);
        a("profile", profile);
        a("record", record);
    }
    bool operator==(const ConnectSettings&) const = default;
};

struct ConnectForm {
    std::string url, client_id, profile;
    std::string secret; // never kept, never shown
    Login login = Login::Environment;
    std::vector<CriteriaRow> criteria;
    bool record = false;
};

// Reasons beside the fields; "" where all is well. What is still empty is no mistake, but keeps the form from being
// sent.
struct FormCheck {
    std::string url, client_id, secret, profile;
    std::vector<std::string> criteria; // one a row
    std::string missing;               // what is still to be filled in: "Base URL"
    bool ready = false;
};

// "" for an address that can be connected to.
std::string check_url(std::string_view url);
FormCheck check_form(const ConnectForm& form, const StartInfo& info);
// A seed is a whole number; nothing for what is none.
std::string check_seed(std::string_view text, std::uint64_t& seed);

ConnectForm form_of(const ConnectSettings& settings, const StartInfo& info);
ConnectSettings settings_of(const ConnectForm& form);
OpenServer request_of(const ConnectForm& form);

// Overwrites every byte that the text had.
void wipe(std::string& secret);

} // namespace fhirscope::gui

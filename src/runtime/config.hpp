#pragma once
// Where to connect, and as whom: flag > ~/.medplum/<profile>.json (written by Medplum's own command line) >
// environment. A secret is never a flag's value, because other users of the machine see command lines.

#include "fhir/result.hpp"
#include "runtime/secret.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::runtime {

// What the command line said; "" is not said.
struct ConnectionFlags {
    std::string base_url; // "https://api.medplum.com/", or with the FHIR path behind it
    std::string profile;  // "" reads ~/.medplum/default.json where it exists
    std::string client_id;
    std::string client_secret_file; // its first line is the secret
    std::string token_url;
    std::string fhir_path;      // "fhir/R4", "/" for the server's root
    std::string ca_file;        // PEM: authorities to trust beside the system's
    bool insecure_http = false; // secrets may travel unencrypted to another machine
};

struct Connection {
    std::string base_url;               // absolute, with the slash at its end
    std::string fhir_path = "fhir/R4/"; // below base_url
    // Where else the FHIR base may be, below base_url; empty where fhir_path was said by hand. Runtime::start() asks.
    std::vector<std::string> other_fhir_paths;
    std::string token_url;   // absolute
    std::string client_id;   // "": no login
    SecretPtr client_secret; // set exactly when client_id is
    SecretPtr access_token;  // given instead of a client id; cannot be renewed
    std::string ca_file;
    bool insecure_http = false;     // see transport.hpp
    std::vector<std::string> notes; // what a person should know: settings that were left out, and why
};

// The process's surroundings, as a value so that tests have their own.
struct Surroundings {
    std::function<std::optional<std::string>(const char* name)> environment;
    std::filesystem::path home;
    static Surroundings of_process();
};

// The first line of a file. What a person should know of the file is added to `notes`. Errors: SecretFile.
Result<SecretPtr> read_secret_file(const std::string& name, std::vector<std::string>& notes);

// The environment's names: MEDPLUM_BASE_URL, MEDPLUM_FHIR_URL_PATH, MEDPLUM_TOKEN_URL, MEDPLUM_CLIENT_ID,
// MEDPLUM_CLIENT_SECRET, MEDPLUM_CLIENT_ACCESS_TOKEN. Credentials of the environment or of the default profile go only
// to the server that is named beside them: with another server on the command line they are left out, and a note says
// so. Errors: NoServer, BadUrl, NoSecret, Profile (unreadable or malformed; names file and reason),
// SecretFile, CaFile, BadToken (a control character inside), Insecure (see transport.hpp).
Result<Connection> configure(const ConnectionFlags& flags, const Surroundings& around = Surroundings::of_process());

} // namespace fhirscope::runtime

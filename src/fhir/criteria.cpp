#include "fhir/criteria.hpp"

#include "fhir/criteria_program.hpp"
#include "fhir/percent.hpp"
#include "fhir/utf8.hpp"
#include "fhir/validate.hpp"

namespace fhirscope::fhir {
namespace {

// "/fhir/R4/Task/" → "Task". Medplum looks no further, and people do write "/Task".
std::string_view last_path_part(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    return path.substr(path.rfind('/') + 1); // npos + 1 is 0
}

} // namespace

Result<Criteria> Criteria::parse(std::string_view text) {
    const std::size_t question = text.find('?');
    Criteria criteria;
    criteria.source_ = text;
    criteria.type_ = last_path_part(text.substr(0, question));
    if (!is_valid_type(criteria.type_))
        return fail(ErrorCode::Criteria,
                    "criteria must begin with a resource type, as in \"Task?status=requested\"; these begin \"" +
                        std::string(text.substr(0, 40)) + '"',
                    0);
    if (find_invalid_utf8(percent_decode(text)) != std::string_view::npos)
        return fail(ErrorCode::Criteria, "criteria must be UTF-8, also where they are percent-encoded", 0);

    auto program = std::make_shared<CriteriaProgram>();
    program->knows_all_parameters = knows_all_parameters(criteria.type_);
    std::size_t begin = question == std::string_view::npos ? text.size() : question + 1;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('&', begin), text.size());
        const std::string_view pair = text.substr(begin, end - begin);
        if (!pair.empty()) {
            const std::size_t equals = pair.find('=');
            const std::string key = percent_decode(pair.substr(0, equals));
            const std::string value =
                equals == std::string_view::npos ? std::string() : percent_decode(pair.substr(equals + 1));
            const std::size_t colon = key.find(':');
            CriteriaParameter parameter{key.substr(0, colon), colon == std::string::npos ? "" : key.substr(colon + 1),
                                        split_values(value)};
            if (parameter.name.empty()) return fail(ErrorCode::Criteria, "a search parameter has no name", begin);
            if (!is_result_parameter(parameter.name))
                program->terms.push_back(compile_term(criteria.type_, parameter.name, parameter.modifier, value));
            criteria.parameters_.push_back(std::move(parameter));
        }
        begin = end + 1;
    }
    criteria.program_ = std::move(program);
    return criteria;
}

Match Criteria::matches(const Resource& resource, MatchMode mode) const {
    if (program_ == nullptr || resource.type() != type_) return Match::No;
    Match result = Match::Yes;
    for (const SearchTerm& term : program_->terms) {
        const Match match = mode == MatchMode::Spec ? match_spec(resource, term)
                                                    : match_medplum(resource, term, program_->knows_all_parameters);
        if (match == Match::No) return Match::No;
        if (match == Match::Unknown) result = Match::Unknown;
    }
    return result;
}

} // namespace fhirscope::fhir

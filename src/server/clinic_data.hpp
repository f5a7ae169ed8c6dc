#pragma once
// The words of the invented clinic. Names are common ones, put together at random: nobody in particular.

#include <array>
#include <string_view>

namespace fhirscope::server::data {

using Words = std::array<std::string_view, 6>;

struct Culture {
    Words families, female, male;
    std::string_view city, country, phone; // phone: a prefix reserved for fiction, or a country code
};

inline constexpr auto cultures = std::to_array<Culture>({
    {{"Okafor", "Adeyemi", "Balogun", "Eze", "Nwosu", "Onyango"},
     {"Amara", "Ngozi", "Folake", "Zainab", "Ifeoma", "Halima"},
     {"Chidi", "Emeka", "Tunde", "Kelechi", "Babajide", "Obinna"},
     "Lagos",
     "NG",
     "+234 555 01"},
    {{"Mendes", "Ferreira", "Carvalho", "Duarte", "Pinto", "Rocha"},
     {"Inês", "Beatriz", "Luana", "Teresa", "Sofia", "Mariana"},
     {"Carlos", "Tiago", "João", "Rafael", "Duarte", "Nuno"},
     "Porto",
     "PT",
     "+351 555 01"},
    {{"Hart", "Fitzgerald", "Marlow", "Whitcombe", "Ashdown", "Penrose"},
     {"Emily", "Nora", "Harriet", "Grace", "Olive", "Maeve"},
     {"Samuel", "Rory", "George", "Alistair", "Owen", "Dylan"},
     "Bristol",
     "GB",
     "+44 1632 96"},
    {{"Lindqvist", "Solberg", "Aaltonen", "Nyström", "Haugen", "Lund"},
     {"Ingrid", "Astrid", "Saga", "Linnea", "Åsa", "Maija"},
     {"Henrik", "Sven", "Eero", "Mikael", "Leif", "Bjørn"},
     "Uppsala",
     "SE",
     "+46 555 01"},
    {{"Weber", "Krüger", "Hoffmann", "Vogel", "Schäfer", "Brandt"},
     {"Jana", "Greta", "Katrin", "Sabine", "Leonie", "Frieda"},
     {"Jonas", "Lukas", "Matthias", "Emil", "Jürgen", "Konrad"},
     "Freiburg",
     "DE",
     "+49 555 01"},
    {{"Watanabe", "Kobayashi", "Mori", "Fujita", "Ishikawa", "Nakamura"},
     {"Yuki", "Haruka", "Aiko", "Emi", "Naoko", "Sakura"},
     {"Kenji", "Hiroshi", "Takumi", "Daichi", "Ryo", "Satoshi"},
     "Sendai",
     "JP",
     "+81 555 01"},
    {{"Tan", "Lim", "Wong", "Chen", "Goh", "Zhang"},
     {"Mei-Ling", "Xiu", "Hui Min", "Jia", "Lan", "Yue"},
     {"Wei", "Jun", "Hao", "Kai Wen", "Feng", "Bo"},
     "Singapore",
     "SG",
     "+65 555 01"},
    {{"Haddad", "Khoury", "Mansour", "Nasser", "Saab", "Abadi"},
     {"Leila", "Yasmin", "Noor", "Rania", "Salma", "Dalia"},
     {"Karim", "Omar", "Sami", "Tariq", "Ziad", "Faris"},
     "Amman",
     "JO",
     "+962 555 01"},
    {{"Raman", "Iyer", "Kapoor", "Banerjee", "Patil", "Menon"},
     {"Priya", "Ananya", "Kavita", "Meera", "Shreya", "Lakshmi"},
     {"Arjun", "Rohan", "Vikram", "Sanjay", "Dev", "Anand"},
     "Pune",
     "IN",
     "+91 555 01"},
    {{"Nowak", "Kowalczyk", "Petrov", "Horváth", "Dvořák", "Ionescu"},
     {"Zofia", "Katarzyna", "Eva", "Irina", "Ilona", "Daria"},
     {"Tomasz", "Viktor", "Pavel", "Andrei", "László", "Marek"},
     "Kraków",
     "PL",
     "+48 555 01"},
    {{"Reyes", "Morales", "Quispe", "Vargas", "Mamani", "Castillo"},
     {"Lucía", "Camila", "Valentina", "Ximena", "Rosa", "Elena"},
     {"Mateo", "Diego", "Joaquín", "Andrés", "Luis", "Tomás"},
     "Cusco",
     "PE",
     "+51 555 01"},
    {{"Osei", "Bello", "Mensah", "Diallo", "Traoré", "Kamara"},
     {"Aisha", "Abena", "Fatou", "Awa", "Efua", "Mariam"},
     {"Samuel", "Kwame", "Mamadou", "Ibrahim", "Kofi", "Yaw"},
     "Accra",
     "GH",
     "+233 555 01"},
});

struct Staff {
    std::string_view given, family, role;
};

inline constexpr auto staff = std::to_array<Staff>({
    {"Nadia", "Abadi", "Cardiology nurse"},
    {"Karin", "Lund", "Cardiology nurse"},
    {"Ian", "Marsh", "Cardiologist"},
    {"Teo", "Reyes", "Cardiac physiologist"},
    {"Amina", "Diallo", "Heart failure nurse"},
    {"Hugo", "Brandt", "Pharmacist"},
    {"Sunita", "Menon", "Cardiologist"},
    {"Wei", "Chen", "Device clinic"},
});

struct TaskKind {
    std::string_view code, display, description;
};

inline constexpr auto task_kinds = std::to_array<TaskKind>({
    {"medication-titration", "Medication titration", "Titrate bisoprolol, call patient"},
    {"anticoagulation", "Anticoagulation", "INR follow-up, warfarin dose"},
    {"report-review", "Report review", "Review 24 h Holter report"},
    {"result-discussion", "Result discussion", "Echo results, book discussion"},
    {"post-procedure", "Post-procedure check", "Post-PCI check, day 30"},
    {"self-monitoring", "Self-monitoring", "Blood pressure diary review"},
    {"device-check", "Device check", "Pacemaker interrogation"},
    {"consent", "Consent", "Stress test consent"},
    {"laboratory-result", "Laboratory result", "Potassium result, adjust ramipril"},
    {"referral", "Referral", "Cardiac rehab referral"},
    {"device-check", "Device check", "ICD remote transmission"},
    {"laboratory-result", "Laboratory result", "Lipid panel follow-up"},
    {"device-fitting", "Device fitting", "Palpitations, event recorder fit"},
    {"medication-titration", "Medication titration", "Start dapagliflozin, check renal function"},
    {"call-back", "Call back", "Dizziness on standing, call back"},
    {"report-review", "Report review", "Review stress echo images"},
    {"self-monitoring", "Self-monitoring", "Daily weight above threshold"},
    {"appointment", "Appointment", "Rebook missed heart failure visit"},
});

inline constexpr auto notes = std::to_array<std::string_view>({
    "Left a message, will try again this afternoon.",
    "Patient prefers a call after 16:00.",
    "Discussed with the cardiologist on duty; continue as planned.",
    "Waiting for the laboratory.",
    "Interpreter booked.",
    "Daughter will bring the blood pressure diary.",
    "Dose unchanged until the next result.",
    "Report is in, needs a second look.",
});

struct AlertKind {
    std::string_view device, message, unit, severity;
    int low, high; // of the value
};

inline constexpr auto alert_kinds = std::to_array<AlertKind>({
    {"Pacemaker", "Battery below replacement threshold", "V", "warning", 2, 3},
    {"ICD", "Ventricular episode, therapy delivered", "/min", "critical", 170, 230},
    {"Event recorder", "Pause detected", "s", "critical", 3, 6},
    {"Home scale", "Weight gain over 48 hours", "kg", "warning", 2, 5},
    {"Blood pressure cuff", "Systolic pressure above target", "mm[Hg]", "warning", 160, 195},
    {"Pulse oximeter", "Oxygen saturation low", "%", "critical", 82, 90},
    {"Holter", "Electrode contact lost", "/min", "info", 1, 9},
});

} // namespace fhirscope::server::data

#include "deidentify/word_lists.hpp"

namespace fhirscope::deidentify {

const std::string_view resource_types = R"(
Account ActivityDefinition ActorDefinition AdministrableProductDefinition AdverseEvent AllergyIntolerance Appointment
AppointmentResponse ArtifactAssessment AuditEvent Basic Binary BiologicallyDerivedProduct BodyStructure Bundle
CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem ChargeItemDefinition Citation Claim ClaimResponse
ClinicalImpression ClinicalUseDefinition CodeSystem Communication CommunicationRequest CompartmentDefinition Composition
ConceptMap Condition ConditionDefinition Consent Contract Coverage CoverageEligibilityRequest
CoverageEligibilityResponse DetectedIssue Device DeviceAssociation DeviceDefinition DeviceDispense DeviceMetric
DeviceRequest DeviceUsage DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference Encounter
EncounterHistory Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceReport
EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag FormularyItem GenomicStudy Goal
GraphDefinition Group GuidanceResponse HealthcareService ImagingSelection ImagingStudy Immunization
ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide Ingredient InsurancePlan InventoryItem
InventoryReport Invoice Library Linkage List Location ManufacturedItemDefinition Measure MeasureReport Media Medication
MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest MedicationStatement
MedicinalProductDefinition MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionIntake NutritionOrder
NutritionProduct Observation ObservationDefinition OperationDefinition OperationOutcome Organization
OrganizationAffiliation PackagedProductDefinition Parameters Patient PaymentNotice PaymentReconciliation Permission
Person PlanDefinition Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse
RegulatedAuthorization RelatedPerson RequestGroup RequestOrchestration Requirements ResearchDefinition
ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter
ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription SubscriptionStatus
SubscriptionTopic Substance SubstanceDefinition SupplyDelivery SupplyRequest Task TerminologyCapabilities TestPlan
TestReport TestScript Transport ValueSet VerificationResult VisionPrescription
AccessPolicy AgentMessage AsyncJob Bot BulkDataExport ClientApplication DomainConfiguration JsonWebKey Login
PasswordChangeRequest Project ProjectMembership SmartAppLaunch User UserConfiguration UserSecurityRequest
)";

const std::string_view element_names = R"(
resourceType id meta implicitRules language text contained extension modifierExtension versionId lastUpdated source
profile security tag author project account compartment accounts onBehalfOf deleted
status div url valueBase64Binary valueBoolean valueCanonical valueCode valueDate valueDateTime valueDecimal valueId
valueInstant valueInteger valueInteger64 valueMarkdown valueOid valuePositiveInt valueString valueTime valueUnsignedInt
valueUri valueUrl valueUuid valueAddress valueAge valueAnnotation valueAttachment valueCodeableConcept
valueCodeableReference valueCoding valueContactPoint valueCount valueDistance valueDuration valueHumanName
valueIdentifier valueMoney valuePeriod valueQuantity valueRange valueRatio valueReference valueSampledData
valueSignature valueTiming valueContactDetail valueDosage valueMeta valueExpression
identifier use type system value period assigner start end coding code display version userSelected reference
comparator unit low high numerator denominator currency origin factor lowerLimit upperLimit dimensions data interval
intervalUnit name family given prefix suffix line city district state postalCode country telecom rank contentType size
hash title creation height width frames duration pages
active gender birthDate deceasedBoolean deceasedDateTime address maritalStatus multipleBirthBoolean multipleBirthInteger
photo contact relationship organization communication preferred generalPractitioner managingOrganization link other
qualification issuer practitioner role location specialty healthcareService availableTime daysOfWeek allDay
availableStartTime availableEndTime notAvailable description during availabilityExceptions endpoint alias partOf purpose
mode physicalType position longitude latitude altitude hoursOfOperation openingTime closingTime operationalStatus
connectionType payloadType payloadMimeType header
basedOn groupIdentifier instantiatesCanonical instantiatesUri statusReason businessStatus intent priority doNotPerform
focus for encounter executionPeriod authoredOn lastModified requester requestedPerformer performerType owner reasonCode
reasonReference reason insurance note authorReference authorString time relevantHistory restriction repetitions
recipient input output requestedPeriod
category subject issued effectiveDateTime effectivePeriod effectiveTiming effectiveInstant performer dataAbsentReason
interpretation bodySite method specimen device referenceRange appliesTo age hasMember derivedFrom component
clinicalStatus verificationStatus severity onsetDateTime onsetAge onsetPeriod onsetRange onsetString abatementDateTime
abatementAge abatementPeriod abatementRange abatementString recordedDate recorder asserter stage summary assessment
evidence detail class serviceType classHistory statusHistory episodeOfCare participant individual appointment length
diagnosis condition hospitalization preAdmissionIdentifier admitSource reAdmission dietPreference specialCourtesy
specialArrangement destination dischargeDisposition serviceProvider actor required slot created comment
patientInstruction requestedPeriod minutesDuration cancelationReason appointmentType supportingInformation incomingReferral
medicationCodeableConcept medicationReference medication reportedBoolean reportedReference informationSource supportingInfo
dosageInstruction dispenseRequest initialFill quantity dispenseInterval validityPeriod numberOfRepeatsAllowed
expectedSupplyDuration substitution allowedBoolean allowedCodeableConcept priorPrescription detectedIssue eventHistory
courseOfTherapyType sequence additionalInstruction timing event repeat boundsDuration boundsRange boundsPeriod count
countMax durationMax durationUnit frequency frequencyMax periodMax periodUnit dayOfWeek timeOfDay when offset asNeededBoolean
asNeededCodeableConcept route doseAndRate doseRange doseQuantity rateRatio rateRange rateQuantity maxDosePerPeriod
maxDosePerAdministration maxDosePerLifetime dosage
manufacturer expirationDate lotNumber vaccineCode occurrenceDateTime occurrenceString occurrencePeriod occurrenceTiming
recorded primarySource reportOrigin site function isSubpotent subpotentReason education programEligibility fundingSource
reaction protocolApplied series authority targetDisease doseNumberPositiveInt doseNumberString seriesDosesPositiveInt
criticality lastOccurrence substance manifestation onset exposureRoute performedDateTime performedPeriod performedString
outcome report complication complicationDetail followUp focalDevice manipulated usedReference usedCode
result resultsInterpreter imagingStudy media conclusion conclusionCode presentedForm
type_ date custodian relatesTo securityLabel content attachment format context practiceSetting sourcePatientInfo related
masterIdentifier docStatus authenticator
udiCarrier deviceIdentifier jurisdiction carrierAIDC carrierHRF entryType distinctIdentifier manufactureDate serialNumber
deviceName modelNumber partNumber specialization property safety parent
questionnaire authored item linkId answer definition prefix_ enableWhen question operator answerBoolean answerDecimal
answerInteger answerDate answerDateTime answerTime answerString answerCoding answerQuantity answerReference
enableBehavior repeats readOnly maxLength answerValueSet answerOption initialSelected initial
addresses goal activity outcomeCodeableConcept outcomeReference progress scheduledTiming scheduledPeriod scheduledString
productCodeableConcept productReference dailyAmount careTeam replaces
member lifecycleStatus achievementStatus startDate startCodeableConcept target measure detailQuantity detailRange
dueDate dueDuration statusDate expressedBy
sent received medium about topic inResponseTo payload contentString contentAttachment contentReference sender
billablePeriod insurer provider payee facility claim coverage policyHolder subscriber subscriberId beneficiary dependent payor
classValue order network costToBeneficiary subrogation contract
comparison agent who requestor policy entity what query altId whoReference onBehalfOfReference signature targetFormat
sigFormat occurred recordedAt
bodyStructure morphology includedStructure condition_ occurrence asNeeded locationCode locationReference orderDetail
quantityQuantity quantityRatio quantityRange collection collector collectedDateTime collectedPeriod fastingStatusCodeableConcept
receivedTime accessionIdentifier request processing container
schedule overbooked planningHorizon
criteria channel error contact_ heartbeatPeriod timeout contentCode maxCount parameter part resource notificationEvent
eventNumber eventsSinceSubscriptionStart eventsInNotification additionalContext timestamp subscription filterBy
resourceTrigger supportedInteraction queryCriteria previous current resultForCreate resultForDelete requireBoth
canFilterBy filterParameter modifier notificationShape include revInclude filterDefinition channelType managingEntity
entry fullUrl search score total relation response ifNoneMatch ifModifiedSince ifMatch ifNoneExist etag location_
issue details diagnostics expression
kind software implementation fhirVersion rest interaction versioning readHistory updateCreate conditionalCreate
conditionalRead conditionalUpdate conditionalDelete referencePolicy searchInclude searchRevInclude searchParam operation
patchFormat publisher copyright instantiates imports experimental releaseDate cors service
token_type expires_in scope payload token need_patient_banner smart_style_url
op path from values
quantityInteger valueSet answerSet compose concept filter
)";

const std::string_view codes = R"(
draft requested received accepted rejected ready cancelled in-progress on-hold failed completed entered-in-error
unknown proposal plan order original-order reflex-order filler-order instance-order option directive routine urgent asap
stat active inactive error off registered preliminary final amended corrected appended partial planned arrived triaged
onleave finished booked pending fulfilled noshow checked-in waitlist proposed accepted declined tentative needs-action
stopped ended suspended revoked not-done preparation not-taken intended replaced retired generated additional empty
extensions male female other usual official temp nickname anonymous old maiden secondary home work mobile phone fax
email pager url sms billing postal physical both confirmed unconfirmed provisional differential refuted
recurrence relapse remission resolved allergy intolerance food medication environment biologic low high
unable-to-assess mild moderate severe instance kind busy free busy-unavailable busy-tentative completed
current superseded document message transaction transaction-response batch batch-response history searchset collection
subscription-notification match include outcome GET POST PUT PATCH DELETE HEAD fatal warning information success invalid
structure required value invariant security login expired forbidden suppressed processing not-supported duplicate
multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule conflict transient lock-error
no-store exception timeout incomplete throttled informational ok created accepted not-modified gone
unauthorized bad-request precondition-failed multiple-versions unsupported-media-type
websocket rest-hook id-only full-resource full-content handshake heartbeat event-notification query-status query-event
create update delete bind bound unbind add bind-with-token unbind-from-token ping pong connected subscription topic status type
notification-event event-number timestamp focus additional-context events-since-subscription-start
events-in-notification token expiration websocket-url
read vread search-type history-instance history-type system-level server client versioned versioned-update no-version
capability literal logical enforced local resolves Bearer openid
average sum maximum minimum
SUBSETTED AMB IMP EMER VR HH ACUTE OBSENC PRENC SS N H L HH LL A AA R S I NORM NORMAL MR MRN DL PPN SSN PI NI
UNK NASK ASKU true false device-alert alert info notice
final-report laboratory vital-signs imaging procedure survey exam therapy social-history problem-list-item
encounter-diagnosis health-concern
kg g mg ug lb cm m mm in mL L dL mg/dL mmol/L g/dL mm[Hg] mmHg /min beats/minute breaths/minute % Cel degC [degF] h d wk mo
a min s 1 {score} kg/m2 10*3/uL U/L mEq/L ng/mL pg/mL IU/L
text/plain text/html text/xml application/json application/fhir+json application/xml application/fhir+xml
application/pdf image/png image/jpeg image/gif application/octet-stream application/json-patch+json
application/x-www-form-urlencoded
en de fr es it pt nl en-US en-GB de-DE de-AT de-CH fr-FR es-ES it-IT pt-BR
US DE AT CH GB FR ES IT NL BE PT PL SE NO FI DK IE CA AU NZ BR MX JP CN IN ZA USA DEU AUT CHE GBR FRA ESP ITA
eq ne gt ge lt le sa eb ap = != > >= < <=
mon tue wed thu fri sat sun self next previous prev first last
)";

const std::string_view path_words = R"(
fhir R4 R4B R5 r4 r4b r5 baseR4 baseR5 api v1 ws websocket subscriptions-r4 subscriptions oauth2 token userinfo authorize
auth metadata _history _search .well-known smart-configuration smart-styles.json openid-configuration healthcheck admin
$get-ws-binding-token $events $status $everything $validate $export $meta $expunge $match $lastn $expand
$validate-code $lookup $graphql hapi-fhir-jpaserver
)";

const std::string_view search_names = R"(
_id _lastUpdated _tag _profile _security _text _content _list _has _type _sort _count _include _revinclude _summary
_total _elements _contained _containedType _offset _cursor _since _at _before _format _pretty _project _fields
_not-referenced _compartment _account _filter _deleted _page _getpages _getpagesoffset _bundletype next
authored-on business-status group-identifier part-of requester code-value-quantity birthdate death-date address-city
address-country address-postalcode address-state address-use general-practitioner patient performer modified
based-on onset-date onset-age recorded-date clinical-status verification-status value-concept value-date value-quantity
value-string combo-code component-code has-member derived-from actor service-type appointment-type service-category
intended-performer medium sent received author topic channel
criteria-text url version
)";

const std::string_view public_systems = R"(
http://loinc.org http://snomed.info/sct http://unitsofmeasure.org http://www.nlm.nih.gov/research/umls/rxnorm
http://hl7.org/fhir/sid/icd-10 http://hl7.org/fhir/sid/icd-10-cm http://hl7.org/fhir/sid/icd-9-cm
http://hl7.org/fhir/sid/cvx http://hl7.org/fhir/sid/ndc http://hl7.org/fhir/sid/us-npi http://hl7.org/fhir/sid/us-ssn
http://www.ama-assn.org/go/cpt http://fdasis.nlm.nih.gov urn:ietf:bcp:47 urn:ietf:rfc:3986 urn:iso:std:iso:3166
urn:iso:std:iso:4217 http://dicom.nema.org/resources/ontology/DCM
http://hl7.org/fhir/task-status http://hl7.org/fhir/administrative-gender http://hl7.org/fhir/resource-types
http://hl7.org/fhir/observation-status http://hl7.org/fhir/task-intent http://hl7.org/fhir/request-priority
http://hl7.org/fhir/uv/subscriptions-backport
http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status
http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4
http://hl7.org/fhir/us/core/StructureDefinition/us-core-race
http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity
http://www.w3.org/1999/xhtml
)";

const std::string_view message_words = R"(
a abnormal accepted access active address after again all an and another answer answered at away back bad be been before
binding body broken busy by bytes can cannot cause certificate check clean client close closed closing code conflict
connect connection content could created credentials data deadline deleted denied did different does down due during each
early empty end ended endpoint entity error event exceeded expected expired failed failure feature fhir fine for forbidden
found frame from gateway going gone had handshake has have header heartbeat host http id idle if in inactive incorrect
insufficient internal invalid is it its json large later length limit limited load login logged lost match matching
message method missing modified more moved mismatch name network no none normal not nothing of off ok on one only open or
out over parameter parse patch payload peer permission permitted ping please policy pong precondition problem protocol
proxy quota rate read reached reason received refused register rejected request requests required reset resource
response restart restarted resumed retry revoked route s scope search sec second seconds seen server service session
shutdown shutting slow socket status stopped stream subscription subscriptions such supported that the there this through
time timed timeout to token too transient try type unable unauthorized unavailable unexpected unknown unreachable
unsupported until up update upgrade use user valid value version violation wait was websocket websockets while will with
within without write wrong ms min minutes hour hours many few large long closure abort aborted abortion by login
project current claims sure make sending correct exceeds maximum got additional property structure date
format matches failed test validate required expected number value unable subscription enabled disabled ended sent sends name resolved resolve dns tls ssl handshake eof pipe
)";

const std::string_view panel_words = R"(
id name born gender tasks task next due patient patients description status priority assignee device devices alert alerts
message severity state
)";

} // namespace fhirscope::deidentify

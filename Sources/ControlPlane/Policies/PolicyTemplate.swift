import Authorization
public import Kernel

/// A policy that is almost written: who fills in its fields has a text that can be saved.
public struct PolicyTemplate: Sendable, Hashable {
  public let name: String
  public let title: String
  public let summary: String
  public let fields: [Field]

  /// One thing to be filled in.
  public struct Field: Sendable, Hashable {
    public let name: String
    public let label: String
    public let hint: String
    /// What stands there before anybody has typed; with it the field may be left as it is.
    public let value: String
    public let isOptional: Bool
    /// What may be chosen; empty where anything may be typed.
    public let choices: [String]

    init(_ name: String, _ label: String, hint: String = "", value: String = "", isOptional: Bool = false, choices: [String] = []) {
      self.name = name
      self.label = label
      self.hint = hint
      self.value = value
      self.isOptional = isOptional
      self.choices = choices
    }
  }

  private static let team = Field("team", "Team", hint: "Its slug. Without one the policy is about everybody.", isOptional: true)
  private static let type = Field("type", "Kind of thing", hint: "Such as dataset or model. Without one it is about everything.", isOptional: true)

  /// The templates, the most asked for first.
  public static let all: [PolicyTemplate] = [
    PolicyTemplate(
      name: "compliant-data", title: "Only compliant data",
      summary: "A team reads and uses only what carries a mark of compliance, whatever roles its members hold.",
      fields: [
        Field("team", "Team", hint: "Its slug."), Field("type", "Kind of thing", value: "dataset"),
        Field("mark", "Mark that it must carry", hint: "One of the thing's compliance marks.", value: "gdpr"),
      ]),
    PolicyTemplate(
      name: "office-hours", title: "No deletion outside office hours", summary: "Nothing is deleted at night, when nobody would notice.",
      fields: [
        Field("from", "From", hint: "The hour from which on one may delete.", value: "8"),
        Field("until", "Until", hint: "The hour from which on one may not.", value: "18"),
        Field("offset", "Hours ahead of UTC", hint: "2 for Berlin in summer, -5 for New York in winter.", value: "0"), team,
      ]),
    PolicyTemplate(
      name: "networks", title: "Only from these networks", summary: "What is asked from elsewhere, or from nobody knows where, is refused.",
      fields: [Field("networks", "Networks", hint: "Addresses or networks such as 10.0.0.0/8, with commas between them."), team, type]),
    PolicyTemplate(
      name: "read-only", title: "Read only", summary: "In a workspace, or everywhere, nothing is changed: for a migration, or for an archive.",
      fields: [Field("workspace", "Workspace", hint: "Its slug. Without one it is about all of them.", isOptional: true), team]),
    PolicyTemplate(
      name: "free", title: "In your own words", summary: "Permit or forbid, to whom, what, with which things, under which condition.",
      fields: [
        Field("effect", "What it does", value: "forbid", choices: ["forbid", "permit"]), team,
        Field("role", "Role in the organization", hint: "Only who holds it.", isOptional: true),
        Field("actions", "Actions", hint: "With commas between them; without any, all.", value: "read", isOptional: true), type,
        Field("attribute", "Attribute of the thing", hint: "tags, compliance, region, classification …", isOptional: true),
        Field(
          "test", "Condition", value: "always", choices: ["always", "is", "is not", "contains", "does not contain", "is there", "is missing"]),
        Field("value", "Value", isOptional: true),
      ]),
  ]

  /// The template of that name.
  public static func named(_ name: String) -> PolicyTemplate? { all.first { $0.name == name } }

  /// A policy's text of what was filled in. Refuses what can't stand there, by its field; what names somebody is checked when the policy is saved.
  public func text(_ values: [String: String]) throws(Problem) -> String {
    var form = FilledForm(values: values, fields: fields)
    let text =
      switch name {
      case "compliant-data": form.compliantData()
      case "office-hours": form.officeHours()
      case "networks": form.networks()
      case "read-only": form.readOnly()
      default: form.free()
      }
    try form.checker.finish()
    return text
  }
}

/// What was filled into a template.
private struct FilledForm {
  let values: [String: String]
  let fields: [PolicyTemplate.Field]
  var checker = FieldChecker()

  init(values: [String: String], fields: [PolicyTemplate.Field]) {
    self.values = values
    self.fields = fields
    for field in fields where !field.isOptional && (values[field.name] ?? field.value).allSatisfy(\.isWhitespace) {
      checker.reject(field.name, "Fill this in.")
    }
  }

  private func value(_ name: String) -> String {
    let typed = values[name] ?? fields.first { $0.name == name }?.value ?? ""
    return String(typed.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n", "\r", "\t", "\0": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private func isName(_ text: String) -> Bool { AccessQuestion.isName(text) }

  private mutating func principal() -> String {
    let team = value("team")
    return team.isEmpty ? "principal" : "principal in Team::\(Self.quoted(team))"
  }

  private mutating func resource(_ name: String = "type") -> String {
    let type = value(name).lowercased().replacing("-", with: "_").replacing(" ", with: "_")
    guard !type.isEmpty else { return "resource" }
    guard isName(type) else {
      checker.reject(name, "Name a kind of thing, such as dataset.")
      return "resource"
    }
    return "resource is \(PolicyVocabulary.entity(type))"
  }

  mutating func compliantData() -> String {
    """
    forbid (\(principal()), action in [Action::"read", Action::"use"], \(resource()))
    unless { resource has compliance && resource.compliance.contains(\(Self.quoted(value("mark")))) };
    """
  }

  private mutating func hours(_ name: String, _ range: ClosedRange<Int>) -> Int {
    guard let number = Int(value(name)), range.contains(number) else {
      checker.reject(name, "Give a whole number from \(range.lowerBound) to \(range.upperBound).")
      return range.lowerBound
    }
    return number
  }

  mutating func officeHours() -> String {
    let (from, until, offset) = (hours("from", 0...23), hours("until", 1...24), hours("offset", -12...14))
    if from >= until { checker.reject("until", "Give a later hour than the first.") }
    let time = offset == 0 ? "context.time.toTime()" : "context.time.offset(duration(\"\(offset)h\")).toTime()"
    return """
      forbid (\(principal()), action == Action::"delete", resource)
      unless { \(time) >= duration("\(from)h") && \(time) < duration("\(until)h") };
      """
  }

  mutating func networks() -> String {
    let networks = value("networks").split(whereSeparator: { $0 == "," || $0.isWhitespace }).map { String($0) }
    if networks.count > 50 { checker.reject("networks", "Give at most 50 networks.") }
    let tests = networks.prefix(50).map { "context.address.isInRange(ip(\(Self.quoted($0))))" }
    return """
      forbid (\(principal()), action, \(resource()))
      unless { context has address && (\(tests.joined(separator: " || "))) };
      """
  }

  mutating func readOnly() -> String {
    let workspace = value("workspace")
    let place = workspace.isEmpty ? "resource" : "resource in Workspace::\(Self.quoted(workspace))"
    return """
      forbid (\(principal()), action, \(place))
      unless { action in [Action::"list", Action::"read", Action::"use"] || principal in Role::"admin" };
      """
  }

  mutating func free() -> String {
    let effect = value("effect")
    if effect != "forbid", effect != "permit" { checker.reject("effect", "Choose forbid or permit.") }
    let actions = value("actions").split(whereSeparator: { $0 == "," || $0.isWhitespace }).map { String($0) }
    for action in actions where !isName(action) {
      checker.reject("actions", "Actions are called with small letters, digits and \"_\": read, create, deploy …")
    }
    let action =
      actions.isEmpty ? "action" : actions.count == 1 ? "action == Action::\(Self.quoted(actions[0]))"
        : "action in [\(actions.map { "Action::\(Self.quoted($0))" }.joined(separator: ", "))]"
    var lines = ["\(effect) (\(principal()), \(action), \(resource()))"]
    let role = value("role")
    if !role.isEmpty { lines.append("when { principal in Role::\(Self.quoted(role)) }") }
    if let condition = condition() { lines.append("when { \(condition) }") }
    return lines.joined(separator: "\n") + ";"
  }

  private mutating func condition() -> String? {
    let (attribute, test, value) = (value("attribute"), value("test"), Self.quoted(value("value")))
    guard !attribute.isEmpty, test != "always" else { return nil }
    guard attribute.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || $0 < 0x80 && Character(Unicode.Scalar($0)).isLetter || $0 >= 48 && $0 <= 57 }),
      attribute.first?.isNumber == false, attribute.utf8.count <= 64
    else {
      checker.reject("attribute", "Attributes are called with letters, digits and \"_\".")
      return nil
    }
    let there = "resource has \(attribute)"
    switch test {
    case "is": return "\(there) && resource.\(attribute) == \(value)"
    case "is not": return "!(\(there) && resource.\(attribute) == \(value))"
    case "contains": return "\(there) && resource.\(attribute).contains(\(value))"
    case "does not contain": return "!(\(there) && resource.\(attribute).contains(\(value)))"
    case "is there": return there
    case "is missing": return "!(\(there))"
    default:
      checker.reject("test", "Choose one of the conditions.")
      return nil
    }
  }
}

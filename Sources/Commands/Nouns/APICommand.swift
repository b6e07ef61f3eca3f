import ArgumentParser
import Client
import Contract
import Kernel

struct APICommand: ClientCommand {
  static let configuration = CommandConfiguration(
    commandName: "api", abstract: "Send a request to the JSON API and print its answer.",
    discussion: """
      The path is that of the API's document, with or without /api/v1; {org} in it is the organization you work in. Fields go into the query of GET and DELETE, \
      and into the body of the others: name=text is a text, name:=json is a number, a list or the like.

      Examples:
        guildhall api GET /organizations/{org}/members -f role=admin
        guildhall api POST /organizations -f name="Ada's Lab"
        guildhall api PATCH /organizations/{org} --input change.json
      """)

  @Argument(help: ArgumentHelp("GET, POST, PUT, PATCH or DELETE.", valueName: "method")) var method: String
  @Argument(help: ArgumentHelp("Such as /organizations/{org}/members.", valueName: "path")) var path: String
  @Option(name: [.customShort("f"), .long], parsing: .singleValue, help: ArgumentHelp("A field; may be given several times.", valueName: "name=text")) var field: [String] = []
  @Option(help: ArgumentHelp("A file with the body, or - for the standard input.", valueName: "file")) var input: String?
  @Option(name: [.customShort("H"), .long], parsing: .singleValue, help: ArgumentHelp("A header, such as If-Match: \"3\".", valueName: "name: text")) var header: [String] = []
  @Flag(name: .shortAndLong, help: "Print the status and the headers, too.") var include = false
  @OptionGroup var organization: OrganizationOption
  @OptionGroup var general: GeneralOptions

  func validate() throws {
    guard Method(rawValue: method.uppercased()) != nil else { throw ValidationError("\"\(method.prefix(40))\" is no method. Use GET, POST, PUT, PATCH or DELETE.") }
    guard !path.contains("://") else { throw ValidationError("Give a path such as /account; --host names the server.") }
    guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw ValidationError("A path holds no spaces and no letters outside ASCII; write them as %XX.") }
    guard input == nil || field.isEmpty else { throw ValidationError("Give the body with --input or with fields, not with both.") }
    for field in field where RequestField(field) == nil { throw ValidationError("\"\(field.prefix(60))\" is no field. Write name=text, or name:=json.") }
    for header in header where RequestHeader(header) == nil { throw ValidationError("\"\(header.prefix(60))\" is no header. Write name: text.") }
  }

  func perform(_ invocation: Invocation) async throws(Problem) {
    guard let method = Method(rawValue: method.uppercased()) else { return }
    let fields = field.compactMap(RequestField.init)
    var target = try await address(invocation)
    var body: [UInt8]?
    if let input {
      body = try content(of: input, invocation)
    } else if method == .get || method == .delete {
      let query = FormText.encode(fields.map { ($0.name, $0.text) })
      if !query.isEmpty { target += (target.contains("?") ? "&" : "?") + query }
    } else if !fields.isEmpty {
      body = Array(JSON.object(fields.map { JSON.Member($0.name, $0.value) }).compact.utf8)
    }
    let headers = header.compactMap(RequestHeader.init).map { (name: $0.name, value: $0.value) }
    let key = headers.first { $0.name.lowercased() == "idempotency-key" }?.value
    let client = try invocation.client()
    let answer = try await client.send(method, to: target, headers: headers.filter { $0.name.lowercased() != "idempotency-key" }, body: body, idempotencyKey: key)
    try print(answer, invocation)
    // 304 answers who asked with If-None-Match: what they have still holds.
    if !(200..<300).contains(answer.status), answer.status != 304 { throw answer.problem(from: client.server) }
  }

  private func address(_ invocation: Invocation) async throws(Problem) -> String {
    var path = path.hasPrefix("/") ? path : "/" + path
    if path.contains("{org}") { path = path.replacing("{org}", with: PercentText.encode(try await invocation.organization(organization))) }
    return path == API.base || path.hasPrefix(API.base + "/") || path.hasPrefix(API.base + "?") ? path : API.base + path
  }

  private func content(of input: String, _ invocation: Invocation) throws(Problem) -> [UInt8] {
    let bytes: [UInt8]
    if input == "-" {
      bytes = try invocation.terminal.readAll(limit: 8 << 20)
    } else {
      guard let file = try PlainFile.read(input, limit: 8 << 20) else { throw Problem(.unusableFile, "There is no file \(input).") }
      bytes = file.bytes
    }
    guard !bytes.isEmpty else { throw Problem(.unusableFile, "\(input == "-" ? "The standard input" : input) is empty; the body is read from there.") }
    return bytes
  }

  private func print(_ answer: TransportAnswer, _ invocation: Invocation) throws(Problem) {
    if include {
      try invocation.terminal.write("HTTP \(answer.status)\n" + answer.headers.map { "\($0.name): \($0.value.onOneLine)\n" }.joined() + "\n")
    }
    guard !answer.body.isEmpty else { return }
    guard let json = try? JSON(answer.body) else { return try invocation.terminal.write(String(decoding: answer.body, as: UTF8.self)) }
    if case .json(let fields?) = invocation.printer.form {
      return try invocation.terminal.write(JSON.object(fields.map { JSON.Member($0, json[$0] ?? .null) }).pretty)
    }
    if case .screen = invocation.printer.form { return try invocation.terminal.write(json.pretty) }
    try invocation.terminal.write(json.compact + "\n")
  }
}

/// A field of a request as it is written on the command line.
struct RequestField {
  let name: String
  let value: JSON

  /// `name=text` or `name:=json`.
  init?(_ argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
    let text = String(argument[argument.index(after: equals)...])
    let name = argument[..<equals]
    if name.last == ":" {
      guard name.count > 1, let value = try? JSON(Array(text.utf8)) else { return nil }
      (self.name, self.value) = (String(name.dropLast()), value)
    } else {
      (self.name, value) = (String(name), .string(text))
    }
  }

  /// As it stands in a query.
  var text: String { if case .string(let text) = value { text } else { value.compact } }
}

/// A header as it is written on the command line.
struct RequestHeader {
  let name: String
  let value: String

  init?(_ argument: String) {
    guard let colon = argument.firstIndex(of: ":"), colon > argument.startIndex else { return nil }
    name = String(argument[..<colon])
    value = String(argument[argument.index(after: colon)...].drop { $0 == " " })
    let isToken = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"()<>@,;\\\"/[]?={}".utf8.contains($0) }
    guard isToken, value.utf8.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }) else { return nil }
  }
}

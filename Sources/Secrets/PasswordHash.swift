public import Kernel

/// A password at rest: argon2id with salt and cost, in the PHC string format (`$argon2id$v=19$m=19456,t=2,p=1$salt$hash`).
public struct PasswordHash: Sendable, Hashable {
  /// What the column holds.
  public let text: String
  /// What it cost to make.
  public let cost: Argon2Cost

  /// Reads a stored hash. Refuses other algorithms, and costs that would stall the service.
  public init(_ text: String) throws(Rejection) {
    let fields = text.split(separator: "$", omittingEmptySubsequences: false)
    guard text.utf8.count <= 256, fields.count == 6, fields[0].isEmpty, fields[1] == "argon2id", fields[2] == "v=19", let cost = Argon2Cost(phc: fields[3]),
      fields[4].utf8.count >= 11, fields[5].utf8.count >= 22,
      fields[4].utf8.allSatisfy(Self.isBase64), fields[5].utf8.allSatisfy(Self.isBase64)
    else { throw Rejection("This is no argon2id hash in the PHC string format.") }
    self.text = text
    self.cost = cost
  }

  init(text: String, cost: Argon2Cost) {
    self.text = text
    self.cost = cost
  }

  init(salt: [UInt8], tag: [UInt8], cost: Argon2Cost) {
    self.init(text: "$argon2id$v=19$m=\(cost.memory),t=\(cost.passes),p=\(cost.lanes)$\(Self.base64(salt))$\(Self.base64(tag))", cost: cost)
  }

  /// Salt and tag.
  func parts() throws(Problem) -> (salt: [UInt8], tag: [UInt8]) {
    let fields = text.pieces(between: "$")
    guard fields.count == 6, let salt = Self.bytes(fields[4]), let tag = Self.bytes(fields[5]) else { throw Problem(.defect, "A stored password hash can't be read.") }
    return (salt, tag)
  }

  /// The format's alphabet is that of plain base 64, without padding.
  private static func base64(_ bytes: [UInt8]) -> String { Base64URL.encode(bytes).replacing("-", with: "+").replacing("_", with: "/") }
  private static func bytes(_ text: String) -> [UInt8]? { Base64URL.decode(text.replacing("+", with: "-").replacing("/", with: "_")) }

  private static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "/")...UInt8(ascii: "9"), UInt8(ascii: "+"): true
    default: false
    }
  }
}

extension PasswordHash: Redacted {}

/// How much work one argon2id hash is (RFC 9106 §3.1).
public struct Argon2Cost: Sendable, Hashable {
  /// In KiB; 8 × `lanes` at least, 1 GiB at most.
  public let memory: UInt32
  /// How often the memory is gone over, 1 to 16.
  public let passes: UInt32
  /// 1 to 16.
  public let lanes: UInt32

  /// `nil` outside of the bounds.
  public init?(memory: UInt32, passes: UInt32, lanes: UInt32 = 1) {
    guard (1...16).contains(passes), (1...16).contains(lanes), (8 * lanes...1 << 20).contains(memory) else { return nil }
    self.init(memory, passes, lanes)
  }

  private init(_ memory: UInt32, _ passes: UInt32, _ lanes: UInt32) {
    self.memory = memory
    self.passes = passes
    self.lanes = lanes
  }

  /// 19 MiB, 2 passes, 1 lane: the least that OWASP's password storage cheat sheet recommends, so that many can sign in at once.
  public static let standard = Argon2Cost(19_456, 2, 1)

  /// As cheap as argon2 can be, for tests and simulations.
  public static let lowest = Argon2Cost(8, 1, 1)

  /// `m=19456,t=2,p=1`
  init?(phc text: some StringProtocol) {
    let parts = text.split(separator: ",").map { $0.split(separator: "=", omittingEmptySubsequences: false) }
    guard parts.count == 3, parts.allSatisfy({ $0.count == 2 }), parts.map({ String($0[0]) }) == ["m", "t", "p"],
      let memory = UInt32(parts[0][1]), let passes = UInt32(parts[1][1]), let lanes = UInt32(parts[2][1])
    else { return nil }
    self.init(memory: memory, passes: passes, lanes: lanes)
  }
}

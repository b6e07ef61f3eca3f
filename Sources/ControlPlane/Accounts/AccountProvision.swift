import Contract
public import Kernel
public import Secrets

/// An account that an operator makes for somebody.
public struct AccountProvision: Sendable {
  /// The operator vouches that it is theirs; `nil` for who has none, and then has a password.
  public let address: EmailAddress?
  public let name: DisplayName
  /// `nil` to have one made.
  public let handle: Slug?
  /// `nil` where a mail with a link lets them choose their own.
  public let password: Password?
  public let isSuperUser: Bool

  /// Refuses with all faults at once.
  public init(email: String? = nil, name: String, handle: String? = nil, password: String? = nil, isSuperUser: Bool = false) throws(Problem) {
    var checker = FieldChecker()
    var (parsedAddress, parsedHandle, parsedPassword): (EmailAddress?, Slug?, Password?)
    if let email { parsedAddress = checker.check("email") { () throws(Rejection) in try EmailAddress(email) } }
    let parsedName = checker.check("name") { () throws(Rejection) in try DisplayName(name) }
    if let handle { parsedHandle = checker.check("handle") { () throws(Rejection) in try Slug(handle) } }
    if let password {
      let words = [parsedAddress?.text, parsedName?.text, parsedHandle?.text].compactMap { $0 }
      parsedPassword = checker.check("password") { () throws(Rejection) in try Password(chosen: password, unlike: words) }
    } else if email == nil {
      checker.reject("email", "Give an address, to which a link goes, or a password: otherwise nobody could sign in.")
    }
    try checker.finish()
    guard let parsedName else { throw Problem(.defect, "A checked field is missing.") }
    (address, self.name, self.handle, self.password, self.isSuperUser) = (parsedAddress, parsedName, parsedHandle, parsedPassword, isSuperUser)
  }

  /// Handles to try, in this order.
  func handles(_ noise: [UInt8]) -> [Slug] {
    handle.map { [$0] } ?? AccountDraft.handles(of: [name.text] + (address.map { [String($0.text.prefix { $0 != "@" })] } ?? []), noise)
  }
}

/// What an operator changes of somebody's account; `nil` leaves as is.
public struct AccountChange: Sendable {
  public var name: String?
  public var handle: String?
  /// In place of the primary address; the operator vouches for it.
  public var email: String?
  /// All sessions end, and the person is told by mail.
  public var password: String?
  public var isSuperUser: Bool?

  public init(name: String? = nil, handle: String? = nil, email: String? = nil, password: String? = nil, isSuperUser: Bool? = nil) {
    (self.name, self.handle, self.email, self.password, self.isSuperUser) = (name, handle, email, password, isSuperUser)
  }
}

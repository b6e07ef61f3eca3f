public import Kernel

extension API {
  /// People: signing up, the own account, and what operators do with the accounts of others.
  public enum Accounts {
    public static let create = Endpoint<Nothing, Nothing, Wire.SignUp, Wire.SignedIn>(
      "account.create", .post, "/accounts", access: .anyone, summary: "Create an account and sign in with it.", status: 201,
      refusals: [.signUpClosed, .invitationNeeded, .takenEmail, .takenName, .spentLink, .throttled])

    public static let read = Endpoint<Nothing, Nothing, Nothing, Wire.Account>(
      "account.read", .get, "/account", access: .account, summary: "Show the own account.")

    public static let update = Endpoint<Nothing, Nothing, Wire.AccountChanges, Wire.Account>(
      "account.update", .patch, "/account", access: .account, summary: "Change the own name or handle; the old handle leads on and stays reserved.",
      refusals: [.takenName, .stale, .throttled])

    public static let delete = Endpoint<Nothing, Nothing, Nothing, Nothing>(
      "account.delete", .delete, "/account", access: .account,
      summary: "Delete the own account: its sessions, tokens and memberships end, its addresses are freed; what it made stays under its name.", status: 204,
      refusals: [.onlyAdmin, .lastOperator])

    public static let list = Endpoint<Nothing, Wire.AccountSearch, Nothing, Wire.List<Wire.Account>>(
      "account.list", .get, "/accounts", access: .superUser, summary: "List the accounts of the installation, the newest first.")

    public static let show = Endpoint<Wire.AccountPath, Nothing, Nothing, Wire.Account>(
      "account.show", .get, "/accounts/{account}", access: .superUser, summary: "Show an account.")

    public static let provision = Endpoint<Nothing, Nothing, Wire.AccountProvision, Wire.Account>(
      "account.provision", .post, "/installation/accounts", access: .superUser,
      summary: "Make an account for somebody; without a password a mail lets them choose one.", status: 201, refusals: [.takenEmail, .takenName])

    public static let change = Endpoint<Wire.AccountPath, Nothing, Wire.AccountChange, Wire.Account>(
      "account.change", .patch, "/accounts/{account}", access: .superUser,
      summary: "Change somebody's name, handle, address or password, or whether they run the installation.",
      refusals: [.takenEmail, .takenName, .lastOperator, .deletedAccount, .stale])

    public static let remove = Endpoint<Wire.AccountPath, Nothing, Nothing, Nothing>(
      "account.remove", .delete, "/accounts/{account}", access: .superUser,
      summary: "End somebody's account for good, with its sessions, tokens and memberships; what it made stays under its name.", status: 204,
      refusals: [.staleSignIn, .onlyAdmin, .lastOperator, .deletedAccount])

    public static let deactivate = Endpoint<Wire.AccountPath, Nothing, Nothing, Wire.Account>(
      "account.deactivate", .put, "/accounts/{account}/deactivation", access: .superUser,
      summary: "Deactivate an account: its sessions and tokens end at once, its memberships rest.", refusals: [.onlyAdmin, .lastOperator, .deletedAccount])

    public static let reactivate = Endpoint<Wire.AccountPath, Nothing, Nothing, Wire.Account>(
      "account.reactivate", .delete, "/accounts/{account}/deactivation", access: .superUser, summary: "Let a deactivated account sign in again.",
      refusals: [.deletedAccount])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(create), AnyEndpoint(read), AnyEndpoint(update), AnyEndpoint(delete), AnyEndpoint(list), AnyEndpoint(show), AnyEndpoint(provision),
        AnyEndpoint(change), AnyEndpoint(remove), AnyEndpoint(deactivate), AnyEndpoint(reactivate),
      ]
    }
  }

  /// The addresses of the own account.
  public enum Emails {
    public static let list = Endpoint<Nothing, Nothing, Nothing, Wire.List<Wire.Email>>(
      "email.list", .get, "/account/emails", access: .account, summary: "List the own e-mail addresses, the primary one first.")

    public static let add = Endpoint<Nothing, Nothing, Wire.NewEmail, Wire.Email>(
      "email.add", .post, "/account/emails", access: .account, summary: "Add an address; a mail with a link to verify it goes there.", status: 201,
      refusals: [.takenEmail, .tooManyEmails, .throttled])

    public static let remind = Endpoint<Wire.EmailPath, Nothing, Nothing, Nothing>(
      "email.remind", .post, "/account/emails/{email}/verification-mails", access: .account, summary: "Send the mail that verifies an address again; the old link is dead.",
      status: 202, refusals: [.throttled])

    public static let verify = Endpoint<Nothing, Nothing, Wire.Secret, Wire.Email>(
      "email.verify", .put, "/email-verifications", access: .anyone, summary: "Verify an address with the token of its mail.", refusals: [.spentLink])

    public static let makePrimary = Endpoint<Wire.EmailPath, Nothing, Nothing, Wire.Email>(
      "email.make_primary", .put, "/account/emails/{email}/primary", access: .account, summary: "Make a verified address the primary one.", refusals: [.unverifiedEmail])

    public static let remove = Endpoint<Wire.EmailPath, Nothing, Nothing, Nothing>(
      "email.remove", .delete, "/account/emails/{email}", access: .account, summary: "Remove an address that isn't the primary one.", status: 204,
      refusals: [.primaryEmail])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(add), AnyEndpoint(remind), AnyEndpoint(verify), AnyEndpoint(makePrimary), AnyEndpoint(remove),
      ]
    }
  }

  /// Changing a password, with the present one or without.
  public enum Passwords {
    public static let change = Endpoint<Nothing, Nothing, Wire.PasswordChange, Nothing>(
      "password.change", .put, "/account/password", access: .account, summary: "Change the own password; all other sessions end.", status: 204, refusals: [.throttled])

    public static let requestReset = Endpoint<Nothing, Nothing, Wire.NewEmail, Nothing>(
      "password.request_reset", .post, "/password-resets", access: .anyone,
      summary: "Send a link that sets a new password, if an account has this address; the answer is the same if none has.", status: 202, refusals: [.throttled])

    public static let reset = Endpoint<Nothing, Nothing, Wire.PasswordReset, Nothing>(
      "password.reset", .put, "/password-resets", access: .anyone,
      summary: "Set a new password with the token of the mail; all sessions end. Tokens stay, unless the address wasn't verified before.", status: 204, refusals: [.spentLink])

    static var all: [AnyEndpoint] { [AnyEndpoint(change), AnyEndpoint(requestReset), AnyEndpoint(reset)] }
  }
}

extension Wire {
  /// A person.
  public struct Account: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Account>
    public var handle: String
    public var name: String
    /// The primary address.
    public var email: String?
    public var active: Bool
    /// Whether the person is an operator of the installation.
    public var superUser: Bool
    public var createdAt: Timestamp
    public var deletedAt: Timestamp?
    /// Where the picture is, as a path on the server.
    public var portrait: String?
    public var revision: Int

    public init(
      id: ID<Account>, handle: String, name: String, email: String?, active: Bool, superUser: Bool, createdAt: Timestamp, deletedAt: Timestamp?, portrait: String? = nil,
      revision: Int
    ) {
      self.id = id
      self.handle = handle
      self.name = name
      self.email = email
      self.active = active
      self.superUser = superUser
      self.createdAt = createdAt
      self.deletedAt = deletedAt
      self.portrait = portrait
      self.revision = revision
    }

    public var segment: String { id.description }
  }

  /// What a person says to get an account.
  public struct SignUp: Codable, Sendable, Hashable {
    public var email: Unchecked<EmailAddress>
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var handle: Unchecked<Slug>?
    public var password: Unchecked<PasswordText>
    /// The token of the link of an invitation.
    public var invitation: Unchecked<TokenText>?

    public init(email: String, name: String, handle: String? = nil, password: String, invitation: String? = nil) {
      self.email = .init(email)
      self.name = .init(name)
      self.handle = handle.map { .init($0) }
      self.password = .init(password)
      self.invitation = invitation.map { .init($0) }
    }
  }

  /// An account that an operator makes for somebody.
  public struct AccountProvision: Codable, Sendable, Hashable {
    /// The operator vouches that it is theirs.
    public var email: Unchecked<EmailAddress>?
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var handle: Unchecked<Slug>?
    /// When absent a mail with a link goes to the address, by which they choose one.
    public var password: Unchecked<PasswordText>?
    public var superUser: Bool?

    public init(email: String? = nil, name: String, handle: String? = nil, password: String? = nil, superUser: Bool? = nil) {
      self.email = email.map { .init($0) }
      self.name = .init(name)
      self.handle = handle.map { .init($0) }
      self.password = password.map { .init($0) }
      self.superUser = superUser
    }
  }

  /// What an operator changes of somebody's account; what is absent stays.
  public struct AccountChange: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var handle: Unchecked<Slug>?
    /// In place of the primary address; the operator vouches for it.
    public var email: Unchecked<EmailAddress>?
    /// All their sessions end.
    public var password: Unchecked<PasswordText>?
    public var superUser: Bool?

    public init(name: String? = nil, handle: String? = nil, email: String? = nil, password: String? = nil, superUser: Bool? = nil) {
      self.name = name.map { .init($0) }
      self.handle = handle.map { .init($0) }
      self.email = email.map { .init($0) }
      self.password = password.map { .init($0) }
      self.superUser = superUser
    }
  }

  /// What is to be changed; what is absent stays.
  public struct AccountChanges: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var handle: Unchecked<Slug>?

    public init(name: String? = nil, handle: String? = nil) {
      self.name = name.map { .init($0) }
      self.handle = handle.map { .init($0) }
    }
  }

  /// Which accounts an operator wants to see.
  public struct AccountSearch: Codable, Sendable, Hashable, PagedQuery {
    public var limit: Int?
    public var cursor: String?
    /// Part of a name, a handle or an address.
    public var search: String?
    public var state: AccountState?

    public init(limit: Int? = nil, cursor: String? = nil, search: String? = nil, state: AccountState? = nil) {
      self.limit = limit
      self.cursor = cursor
      self.search = search
      self.state = state
    }
  }

  public enum AccountState: String, SchemaLeaf, CaseIterable, Hashable { case active, deactivated, deleted }

  public struct AccountPath: Codable, Sendable, Hashable {
    public var account: ID<Account>

    public init(account: ID<Account>) { self.account = account }
  }

  /// An address of an account.
  public struct Email: Codable, Sendable, Hashable, Addressed {
    public var id: ID<Email>
    public var email: String
    public var primary: Bool
    /// Since when it is proven that its mail reaches the person.
    public var verifiedAt: Timestamp?

    public init(id: ID<Email>, email: String, primary: Bool, verifiedAt: Timestamp?) {
      self.id = id
      self.email = email
      self.primary = primary
      self.verifiedAt = verifiedAt
    }

    public var segment: String { id.description }
  }

  public struct EmailPath: Codable, Sendable, Hashable {
    public var email: ID<Email>

    public init(email: ID<Email>) { self.email = email }
  }

  /// An address that somebody claims to have.
  public struct NewEmail: Codable, Sendable, Hashable {
    public var email: Unchecked<EmailAddress>

    public init(email: String) { self.email = .init(email) }
  }

  /// A secret that came in a link or was shown once.
  public struct Secret: Codable, Sendable, Hashable {
    public var token: Unchecked<TokenText>

    public init(token: String) { self.token = .init(token) }
  }

  public struct PasswordChange: Codable, Sendable, Hashable {
    /// The present password.
    public var current: Unchecked<PasswordText>
    /// The new one.
    public var password: Unchecked<PasswordText>

    public init(current: String, password: String) {
      self.current = .init(current)
      self.password = .init(password)
    }
  }

  public struct PasswordReset: Codable, Sendable, Hashable {
    public var token: Unchecked<TokenText>
    /// The new password.
    public var password: Unchecked<PasswordText>

    public init(token: String, password: String) {
      self.token = .init(token)
      self.password = .init(password)
    }
  }
}

extension Problem.Code {
  public static let signUpClosed = Self("account.sign_up_closed", .forbidden, "Nobody can sign up here")
  public static let invitationNeeded = Self("account.invitation_needed", .forbidden, "Signing up takes an invitation")
  public static let deactivatedAccount = Self("account.deactivated", .forbidden, "The account is deactivated")
  public static let deletedAccount = Self("account.deleted", .gone, "The account was deleted")
  /// Organizations would be left without an admin; the detail names them.
  public static let onlyAdmin = Self("account.only_admin", .conflict, "The only admin of an organization")
  public static let lastOperator = Self("account.last_operator", .conflict, "The last operator of the installation")
  public static let takenEmail = Self("email.taken", .conflict, "The address belongs to another account")
  public static let primaryEmail = Self("email.primary", .conflict, "The primary address can't be removed")
  public static let unverifiedEmail = Self("email.unverified", .conflict, "The address isn't verified yet")
  public static let tooManyEmails = Self("email.too_many", .conflict, "Too many addresses")
}
